import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Travel, WheelAxis } from './wheel.ts';

/** Steps of events that come at intervals, in milliseconds. */
function steps(deltas: readonly number[], intervalMs: number, axis = new WheelAxis()): number[] {
  return deltas.map((delta, i) => axis.steps(delta, 0, 1000 + i * intervalMs));
}

test('a wheel notch is one step in the unit of every browser', () => {
  for (const [delta, mode] of [
    [53, 0],
    [100, 0],
    [120, 0],
    [3, 1],
    [1, 1],
    [1, 2],
  ] as const) {
    const axis = new WheelAxis();
    for (let notch = 0; notch < 10; notch++) {
      assert.equal(axis.steps(delta, mode, notch), 1, `${delta} in mode ${mode}`);
      assert.equal(axis.steps(-delta, mode, notch), -1);
    }
  }
});

test('each slow notch of a mouse on macOS, which reports 4 to 13 px, is one step', () => {
  assert.deepEqual(steps([4, 13, 7, -4, -9], 200), [1, 1, 1, -1, -1]);
});

test('small wheel deltas are a step at once, which their travel then has to make up for', () => {
  assert.deepEqual(steps(Array(12).fill(10), 16), [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
});

test('a touchpad and its inertia scroll no faster than they travel', () => {
  const swipe = [1, 3, 8, 20, 34, 41, 38, 30, 24, 19, 15, 12, 9, 7, 5, 4, 3, 2, 1, 1];
  const total = swipe.reduce((sum, delta) => sum + delta, 0);
  const made = steps(swipe, 16).reduce((sum, step) => sum + step, 0);
  assert.ok(made <= Math.ceil(total / 40) && made >= Math.floor(total / 40), `${made} steps for ${total} px`);
});

test('fingers that only touch a touchpad do not scroll', () => {
  assert.deepEqual(steps([1, -1, 2, 1, 3], 200), [0, 0, 0, 0, 0]);
});

test('small wheel deltas start anew when the direction changes', () => {
  assert.deepEqual(steps([10, -10, -10, -10, -10], 16), [1, 0, 0, 0, -1]);
});

test('a fast spin of the wheel makes many steps, up to a limit', () => {
  assert.equal(new WheelAxis().steps(330, 0, 0), 3);
  assert.equal(new WheelAxis().steps(1e6, 0, 0), 10);
  assert.equal(new WheelAxis().steps(-1e6, 1, 0), -10);
  assert.equal(new WheelAxis().steps(0, 0, 0), 0);
});

test('fingers on a screen make one step for each 40 px, and no step ahead', () => {
  const travel = new Travel();
  assert.deepEqual(
    [39, 1, 80, -39, -1].map((px) => travel.steps(px)),
    [0, 1, 2, 0, -1],
  );
  assert.equal(travel.steps(1e6), 10);
});

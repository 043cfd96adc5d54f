import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WheelAxis } from './wheel.ts';

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
      assert.equal(axis.steps(delta, mode), 1, `${delta} in mode ${mode}`);
      assert.equal(axis.steps(-delta, mode), -1);
    }
  }
});

test('small wheel deltas add up, and start anew when the direction changes', () => {
  const axis = new WheelAxis();
  const down = Array.from({ length: 10 }, () => axis.steps(10, 0));
  assert.deepEqual(down, [0, 0, 0, 1, 0, 0, 0, 1, 0, 0]);
  const up = Array.from({ length: 4 }, () => axis.steps(-10, 0));
  assert.deepEqual(up, [0, 0, 0, -1]);
});

test('a fast spin of the wheel makes many steps, up to a limit', () => {
  assert.equal(new WheelAxis().steps(330, 0), 3);
  assert.equal(new WheelAxis().steps(1e6, 0), 10);
  assert.equal(new WheelAxis().steps(-1e6, 1), -10);
  assert.equal(new WheelAxis().steps(0, 0), 0);
});

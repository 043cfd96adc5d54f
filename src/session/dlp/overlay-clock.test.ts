import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OverlayClock } from './overlay-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the clock calls at the beginning of each minute while it runs', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 59_000 });
  let calls = 0;
  const clock = new OverlayClock(60_000, async () => {
    calls++;
  });
  t.mock.timers.tick(60_000);
  assert.equal(calls, 0, 'it does not run yet');
  clock.run(true);
  clock.run(true);
  t.mock.timers.tick(999);
  assert.equal(calls, 0);
  for (const minutes of [1, 2]) {
    t.mock.timers.tick(minutes === 1 ? 1 : 60_000);
    assert.equal(calls, minutes);
    await turn();
  }
  clock.run(false);
  t.mock.timers.tick(120_000);
  assert.equal(calls, 2);
});

test('the clock does not call again while a call takes longer than its period, nor twice after a restart', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 0 });
  const calls: (() => void)[] = [];
  const clock = new OverlayClock(1000, () => new Promise((resolve) => calls.push(resolve)));
  clock.run(true);
  t.mock.timers.tick(1000);
  t.mock.timers.tick(5000);
  assert.equal(calls.length, 1);
  clock.run(false);
  clock.run(true);
  t.mock.timers.tick(5000);
  assert.equal(calls.length, 1);
  calls[0]!();
  await turn();
  // What is due by then comes at once.
  t.mock.timers.tick(1);
  assert.equal(calls.length, 2);
  clock.run(false);
  calls[1]!();
  await turn();
  t.mock.timers.tick(5000);
  assert.equal(calls.length, 2);
});

test('a minute that begins while a call is under way is shown at once', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 59_000 });
  const calls: number[] = [];
  let finish = (): void => undefined;
  const clock = new OverlayClock(60_000, () => {
    calls.push(Date.now());
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  clock.run(true);
  // The timer may fire a moment early by the system's clock.
  t.mock.timers.setTime(59_500);
  t.mock.timers.tick(499);
  t.mock.timers.tick(501);
  assert.equal(calls.length, 1);
  t.mock.timers.setTime(120_500);
  finish();
  await turn();
  t.mock.timers.tick(1);
  assert.equal(calls.length, 2);
  clock.run(false);
});

test('a clock without a period never calls', (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 0 });
  const clock = new OverlayClock(undefined, () => assert.fail());
  clock.run(true);
  t.mock.timers.tick(1e6);
  clock.run(false);
});

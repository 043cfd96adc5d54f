import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Poll } from './poll.ts';

const INTERVAL_MS = 1000;

/** A page that can be hidden, and a task that ends when it is told to. */
function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(performance, 'now', () => 0);
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const runs: { readonly signal: AbortSignal; end(): void }[] = [];
  const poll = new Poll(
    (signal) => new Promise((resolve) => runs.push({ signal, end: resolve })),
    INTERVAL_MS,
    page,
  );
  const show = (state: 'visible' | 'hidden'): void => {
    page.visibilityState = state;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  /** Ends the last run, and lets the time of an interval pass. */
  const step = async (): Promise<void> => {
    runs.at(-1)?.end();
    await new Promise(setImmediate);
    t.mock.timers.tick(INTERVAL_MS);
  };
  return { poll, runs, show, step };
}

test('a poll runs again when the interval is over and the last run has ended, and no more after it is stopped', async (t) => {
  const { poll, runs, step } = setUp(t);
  poll.start();
  assert.equal(runs.length, 1);
  t.mock.timers.tick(5 * INTERVAL_MS);
  assert.equal(runs.length, 1, 'the first run has not ended');
  await step();
  assert.equal(runs.length, 2);
  poll.stop();
  assert.ok(runs[1]!.signal.aborted);
  await step();
  assert.equal(runs.length, 2);
});

test('a poll of a hidden page breaks off and begins at once when the page is shown again', async (t) => {
  const { poll, runs, show, step } = setUp(t);
  poll.start();
  show('hidden');
  assert.ok(runs[0]!.signal.aborted);
  await step();
  assert.equal(runs.length, 1);
  show('visible');
  assert.equal(runs.length, 2);
  poll.stop();
  show('hidden');
  show('visible');
  assert.equal(runs.length, 2, 'it was stopped');
});

test('a poll that is hurried runs at once, and only if it was started', (t) => {
  const { poll, runs } = setUp(t);
  poll.hurry();
  assert.equal(runs.length, 0);
  poll.start();
  poll.hurry();
  assert.equal(runs.length, 2);
  assert.ok(runs[0]!.signal.aborted);
  assert.ok(!runs[1]!.signal.aborted);
  poll.stop();
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANSWER_INTERVAL_MS, LimitedAnswers } from './limited-answers.ts';

/** A limit with a clock of its own, and the times at which questions of each kind were answered. */
function create() {
  let nowMs = 0;
  const timers = new Map<() => void, number>();
  const answered: [kind: string, atMs: number][] = [];
  const limit = new LimitedAnswers({
    now: () => nowMs,
    after: (ms, callback) => {
      timers.set(callback, nowMs + ms);
      return () => timers.delete(callback);
    },
  });
  const advance = (toMs: number): void => {
    nowMs = toMs;
    for (const [callback, atMs] of timers) {
      if (atMs > nowMs) continue;
      timers.delete(callback);
      callback();
    }
  };
  const ask = (kind: string): void => limit.ask(kind, () => answered.push([kind, nowMs]));
  return { limit, ask, advance, answered, timers };
}

test('the first question is answered at once, each kind for itself', () => {
  const { ask, answered } = create();
  ask('a');
  ask('b');
  assert.deepEqual(answered, [
    ['a', 0],
    ['b', 0],
  ]);
});

test('ten thousand questions in a second have four answers a second, the last of them after the last question', () => {
  const { ask, advance, answered } = create();
  for (let i = 0; i < 10_000; i++) {
    advance(i / 10);
    ask('a');
  }
  advance(1000);
  assert.deepEqual(
    answered.map(([, atMs]) => Math.round(atMs)),
    [0, 250, 500, 750, 1000],
  );
});

test('a question after the interval is answered at once', () => {
  const { ask, advance, answered } = create();
  ask('a');
  advance(ANSWER_INTERVAL_MS);
  ask('a');
  assert.equal(answered.length, 2);
});

test('no timer is left after the close', () => {
  const { limit, ask, advance, answered, timers } = create();
  ask('a');
  ask('a');
  limit.close();
  assert.equal(timers.size, 0);
  advance(10_000);
  assert.equal(answered.length, 1);
});

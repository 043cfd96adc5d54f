import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONGEST_PAUSE_MS, MOST_ATTEMPTS, nextAttempt } from './next-attempt.ts';

test('an answer of 2xx is a delivery, and 3xx and most of 4xx are given up at once', () => {
  for (const [status, kind] of [
    [200, 'delivered'],
    [204, 'delivered'],
    [301, 'given up'],
    [307, 'given up'],
    [400, 'given up'],
    [404, 'given up'],
    [410, 'given up'],
    [408, 'again'],
    [429, 'again'],
    [500, 'again'],
    [503, 'again'],
    [undefined, 'again'],
  ] as const)
    assert.equal(nextAttempt({ status, attempts: 1 }, 0).kind, kind, String(status));
});

test('pauses double up to the longest one, and are spread by up to one half', () => {
  const pauses = (chance: number): number[] =>
    Array.from({ length: MOST_ATTEMPTS - 1 }, (_, at) => {
      const next = nextAttempt({ status: 500, attempts: at + 1 }, chance);
      return next.kind === 'again' ? next.afterMs : Number.NaN;
    });
  assert.deepEqual(pauses(1).slice(0, 4), [1000, 2000, 4000, 8000]);
  assert.deepEqual(pauses(0).slice(0, 4), [500, 1000, 2000, 4000]);
  assert.equal(Math.max(...pauses(1)), LONGEST_PAUSE_MS);
  assert.equal(nextAttempt({ status: 500, attempts: MOST_ATTEMPTS }, 1).kind, 'given up');
});

test('a pause that the receiver asks for is kept, up to the longest one', () => {
  const asked = (retryAfterS: number) => nextAttempt({ status: 429, retryAfterS, attempts: 1 }, 1);
  assert.deepEqual(asked(30), { kind: 'again', afterMs: 30_000 });
  assert.deepEqual(asked(1e9), { kind: 'again', afterMs: LONGEST_PAUSE_MS });
});

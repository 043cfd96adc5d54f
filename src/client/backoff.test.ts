import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffDelayMs } from './backoff.ts';

test('the reconnect delay doubles from half a second up to ten seconds', () => {
  const delays = Array.from({ length: 7 }, (_, attempt) => backoffDelayMs(attempt, 0));
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.equal(backoffDelayMs(5000, 0), 10_000);
});

test('jitter shortens a reconnect delay by a quarter at most', () => {
  assert.equal(backoffDelayMs(0, 1), 375);
  assert.equal(backoffDelayMs(9, 0.5), 8750);
});

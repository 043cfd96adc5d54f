import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffDelayMs, promisedDelayMs } from './backoff.ts';

test('the reconnect delay doubles from half a second up to ten seconds', () => {
  const delays = Array.from({ length: 7 }, (_, attempt) => backoffDelayMs(attempt, 0));
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.equal(backoffDelayMs(5000, 0), 10_000);
});

test('jitter shortens a reconnect delay by a quarter at most', () => {
  assert.equal(backoffDelayMs(0, 1), 375);
  assert.equal(backoffDelayMs(9, 0.5), 8750);
});

test('a retry that the server has named a time for comes then, within the limits of all retries', () => {
  assert.equal(promisedDelayMs(3, 0), 3000);
  assert.equal(promisedDelayMs(3, 1), 2250);
  assert.equal(promisedDelayMs(0, 0), 500);
  assert.equal(promisedDelayMs(3600, 0), 10_000);
});

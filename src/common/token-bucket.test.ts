import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from './token-bucket.ts';

const RATE = { perSecond: 100, burst: 50 };

for (const [name, takes] of [
  [
    'a token bucket grants a burst at once, and nothing beyond it',
    [
      [0, 30, true],
      [0, 20, true],
      [0, 1, false],
    ],
  ],
  [
    'a token bucket is refilled at its rate',
    [
      [0, 50, true],
      [10, 2, false],
      [20, 2, true],
      [20, 1, false],
    ],
  ],
  [
    'a token bucket holds at most one burst after a pause',
    [
      [0, 50, true],
      [60_000, 51, false],
      [60_000, 50, true],
    ],
  ],
  [
    'a refusal takes no tokens from a token bucket',
    [
      [0, 40, true],
      [0, 20, false],
      [0, 10, true],
    ],
  ],
] as const) {
  test(name, () => {
    const bucket = new TokenBucket(RATE, 0);
    for (const [atMs, events, isGranted] of takes) assert.equal(bucket.take(events, atMs), isGranted);
  });
}

test('a token bucket says how long its caller has to wait', () => {
  const bucket = new TokenBucket(RATE, 0);
  assert.equal(bucket.waitMs(50, 0), 0);
  bucket.take(50, 0);
  assert.equal(bucket.waitMs(1, 0), 10);
  assert.equal(bucket.waitMs(2, 15), 5);
  assert.equal(bucket.take(2, 20), true);
});

test('a taker with a reserve leaves it in the token bucket for takers without one', () => {
  const bucket = new TokenBucket(RATE, 0);
  assert.equal(bucket.take(31, 0, 20), false);
  assert.equal(bucket.take(30, 0, 20), true);
  assert.equal(bucket.take(1, 0, 20), false);
  assert.equal(bucket.waitMs(1, 0, 20), 10);
  assert.equal(bucket.take(20, 0), true);
  assert.equal(bucket.take(1, 210, 20), true);
});

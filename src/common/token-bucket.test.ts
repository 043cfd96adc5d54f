import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from './token-bucket.ts';

const RATE = { perSecond: 100, burst: 50 };

for (const [name, takes] of [
  [
    'a burst is granted at once, and nothing beyond it',
    [
      [0, 30, true],
      [0, 20, true],
      [0, 1, false],
    ],
  ],
  [
    'time gives back the rate',
    [
      [0, 50, true],
      [10, 2, false],
      [20, 2, true],
      [20, 1, false],
    ],
  ],
  [
    'a pause gives back a burst and no more',
    [
      [0, 50, true],
      [60_000, 51, false],
      [60_000, 50, true],
    ],
  ],
  [
    'a refusal costs nothing',
    [
      [0, 40, true],
      [0, 20, false],
      [0, 10, true],
    ],
  ],
] as const) {
  test(`of an input budget, ${name}`, () => {
    const budget = new TokenBucket(RATE, 0);
    for (const [atMs, events, isGranted] of takes) assert.equal(budget.take(events, atMs), isGranted);
  });
}

test('an input budget says how long its caller has to wait', () => {
  const budget = new TokenBucket(RATE, 0);
  assert.equal(budget.waitMs(50, 0), 0);
  budget.take(50, 0);
  assert.equal(budget.waitMs(1, 0), 10);
  assert.equal(budget.waitMs(2, 15), 5);
  assert.equal(budget.take(2, 20), true);
});

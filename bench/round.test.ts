import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roundNumbers } from './round.ts';
import { median, percentile } from './statistics.ts';

test('percentiles are values that occurred', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(percentile(values, 0.5), 50);
  assert.equal(percentile(values, 0.99), 99);
  assert.equal(percentile(values, 1), 100);
  assert.equal(percentile([7], 0.01), 7);
  assert.equal(percentile([], 0.5), undefined);
});

test('the median of an even count lies between the two middle values', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([]), undefined);
});

test('a round counts only frames within it', () => {
  const numbers = roundNumbers({
    startMs: 1000,
    endMs: 2000,
    painted: [
      [1, 990],
      [2, 1000],
      [3, 1500],
      [4, 1990],
      [5, 2100],
    ],
    viewer: {
      seen: [
        [1, 1005],
        [2, 1020],
        [4, 2030],
        [5, 2110],
        [99, 1500],
      ],
      updates: [
        [999, 5],
        [1005, 100],
        [1020, 300],
        [2030, 7],
      ],
      torn: [500, 1500],
    },
    cpuSeconds: 0.1,
    memoryBytes: 2 ** 21,
    othersSeconds: 0.25,
    quality: { ssim: 0.9, chromaDb: 40, exactPercent: 25 },
    exactAtMs: 2400,
  });
  assert.deepEqual(numbers, {
    fps: 2,
    p50Ms: 20,
    p99Ms: 40,
    bytesPerFrame: 200,
    bytes: 400,
    cpuMsPerFrame: 50,
    cpuPercent: 10,
    memoryMiB: 2,
    painted: 3,
    lost: 1,
    torn: 1,
    ssim: 0.9,
    chromaDb: 40,
    exactPercent: 25,
    exactAfterMs: 300,
    othersPercent: 25,
  });
});

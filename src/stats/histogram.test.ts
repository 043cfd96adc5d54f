import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from './histogram.ts';

test('a histogram counts observations up to each bound, those on a bound too, and sums all of them', () => {
  const histogram = new Histogram([1, 2, 4]);
  for (const value of [0, 1, 1.5, 2, 3, 5, 100]) histogram.add(value);
  assert.deepEqual(histogram.cumulative(), [2, 4, 5]);
  assert.equal(histogram.count, 7);
  assert.equal(histogram.sum, 112.5);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webpQualityOf } from './webp-quality.ts';

test('every JPEG quality has a WebP quality, which rises with it', () => {
  const qualities = Array.from({ length: 100 }, (_, i) => webpQualityOf(i + 1));
  assert.ok(qualities.every((quality) => Number.isInteger(quality) && quality >= 0 && quality <= 100));
  assert.deepEqual(
    qualities.toSorted((a, b) => a - b),
    qualities,
  );
  assert.equal(webpQualityOf(77), 71);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpolate } from './interpolate.ts';

const CURVE = [
  [0, 10],
  [4, 18],
  [6, 0],
] as const;

test('interpolation is exact at the points, linear between them, and continues the outer lines', () => {
  const values = [-1, 0, 1, 4, 5, 6, 7].map((x) => interpolate(CURVE, x));
  assert.deepEqual(values, [8, 10, 12, 18, 9, 0, -9]);
});

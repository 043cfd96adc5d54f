import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_RECTS, rectCounts } from './rect-counts.ts';

test('each count fits into 16 bits and is not the one that asks for a LastRect', () => {
  for (const [total, counts] of [
    [0, [0]],
    [1, [1]],
    [65_534, [65_534]],
    [65_535, [65_534, 1]],
    [65_536, [65_534, 2]],
    [200_000, [65_534, 65_534, 65_534, 3398]],
  ] as const) {
    assert.deepEqual(rectCounts(total), counts, String(total));
  }
  assert.ok(MOST_RECTS < 0xffff);
});

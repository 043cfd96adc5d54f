import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unusedSpans } from './unused-pixels.ts';

const LAYOUT = { pixelsAt: 1000, strideBytes: 400, height: 50 };

for (const [name, size, spans] of [
  ['of the largest size has no unused pixels', { width: 100, height: 50 }, []],
  [
    'that is lower has unused pixels below its last row',
    { width: 100, height: 30 },
    [[1000 + 30 * 400, 20 * 400]],
  ],
  [
    'that is narrower has unused pixels to the right of each row',
    { width: 60, height: 50 },
    Array.from({ length: 50 }, (_, y) => [1000 + y * 400 + 240, 160]),
  ],
  [
    'that is smaller both ways has unused pixels to the right and below',
    { width: 99, height: 1 },
    [
      [1000 + 396, 4],
      [1400, 49 * 400],
    ],
  ],
] as const) {
  test(`a desktop ${name}`, () => {
    assert.deepEqual(
      unusedSpans(LAYOUT, size).map(({ at, length }) => [at, length]),
      spans,
    );
  });
}

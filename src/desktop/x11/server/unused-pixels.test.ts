import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unusedSpans } from './unused-pixels.ts';

/** Two and a half pages to a row, and the header in a page of its own. */
const LAYOUT = { pixelsAt: 4096, strideBytes: 10_240, height: 50 };

for (const [name, size, spans] of [
  ['of the largest size has no unused pages', { width: 2560, height: 50 }, []],
  [
    'that is lower has unused pages below its last row',
    { width: 2560, height: 30 },
    [
      [4096 + 30 * 10_240, 65_536],
      [4096 + 30 * 10_240 + 65_536, 65_536],
      [4096 + 30 * 10_240 + 131_072, 65_536],
      [4096 + 30 * 10_240 + 196_608, 8192],
    ],
  ],
  [
    'that is narrower has unused pages to the right of those rows whose rest holds a whole page',
    { width: 1280, height: 50 },
    // Rows with an even number begin at the beginning of a page, the others in the middle of one.
    Array.from({ length: 25 }, (_, i) => [4096 + (2 * i + 1) * 10_240 + 6144, 4096]),
  ],
  ['that is narrower by less than a page has no unused pages', { width: 1537, height: 50 }, []],
  [
    'that is smaller both ways has unused pages to the right and below',
    { width: 100, height: 2 },
    [
      [4096 + 4096, 4096],
      [4096 + 12_288, 8192],
      ...Array.from({ length: 7 }, (_, i) => [4096 + 20_480 + i * 65_536, 65_536]),
      [4096 + 20_480 + 7 * 65_536, 48 * 10_240 - 7 * 65_536],
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

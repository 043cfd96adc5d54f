import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMaxSize, clampSize } from './size-limits.ts';

const MAX = { width: 1920, height: 1080 };

test('a desktop is at least 64 × 64 and at most its largest size', () => {
  for (const [size, clamped] of [
    [
      [1, 1],
      [64, 64],
    ],
    [
      [0, -5],
      [64, 64],
    ],
    [
      [63.4, 64.4],
      [64, 64],
    ],
    [
      [1000.6, 700],
      [1001, 700],
    ],
    [
      [100_000, 1],
      [1920, 64],
    ],
    [
      [Number.NaN, Number.POSITIVE_INFINITY],
      [1920, 1080],
    ],
  ] as const) {
    const [width, height] = size;
    assert.deepEqual(clampSize({ width, height }, MAX), { width: clamped[0], height: clamped[1] }, `${size}`);
  }
});

test('a desktop whose largest size is below 64 × 64 has that size', () => {
  assert.deepEqual(clampSize({ width: 1, height: 1 }, { width: 10, height: 200 }), { width: 10, height: 64 });
});

test('a largest size beyond what X or WebAssembly can hold is refused', () => {
  checkMaxSize({ width: 32_767, height: 15_000 });
  for (const size of [
    { width: 32_768, height: 64 },
    { width: 32_000, height: 30_000 },
  ]) {
    assert.throws(() => checkMaxSize(size), { code: 'DESKTOP_TOO_LARGE' });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showsExactly } from './exact-picture.ts';

const SCREEN = { width: 2, height: 1, pixels: Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 0) };

test('pictures that differ only in the unused byte are the same', () => {
  assert.ok(showsExactly(Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 9), SCREEN));
  for (const byte of [0, 1, 2, 4, 5, 6]) {
    const other = SCREEN.pixels.slice();
    other[byte]! ^= 1;
    assert.ok(!showsExactly(other, SCREEN), `byte ${byte}`);
  }
});

test('pictures of different sizes are not the same', () => {
  assert.ok(!showsExactly(SCREEN.pixels.slice(0, 4), SCREEN));
});

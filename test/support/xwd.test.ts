import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseXwd } from './xwd.ts';

/** A dump of 3×2 pixels whose rows are 16 bytes, with two colours in its table. */
function dump(changes: Record<number, number> = {}): Buffer {
  const words = new Array(25).fill(0);
  Object.assign(words, { 0: 108, 1: 7, 4: 3, 5: 2, 7: 0, 11: 32, 12: 16, 19: 2 }, changes);
  const header = Buffer.alloc(108);
  for (const [index, word] of words.entries()) header.writeUInt32BE(word, index * 4);
  const rows = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
  return Buffer.concat([header, Buffer.alloc(24, 0xee), rows]);
}

test('a window dump is read row by row, without its padding', () => {
  const { width, height, pixels } = parseXwd(dump());
  assert.deepEqual({ width, height }, { width: 3, height: 2 });
  assert.deepEqual(
    [...pixels],
    [...Array.from({ length: 12 }, (_, i) => i), ...Array.from({ length: 12 }, (_, i) => 16 + i)],
  );
});

test('a truncated dump and a dump of another kind are refused', () => {
  assert.throws(() => parseXwd(dump().subarray(0, 50)), /cut off/);
  assert.throws(() => parseXwd(dump().subarray(0, -1)), /cut off/);
  assert.throws(() => parseXwd(dump({ 11: 16 })), /32 bits/);
  assert.throws(() => parseXwd(dump({ 1: 6 })), /version/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TIGHT_MAX_PALETTE } from '../../protocol/tight.ts';
import { indexColours, packBits } from './palette.ts';

/** Finds the colours by searching a list. */
function naive(pixels: readonly number[]): { colours: number[]; indices: number[] } | undefined {
  const colours: number[] = [];
  const indices = pixels.map((pixel) => {
    const colour = pixel & 0xffffff;
    if (!colours.includes(colour)) colours.push(colour);
    return colours.indexOf(colour);
  });
  return colours.length > TIGHT_MAX_PALETTE ? undefined : { colours, indices };
}

/** Pictures of up to 300 colours, whose hashes may collide, with any value in the fourth byte. */
const anyPicture = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 30 }),
    gap: fc.nat(5),
    colours: fc.array(fc.nat(0xffffff), { minLength: 1, maxLength: 300 }),
    seed: fc.nat(),
  })
  .map(({ width, height, gap, colours, seed }) => {
    const stridePx = width + gap;
    const words = Uint32Array.from({ length: stridePx * height }, (_, i) => {
      const n = Math.imul(i + seed, 0x9e3779b1) >>> 0;
      return ((n & 0xff000000) | colours[n % colours.length]!) >>> 0;
    });
    return { width, height, stridePx, words };
  });

test('the palette of a picture has the colours and indices that a plain search finds', () => {
  fc.assert(
    fc.property(anyPicture, ({ width, height, stridePx, words }) => {
      const pixels = Array.from({ length: width * height }, (_, i) =>
        Number(words[Math.floor(i / width) * stridePx + (i % width)]),
      );
      const found = indexColours(words, width, height, stridePx);
      const expected = naive(pixels);
      assert.deepEqual(found && { colours: [...found.colours], indices: [...found.indices] }, expected);
    }),
    { numRuns: 300 },
  );
});

test('a palette holds 256 colours and not one more', () => {
  const words = Uint32Array.from({ length: 257 }, (_, i) => i * 1024);
  const found = indexColours(words, 256, 1, 256);
  assert.deepEqual(found?.colours, words.slice(0, 256));
  assert.equal(found?.indices[255], 255);
  assert.equal(indexColours(words, 257, 1, 257), undefined);
});

test('packed pixels of two colours start in the highest bit, and each row in a new byte', () => {
  const indices = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0]);
  assert.deepEqual(packBits(indices, 9, 2), Uint8Array.of(0b10000001, 0b10000000, 0b01111111, 0));
});

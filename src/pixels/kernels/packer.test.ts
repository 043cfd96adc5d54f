import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createSharedFrame, MOST_PACKERS, PACKED_MOST_PX } from '../shared-frame.ts';
import { createPacker, type PackedPalette } from './packer.ts';

const module = new WebAssembly.Module(readFileSync(new URL('packing.wasm', import.meta.url)));

const SIZE = { width: 100, height: 80 };
const frame = createSharedFrame(SIZE);
const LANE = 3;
const packer = createPacker(module, frame, LANE);

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly stridePx: number;
  readonly words: Uint32Array;
}

/** Copies pixels into the shown picture, at which they begin `offsetPx` pixels behind the start. */
function shown({ width, height, stridePx, words }: Pixels, offsetPx = 0) {
  const at = frame.shownAt + offsetPx * 4;
  new Uint32Array(frame.memory.buffer, at, words.length).set(words);
  return { width, height, stridePx, bytes: new Uint8Array(frame.memory.buffer, at, words.byteLength) };
}

const elsewhere = ({ words, ...rest }: Pixels) => ({ ...rest, bytes: new Uint8Array(words.buffer) });

const coloursOf = ({ width, height, stridePx, words }: Pixels): number[] =>
  Array.from(
    { length: width * height },
    (_, i) => words[Math.floor(i / width) * stridePx + (i % width)]! & 0xffffff,
  );

/** Unpacks indices pixel by pixel, and looks their colours up. */
function unpack({ colours, packing, data }: PackedPalette, { width, height }: Pixels): number[] {
  const bits = { bits: 1, nibbles: 4, bytes: 8 }[packing];
  const rowBytes = Math.ceil((width * bits) / 8);
  assert.equal(data.length, rowBytes * height);
  return Array.from({ length: width * height }, (_, i) => {
    const bit = (i % width) * bits;
    const byte = data[Math.floor(i / width) * rowBytes + (bit >> 3)]!;
    return colours[(byte >> (8 - bits - (bit & 7))) & ((1 << bits) - 1)]!;
  });
}

/** Pictures of up to 300 colours, whose hashes may collide, in runs, with any value in the fourth byte. */
const anyPicture = fc
  .record({
    width: fc.integer({ min: 1, max: 75 }),
    height: fc.integer({ min: 1, max: 30 }),
    gap: fc.nat(5),
    colours: fc.oneof(
      fc.array(fc.nat(0xffffff), { minLength: 1, maxLength: 18 }),
      fc.array(fc.nat(0xffffff), { minLength: 200, maxLength: 300 }),
    ),
    longestRun: fc.integer({ min: 1, max: 70 }),
    seed: fc.nat(),
  })
  .map(({ width, height, gap, colours, longestRun, seed }): Pixels => {
    const stridePx = width + gap;
    const words = new Uint32Array(stridePx * height);
    let n = seed;
    for (let at = 0; at < words.length; ) {
      n = (Math.imul(n, 1_103_515_245) + 12_345) >>> 0;
      const colour = colours[(n >>> 8) % colours.length]!;
      for (let left = 1 + ((n >>> 16) % longestRun); left > 0 && at < words.length; left--, at++)
        words[at] = ((Math.imul(at, 0x9e3779b1) & 0xff000000) | colour) >>> 0;
    }
    return { width, height, stridePx, words };
  });

for (const [place, put] of [
  ['in the shared frame', (pixels: Pixels) => shown(pixels, 7)],
  ['elsewhere', elsewhere],
] as const) {
  suite(`pixels ${place}`, () => {
    test(`the palette of pixels ${place} has their colours in order, and the packed indices lead to them`, () => {
      fc.assert(
        fc.property(anyPicture, fc.boolean(), (pixels, nibbles) => {
          const expected = coloursOf(pixels);
          const colours = [...new Set(expected)];
          const found = packer.palette(put(pixels), nibbles);
          if (colours.length > 256) return assert.equal(found, undefined);
          assert.ok(found);
          assert.deepEqual([...found.colours], colours);
          const small = nibbles && colours.length <= 16 ? 'nibbles' : 'bytes';
          assert.equal(found.packing, colours.length <= 2 ? 'bits' : small);
          assert.deepEqual(unpack(found, pixels), expected);
        }),
        { numRuns: 300 },
      );
    });

    test(`pixels ${place} are packed to red, green and blue, also after a search for too many colours`, () => {
      fc.assert(
        fc.property(anyPicture, (pixels) => {
          const source = put(pixels);
          packer.palette(source, false);
          const expected = coloursOf(pixels).flatMap((colour) => [
            colour >> 16,
            (colour >> 8) & 255,
            colour & 255,
          ]);
          assert.deepEqual([...packer.rgb(source)], expected);
        }),
        { numRuns: 200 },
      );
    });
  });
}

test('a palette holds 256 colours and not one more', () => {
  const words = Uint32Array.from({ length: 257 }, (_, i) => i * 1024);
  const found = packer.palette(elsewhere({ width: 256, height: 1, stridePx: 256, words }), false);
  assert.deepEqual(found?.colours.slice(), words.slice(0, 256));
  assert.equal(found?.data[255], 255);
  assert.equal(packer.palette(elsewhere({ width: 257, height: 1, stridePx: 257, words }), false), undefined);
});

test('packed pixels of two colours start in the highest bit, and each row in a new byte', () => {
  const words = Uint32Array.from([0, 7, 7, 7, 7, 7, 7, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 7]);
  const found = packer.palette(elsewhere({ width: 9, height: 2, stridePx: 9, words }), false);
  assert.deepEqual(found?.data.slice(), Uint8Array.of(0b01111110, 0b00000000, 0b10000000, 0b10000000));
});

test('the packer writes only its own scratch, with the most pixels that it takes', () => {
  const width = 1024;
  const height = PACKED_MOST_PX / width;
  const words = Uint32Array.from({ length: PACKED_MOST_PX }, (_, i) => i);
  const start = frame.packersAt + LANE * frame.packerBytes;
  const memory = new Uint8Array(frame.memory.buffer);
  const before = memory.slice();
  packer.palette(elsewhere({ width, height, stridePx: width, words }), true);
  packer.rgb(elsewhere({ width, height, stridePx: width, words }));
  packer.palette(elsewhere({ width, height, stridePx: width, words: words.map((i) => i & 255) }), true);
  const same = (from: number, to: number): boolean =>
    Buffer.compare(before.subarray(from, to), memory.slice(from, to)) === 0;
  assert.ok(same(0, start));
  assert.ok(same(start + frame.packerBytes, memory.length));
});

test('the packer refuses pictures without pixels, with too many and with missing ones', () => {
  const words = new Uint32Array(PACKED_MOST_PX + 1);
  const wrong: Pixels[] = [
    { width: PACKED_MOST_PX + 1, height: 1, stridePx: PACKED_MOST_PX + 1, words },
    { width: 0, height: 1, stridePx: 1, words },
    { width: 5, height: 0, stridePx: 5, words },
    { width: 5, height: 2, stridePx: 5, words: new Uint32Array(9) },
  ];
  for (const pixels of wrong) {
    assert.throws(() => packer.palette(elsewhere(pixels), false), RangeError);
    assert.throws(() => packer.rgb(elsewhere(pixels)), RangeError);
  }
  assert.throws(() => createPacker(module, frame, MOST_PACKERS), RangeError);
});

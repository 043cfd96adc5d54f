import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ENCODING_ZSTD } from './constants.ts';
import { SERVER_PIXEL_FORMAT } from './pixel-format.ts';
import { rectHeader } from './rect-header.ts';
import { ServerMessageReader } from './server-message-reader.ts';
import { updateHeader } from './server-messages.ts';
import { concat, drain, readByByte, readSplit } from './split.test-support.ts';
import { decodeZstdRect, type PixelOrder, pixelTarget } from './tight-decoder.ts';
import { zstdDataLength, zstdRectHead } from './zstd-rect.ts';

const TPIXEL = 3;

const rectOf = (width: number, height: number, palette: Uint8Array | undefined, frame: Uint8Array) =>
  concat(
    updateHeader(1),
    rectHeader(5, 6, width, height, ENCODING_ZSTD),
    zstdRectHead(palette, TPIXEL, frame.length),
    frame,
  );

const reader = () => new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });

test('a zstd rect is read wherever its bytes are split', () => {
  const frame = Uint8Array.from({ length: 30 }, (_, i) => i * 7);
  for (const [palette, uncompressedLength] of [
    [undefined, 11 * 3 * TPIXEL],
    [Uint8Array.of(1, 2, 3, 4, 5, 6), 2 * 3],
    [new Uint8Array(16 * TPIXEL).fill(9), 6 * 3],
    [new Uint8Array(256 * TPIXEL).fill(8), 11 * 3],
  ] as const) {
    const bytes = rectOf(11, 3, palette, frame);
    const body = {
      kind: 'zstd',
      palette: palette && Uint8Array.from(palette),
      data: frame,
      uncompressedLength,
    };
    const expected = [
      { type: 'updateStart', rects: 1 },
      { type: 'rect', x: 5, y: 6, width: 11, height: 3, encoding: ENCODING_ZSTD, body },
      { type: 'updateEnd' },
    ];
    for (let at = 0; at <= bytes.length; at++) assert.deepEqual(readSplit(reader(), bytes, at), expected);
    assert.deepEqual(readByByte(reader(), bytes), expected);
  }
});

test('a zstd rect whose data would be too long is refused before it arrives', () => {
  const refused = { code: 'RFB_MESSAGE_TOO_LARGE' };
  const read = (width: number, height: number, length: number) => () => {
    const one = reader();
    const header = rectHeader(0, 0, width, height, ENCODING_ZSTD);
    one.push(concat(updateHeader(1), header, zstdRectHead(undefined, TPIXEL, length)));
    return drain(one).length;
  };
  assert.throws(read(65_535, 65_535, 100), refused);
  assert.throws(read(10, 10, (128 << 20) + 1), refused);
  assert.equal(read(8192, 4320, 128 << 20)(), 1, 'only the start of the update');
});

test('a zstd palette has 2 to 256 whole colours', () => {
  for (const bytes of [0, 3, 4, 257 * 3])
    assert.throws(() => zstdRectHead(new Uint8Array(bytes), TPIXEL, 1), RangeError);
  assert.equal(zstdRectHead(new Uint8Array(256 * 3), TPIXEL, 1)[0], 255);
});

const anyRect = fc.record({
  x: fc.nat(4),
  y: fc.nat(4),
  width: fc.integer({ min: 1, max: 14 }),
  height: fc.integer({ min: 1, max: 6 }),
  colours: fc.constantFrom(0, 2, 3, 15, 16, 17, 256),
  seed: fc.nat(),
  order: fc.constantFrom<PixelOrder>('bgrx', 'rgba'),
});

test('a zstd rect is drawn as its pixels, indices of one, four or eight bits look up their colours', () => {
  const [WIDTH, HEIGHT] = [18, 10];
  fc.assert(
    fc.property(anyRect, ({ colours, seed, order, ...rect }) => {
      const random = (i: number): number => (Math.imul(i + seed, 0x9e3779b1) >>> 12) & 0xffff;
      const { width, height } = rect;
      const rgb = Uint8Array.from({ length: width * height * TPIXEL }, (_, i) => random(i));
      const palette = Uint8Array.from({ length: colours * TPIXEL }, (_, i) => random(i) ^ (i >> 2));
      let data = rgb;
      if (colours > 0) {
        const bits = colours <= 2 ? 1 : colours <= 16 ? 4 : 8;
        const rowBytes = Math.ceil((width * bits) / 8);
        data = new Uint8Array(rowBytes * height);
        for (let i = 0; i < width * height; i++) {
          const index = random(i) % colours;
          const bit = (i % width) * bits;
          data[Math.floor(i / width) * rowBytes + (bit >> 3)]! |= index << (8 - bits - (bit & 7));
          rgb.set(palette.subarray(index * TPIXEL, (index + 1) * TPIXEL), i * TPIXEL);
        }
      }
      assert.equal(data.length, zstdDataLength(width, height, colours, TPIXEL));
      const bytes = new Uint8Array(WIDTH * HEIGHT * 4);
      const body = { palette: colours > 0 ? palette : undefined };
      decodeZstdRect(body, data, rect, pixelTarget(bytes, WIDTH, order));
      for (let i = 0; i < WIDTH * HEIGHT; i++) {
        const [x, y] = [(i % WIDTH) - rect.x, Math.floor(i / WIDTH) - rect.y];
        const inside = x >= 0 && y >= 0 && x < width && y < height;
        const at = (y * width + x) * TPIXEL;
        const [red, green, blue] = inside ? rgb.subarray(at, at + TPIXEL) : [0, 0, 0];
        const drawn = [...bytes.subarray(i * 4, i * 4 + 3)];
        assert.deepEqual(order === 'rgba' ? drawn : drawn.reverse(), [red, green, blue]);
      }
    }),
  );
});

test('a zstd rect outside the picture or with too little data is refused', () => {
  const target = pixelTarget(new Uint8Array(20 * 10 * 4), 20, 'bgrx');
  const rect = { x: 0, y: 0, width: 20, height: 10 };
  const malformed = { code: 'RFB_MALFORMED' };
  const palette = new Uint8Array(9);
  assert.throws(() => decodeZstdRect({ palette }, new Uint8Array(99), rect, target), malformed);
  assert.throws(() => decodeZstdRect({ palette }, new Uint8Array(999), { ...rect, x: 1 }, target), malformed);
});

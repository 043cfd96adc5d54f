import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeflate, constants as zlib } from 'node:zlib';
import fc from 'fast-check';
import { SERVER_PIXEL_FORMAT } from './pixel-format.ts';
import { rectHeader } from './rect-header.ts';
import { ServerMessageReader } from './server-message-reader.ts';
import { updateHeader } from './server-messages.ts';
import { concat, drain, hex } from './split.test-support.ts';
import { compactLength, TIGHT_MAX_LENGTH, type TightFilter, tightBasicHeader } from './tight.ts';
import {
  decodeRaw,
  decodeTightBasic,
  decodeTightFill,
  type PixelOrder,
  pixelTarget,
} from './tight-decoder.ts';

test('compact lengths have one to three bytes', () => {
  assert.deepEqual(compactLength(0), hex('00'));
  assert.deepEqual(compactLength(127), hex('7f'));
  assert.deepEqual(compactLength(128), hex('8001'));
  assert.deepEqual(compactLength(10000), hex('904e'));
  assert.deepEqual(compactLength(16383), hex('ff7f'));
  assert.deepEqual(compactLength(16384), hex('808001'));
  assert.deepEqual(compactLength(TIGHT_MAX_LENGTH), hex('ffffff'));
  assert.throws(() => compactLength(TIGHT_MAX_LENGTH + 1), { code: 'RFB_MESSAGE_TOO_LARGE' });
});

test('a Tight palette has 1 to 256 whole colours', () => {
  const header = (bytes: number) => () =>
    tightBasicHeader({
      streamId: 0,
      resetStream: false,
      filter: 'palette',
      palette: new Uint8Array(bytes),
      length: 1,
    });
  assert.throws(header(0), RangeError);
  assert.throws(header(4), RangeError);
  assert.throws(header(257 * 3), RangeError);
  assert.equal(header(256 * 3)()[2], 255);
});

test('lengths of one, two and three bytes are read back', () => {
  for (const length of [11, 127, 128, 16383, 16384, 100_000]) {
    const data = new Uint8Array(length).fill(length);
    const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
    const header = tightBasicHeader({ streamId: 0, resetStream: false, filter: 'copy', length });
    reader.push(concat(updateHeader(1), rectHeader(0, 0, 64, 64, 7), header, data));
    const rect = drain(reader)[1];
    assert.deepEqual(rect?.type === 'rect' && rect.body.kind === 'tightBasic' && rect.body.data, data);
  }
});

const WIDTH = 20;
const HEIGHT = 12;

/** Red, green, blue of every pixel of a target. */
function colours(bytes: Uint8Array, order: PixelOrder): number[][] {
  return Array.from({ length: bytes.length / 4 }, (_, i) => {
    const [a, b, c] = bytes.subarray(i * 4, i * 4 + 3);
    return order === 'rgba' ? [a!, b!, c!] : [c!, b!, a!];
  });
}

/** The picture with `rgb`, rows packed, at `rect` of an otherwise untouched target. */
function expected(
  rgb: Uint8Array,
  rect: { x: number; y: number; width: number; height: number },
): number[][] {
  return Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const x = (i % WIDTH) - rect.x;
    const y = Math.floor(i / WIDTH) - rect.y;
    if (x < 0 || y < 0 || x >= rect.width || y >= rect.height) return [0, 0, 0];
    return [...rgb.subarray((y * rect.width + x) * 3, (y * rect.width + x) * 3 + 3)];
  });
}

/** The filters as rfbproto describes them, in a slow and simple way. */
function applyFilter(
  rgb: Uint8Array,
  width: number,
  filter: TightFilter,
): { palette?: Uint8Array; data: Uint8Array } {
  const height = rgb.length / 3 / width;
  if (filter === 'copy') return { data: rgb };
  if (filter === 'gradient') {
    const at = (x: number, y: number, c: number): number =>
      x < 0 || y < 0 ? 0 : rgb[(y * width + x) * 3 + c]!;
    const data = rgb.map((value, i) => {
      const c = i % 3;
      const x = Math.floor(i / 3) % width;
      const y = Math.floor(i / 3 / width);
      const guess = at(x - 1, y, c) + at(x, y - 1, c) - at(x - 1, y - 1, c);
      return value - Math.min(255, Math.max(0, guess));
    });
    return { data };
  }
  const keys = Array.from({ length: width * height }, (_, i) => rgb.subarray(i * 3, i * 3 + 3).join());
  const palette = [...new Set(keys)];
  const indices = keys.map((key) => palette.indexOf(key));
  const paletteBytes = Uint8Array.from(palette.flatMap((key) => key.split(',').map(Number)));
  if (palette.length > 2) return { palette: paletteBytes, data: Uint8Array.from(indices) };
  const stride = Math.ceil(width / 8);
  const data = new Uint8Array(stride * height);
  for (const [i, index] of indices.entries()) {
    const x = i % width;
    if (index) data[Math.floor(i / width) * stride + (x >> 3)]! |= 0x80 >> (x % 8);
  }
  return { palette: paletteBytes, data };
}

const anyPicture = fc
  .record({
    x: fc.nat(4),
    y: fc.nat(4),
    width: fc.integer({ min: 1, max: 16 }),
    height: fc.integer({ min: 1, max: 8 }),
    seen: fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), { minLength: 1, maxLength: 5 }),
    seed: fc.nat(),
  })
  .map(({ seen, seed, ...rect }) => {
    const picks = Array.from(
      { length: rect.width * rect.height },
      (_, i) => seen[(i * 7 + seed) % seen.length]!,
    );
    return { rect, rgb: Uint8Array.from(picks.flat()) };
  });

for (const filter of ['copy', 'palette', 'gradient'] as const) {
  for (const order of ['bgrx', 'rgba'] as const) {
    test(`Tight data with filter ${filter} decodes into ${order}`, () => {
      fc.assert(
        fc.property(anyPicture, ({ rect, rgb }) => {
          const { palette, data } = applyFilter(rgb, rect.width, filter);
          const bytes = new Uint8Array(WIDTH * HEIGHT * 4);
          const body = { filter, palette: palette && Uint8Array.from(palette) };
          decodeTightBasic(body, data, rect, pixelTarget(bytes, WIDTH, order));
          assert.deepEqual(colours(bytes, order), expected(rgb, rect));
        }),
      );
    });
  }
}

test('the gradient filter decodes a hand-made example', () => {
  // 2×2, red only: 10, 250 / 200, (250 + 200 - 10, clamped to 255) + 3 modulo 256 = 2.
  const bytes = new Uint8Array(16);
  const data = hex('0a0000 f00000 be0000 030000');
  const rect = { x: 0, y: 0, width: 2, height: 2 };
  decodeTightBasic({ filter: 'gradient', palette: undefined }, data, rect, pixelTarget(bytes, 2, 'rgba'));
  assert.deepEqual([bytes[0], bytes[4], bytes[8], bytes[12]], [10, 250, 200, 2]);
});

test('fill and Raw rects are decoded', () => {
  const rect = { x: 1, y: 0, width: 1, height: 2 };
  const filled = new Uint8ClampedArray(16);
  decodeTightFill(hex('010203'), rect, pixelTarget(filled, 2, 'rgba'));
  assert.deepEqual([...filled], [0, 0, 0, 0, 1, 2, 3, 255, 0, 0, 0, 0, 1, 2, 3, 255]);
  const drawn = new Uint8Array(16);
  decodeRaw(hex('03020100 06050400'), rect, pixelTarget(drawn, 2, 'bgrx'));
  assert.deepEqual([...drawn], [0, 0, 0, 0, 3, 2, 1, 255, 0, 0, 0, 0, 6, 5, 4, 255]);
});

test('a palette index without a colour is black', () => {
  const bytes = new Uint8Array(4);
  const rect = { x: 0, y: 0, width: 1, height: 1 };
  const palette = Uint8Array.from(hex('010101 020202 030303'));
  decodeTightBasic({ filter: 'palette', palette }, hex('ff'), rect, pixelTarget(bytes, 1, 'rgba'));
  assert.deepEqual([...bytes], [0, 0, 0, 255]);
});

test('rects outside the picture and truncated data are refused', () => {
  const target = pixelTarget(new Uint8Array(64), 4, 'bgrx');
  const outside = { x: 3, y: 0, width: 2, height: 1 };
  const below = { x: 0, y: 3, width: 1, height: 2 };
  for (const rect of [outside, below]) {
    assert.throws(() => decodeTightFill(hex('010203'), rect, target), { code: 'RFB_MALFORMED' });
    assert.throws(() => decodeRaw(new Uint8Array(64), rect, target), { code: 'RFB_MALFORMED' });
  }
  const inside = { x: 0, y: 0, width: 4, height: 4 };
  const copy = { filter: 'copy', palette: undefined } as const;
  assert.throws(() => decodeTightBasic(copy, new Uint8Array(47), inside, target), { code: 'RFB_MALFORMED' });
  assert.throws(() => decodeRaw(new Uint8Array(63), inside, target), { code: 'RFB_MALFORMED' });
});

test('a real zlib stream that continues from rect to rect is decoded', async () => {
  const { createInflate } = await import('node:zlib');
  const deflate = createDeflate({ flush: zlib.Z_SYNC_FLUSH });
  const inflate = createInflate();
  const through = async (stream: typeof deflate | typeof inflate, bytes: Uint8Array): Promise<Uint8Array> => {
    stream.write(bytes);
    await new Promise<void>((resolve) => stream.flush(zlib.Z_SYNC_FLUSH, () => resolve()));
    return Uint8Array.from((stream.read() as Uint8Array | null) ?? new Uint8Array(0));
  };
  const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
  const rgb = Uint8Array.from({ length: 16 * 8 * 3 }, (_, i) => i * 31);
  for (let i = 0; i < 3; i++) {
    const data = await through(deflate, rgb);
    const header = tightBasicHeader({
      streamId: 1,
      resetStream: i === 0,
      filter: 'copy',
      length: data.length,
    });
    reader.push(concat(updateHeader(1), rectHeader(2, 3, 16, 8, 7), header, data));
    const rect = drain(reader)[1];
    assert.ok(rect?.type === 'rect' && rect.body.kind === 'tightBasic');
    assert.equal(rect.body.resets, i === 0 ? 2 : 0);
    const bytes = new Uint8Array(WIDTH * HEIGHT * 4);
    decodeTightBasic(
      rect.body,
      await through(inflate, rect.body.data),
      rect,
      pixelTarget(bytes, WIDTH, 'bgrx'),
    );
    assert.deepEqual(colours(bytes, 'bgrx'), expected(rgb, { x: 2, y: 3, width: 16, height: 8 }));
  }
  deflate.destroy();
  inflate.destroy();
});

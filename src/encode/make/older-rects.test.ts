import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PIXEL_FORMATS } from '../../../test/support/pixel-formats.ts';
import { pixelValue, RectPixels } from '../../../test/support/rect-pixels.ts';
import type { Rect, Size } from '../../pixels/rect.ts';
import { createSharedFrame, type SharedFrame, shownPixels } from '../../pixels/shared-frame.ts';
import { bytesPerPixel, type PixelFormat, SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { ServerMessageReader } from '../../protocol/server-message-reader.ts';
import { updateHeader } from '../../protocol/server-messages.ts';
import { ZlibBeginnings } from '../../session/viewer/zlib-beginnings.ts';
import type { EncoderName } from '../encoders/encoder-name.ts';
import { createThreadPacker } from '../threads/thread-packer.ts';
import { encodeRect } from './encode-rect.ts';
import type { EncodeJob } from './job.ts';

type Painter = (x: number, y: number) => number;

const FRAME: Size = { width: 150, height: 90 };
const WHOLE: Rect = { x: 0, y: 0, ...FRAME };

const ENCODERS = { zrle: 'ZRLEEncoder', zlib: 'ZlibEncoder', hextile: 'HextileEncoder' } as const;
type Name = keyof typeof ENCODERS;

const noise = (x: number, y: number): number =>
  (Math.imul(x * 7919 + y * 104729 + 1, 0x9e3779b1) >>> 8) & 0xffffff;
const few =
  (colours: number): Painter =>
  (x, y) =>
    noise((x + y * FRAME.width) % colours, 3);
/** Runs of one pixel up to the longest that a tile can have. */
const runs: Painter = (x, y) => noise(Math.floor(Math.sqrt(x + y * FRAME.width)) % 40, 5);
const boxes: Painter = (x, y) => (x % 16 < 9 && y % 16 > 4 ? noise(x >> 3, y >> 3) : 0xffffff);

const PICTURES: Readonly<Record<string, Painter>> = {
  'one colour': () => 0x336699,
  'two colours': few(2),
  '3 colours': few(3),
  '4 colours': few(4),
  '5 colours': few(5),
  '16 colours': few(16),
  '17 colours': few(17),
  '127 colours': few(127),
  '128 colours': few(128),
  '257 colours': few(257),
  'runs of all lengths': runs,
  boxes,
  noise,
};

const RECTS: readonly Rect[] = [
  WHOLE,
  { x: 3, y: 5, width: 65, height: 37 },
  { x: 20, y: 20, width: 1, height: 1 },
  { x: FRAME.width - 7, y: FRAME.height - 50, width: 7, height: 50 },
];

function frameOf(paint: Painter): SharedFrame {
  const frame = createSharedFrame(FRAME);
  const pixels = new Uint32Array(shownPixels(frame, FRAME).buffer, frame.shownAt, FRAME.width * FRAME.height);
  // The fourth byte has no meaning, so it varies here.
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = (((i * 31) << 24) | paint(i % FRAME.width, Math.floor(i / FRAME.width))) >>> 0;
  }
  return frame;
}

function encode(frame: SharedFrame, name: Name, job: Partial<EncodeJob>) {
  const usual = { frameSize: FRAME, rect: WHOLE, format: SERVER_PIXEL_FORMAT, zlibLevel: 1 };
  return encodeRect(frame, { ...usual, ...job, method: { name } }, { packer: createThreadPacker(frame, 0) });
}

/** Decodes the rects of one connection. */
class Reader {
  readonly #reader: ServerMessageReader;
  readonly #pixels: RectPixels;
  readonly #beginnings = new ZlibBeginnings();

  constructor(format: PixelFormat) {
    this.#reader = new ServerMessageReader({ format });
    this.#pixels = new RectPixels(format);
  }

  read(bytes: Uint8Array): Uint32Array {
    this.#reader.push(updateHeader(1));
    this.#reader.push(this.#beginnings.of(bytes));
    const [, rect, end] = [1, 2, 3].map(() => this.#reader.next());
    assert.ok(rect?.type === 'rect');
    assert.equal(end?.type, 'updateEnd', 'nothing behind the rect');
    return this.#pixels.decode(rect.body, rect)!;
  }
}

function assertExact(paint: Painter, rect: Rect, format: PixelFormat, pixels: Uint32Array): void {
  const wrong = pixels.findIndex(
    (pixel, i) =>
      pixel !== pixelValue(paint(rect.x + (i % rect.width), rect.y + Math.floor(i / rect.width)), format),
  );
  assert.equal(wrong, -1, `pixel ${wrong} is wrong`);
  assert.equal(pixels.length, rect.width * rect.height);
}

suite('Rects for viewers that lack Tight decode to exactly their pixels', () => {
  for (const [name, encoder] of Object.entries(ENCODERS) as [Name, EncoderName][]) {
    for (const [formatName, format] of Object.entries(PIXEL_FORMATS)) {
      test(`rects of ${name} decode to exactly their pixels in ${formatName} format`, () => {
        // All of them in one connection, whose streams go on from one picture to the next.
        const reader = new Reader(format);
        for (const paint of Object.values(PICTURES)) {
          const frame = frameOf(paint);
          for (const rect of RECTS) {
            const encoded = encode(frame, name, { rect, format, zlibLevel: rect.x === 3 ? 9 : 1 });
            assertExact(paint, rect, format, reader.read(encoded.bytes));
            assert.equal(encoded.encoder, encoder);
          }
        }
      });
    }
  }
});

for (const name of ['zrle', 'zlib'] as const) {
  test(`rects of ${name} decode in any order, and for viewers that have missed some`, () => {
    const painters = [few(2), noise, runs, few(17)];
    const rects = painters.map((paint) => encode(frameOf(paint), name, {}).bytes);
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 1, 3],
    ]) {
      const reader = new Reader(SERVER_PIXEL_FORMAT);
      for (const i of order) assertExact(painters[i]!, WHOLE, SERVER_PIXEL_FORMAT, reader.read(rects[i]!));
    }
  });
}

test('no Hextile rect takes more than a byte for each tile beyond its pixels', () => {
  const tiles = Math.ceil(FRAME.width / 16) * Math.ceil(FRAME.height / 16);
  for (const format of Object.values(PIXEL_FORMATS)) {
    for (const paint of Object.values(PICTURES)) {
      const { bytes } = encode(frameOf(paint), 'hextile', { format });
      const most = 12 + FRAME.width * FRAME.height * bytesPerPixel(format) + tiles;
      assert.ok(bytes.length <= most, `${bytes.length} of ${most}`);
    }
  }
});

test('a ZRLE rect of one colour takes few bytes, and one of boxes a fraction of its pixels', () => {
  assert.ok(
    encode(
      frameOf(() => 0xff8800),
      'zrle',
      {},
    ).bytes.length < 60,
  );
  assert.ok(encode(frameOf(boxes), 'zrle', {}).bytes.length < FRAME.width * FRAME.height);
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { PIXEL_FORMATS, RGB565 } from '../../../test/support/pixel-formats.ts';
import { pixelValue, RectPixels } from '../../../test/support/rect-pixels.ts';
import type { Rect, Size } from '../../pixels/rect.ts';
import { createSharedFrame, type SharedFrame, shownPixels } from '../../pixels/shared-frame.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { jpegQualityOf } from '../../protocol/quality.ts';
import { ServerMessageReader, type ServerRect } from '../../protocol/server-message-reader.ts';
import { updateHeader } from '../../protocol/server-messages.ts';
import type { EncoderName } from '../encoders/encoder-name.ts';
import { loadWebpEncoder } from '../encoders/webp.ts';
import { type WebpQuality, webpQualityOf } from '../plan/webp-quality.ts';
import { createThreadPacker } from '../threads/thread-packer.ts';
import { createThreadScaler } from '../threads/thread-scaler.ts';
import { type EncodeTools, encodeRect as encodeWith } from './encode-rect.ts';
import type { EncodedRect, EncodeJob } from './job.ts';

/** The colour 0xrrggbb of each pixel. */
type Painter = (x: number, y: number) => number;

const FRAME: Size = { width: 96, height: 88 };

function frameOf(paint: Painter, size: Size = FRAME): SharedFrame {
  const frame = createSharedFrame(size);
  const pixels = new Uint32Array(shownPixels(frame, size).buffer, frame.shownAt, size.width * size.height);
  for (let y = 0; y < size.height; y++) {
    // The fourth byte has no meaning, so it varies here.
    for (let x = 0; x < size.width; x++) {
      pixels[y * size.width + x] = ((((x * 31 + y) & 0xff) << 24) | paint(x, y)) >>> 0;
    }
  }
  return frame;
}

function job(rect: Rect, overrides: Partial<EncodeJob> = {}): EncodeJob {
  return {
    frameSize: FRAME,
    rect,
    method: { name: 'lossless' },
    format: SERVER_PIXEL_FORMAT,
    zlibLevel: 1,
    ...overrides,
  };
}

/** Encodes a rect with a packer and these tools. */
const encodeRect = (frame: SharedFrame, work: EncodeJob, tools?: EncodeTools): EncodedRect =>
  encodeWith(frame, work, { packer: createThreadPacker(frame, 0), ...tools });

const jpegAt = (level: number) => ({ name: 'jpeg', jpeg: jpegQualityOf(level) }) as const;

/** Decodes one update after another, as a viewer does. */
class Reader {
  readonly #reader: ServerMessageReader;
  readonly #pixels: RectPixels;

  constructor(format: PixelFormat) {
    this.#reader = new ServerMessageReader({ format });
    this.#pixels = new RectPixels(format);
  }

  read({ bytes }: EncodedRect): { rect: ServerRect; pixels: Uint32Array } {
    this.#reader.push(updateHeader(1));
    this.#reader.push(bytes);
    const [start, rect, end, none] = [1, 2, 3, 4].map(() => this.#reader.next());
    assert.equal(start?.type, 'updateStart');
    assert.ok(rect?.type === 'rect');
    assert.equal(end?.type, 'updateEnd', 'nothing behind the rect');
    assert.equal(none, undefined);
    return { rect, pixels: this.#pixels.decode(rect.body, rect)! };
  }
}

function assertExact(paint: Painter, rect: Rect, format: PixelFormat, pixels: Uint32Array): void {
  const expected = Uint32Array.from({ length: rect.width * rect.height }, (_, i) =>
    pixelValue(paint(rect.x + (i % rect.width), rect.y + Math.floor(i / rect.width)), format),
  );
  // deepEqual takes seconds for its report if thousands of numbers differ.
  const wrong = expected.findIndex((pixel, i) => pixel !== pixels[i]);
  assert.equal(wrong, -1, `pixel ${wrong} is ${pixels[wrong]} instead of ${expected[wrong]}`);
  assert.equal(pixels.length, expected.length);
}

const noise = (x: number, y: number): number =>
  (Math.imul(x * 7919 + y * 104729 + 1, 0x9e3779b1) >>> 8) & 0xffffff;
/** `n` colours that differ in every format. */
const few =
  (n: number): Painter =>
  (x, y) =>
    noise((x + y * FRAME.width) % n, 3);

const PICTURES: Record<string, { paint: Painter; encoder: EncoderName }> = {
  'one colour': { paint: () => 0x336699, encoder: 'TightFillEncoder' },
  'two colours': { paint: few(2), encoder: 'TightZlibEncoder' },
  'three colours': { paint: few(3), encoder: 'TightZlibEncoder' },
  '16 colours': { paint: few(16), encoder: 'TightZlibEncoder' },
  '17 colours': { paint: few(17), encoder: 'TightZlibEncoder' },
  '256 colours': { paint: few(256), encoder: 'TightZlibEncoder' },
  '257 colours': { paint: few(257), encoder: 'TightZlibEncoder' },
  noise: { paint: noise, encoder: 'TightZlibEncoder' },
};

const RECTS: Rect[] = [
  { x: 0, y: 0, ...FRAME },
  { x: 3, y: 5, width: 61, height: 37 },
  { x: FRAME.width - 9, y: FRAME.height - 30, width: 9, height: 30 },
];

for (const zstd of [false, true]) {
  const kind = zstd ? 'zstd' : 'Tight';
  suite(`${kind} rects without loss decode to exactly their pixels`, () => {
    for (const [formatName, format] of Object.entries(PIXEL_FORMATS)) {
      for (const [name, { paint, encoder }] of Object.entries(PICTURES)) {
        test(`a ${kind} rect without loss decodes to exactly its pixels: ${name}, ${formatName} format`, () => {
          const frame = frameOf(paint);
          const reader = new Reader(format);
          for (const rect of RECTS) {
            const encoded = encodeRect(frame, job(rect, { format, zstd, zlibLevel: rect.x === 0 ? 9 : 1 }));
            const { rect: sent, pixels } = reader.read(encoded);
            const { x, y, width, height } = sent;
            assert.deepEqual({ x, y, width, height }, rect);
            assertExact(paint, rect, format, pixels);
            assert.equal(encoded.areaPx, rect.width * rect.height);
            const isZstd = zstd && encoder === 'TightZlibEncoder' && encoded.areaPx >= 256;
            assert.equal(encoded.encoder, isZstd ? 'ZstdEncoder' : encoder);
          }
        });
      }
    }
  });
}

test('a viewer with zstd rects is sent tiny rects as Tight', () => {
  for (const [width, height, kind] of [
    [85, 3, 'tightBasic'],
    [86, 3, 'zstd'],
    [1, 1, 'tightFill'],
  ] as const) {
    const size = { width: 96, height: 96 };
    const rect = { x: 0, y: 0, width, height };
    const encoded = encodeRect(frameOf(noise, size), job(rect, { frameSize: size, zstd: true }));
    const { rect: sent, pixels } = new Reader(SERVER_PIXEL_FORMAT).read(encoded);
    assert.equal(sent.body.kind, kind);
    assertExact(noise, rect, SERVER_PIXEL_FORMAT, pixels);
  }
});

test('the number of colours of a lossless rect decides its Tight filter', () => {
  const bodyOf = (colours: number) => {
    const encoded = encodeRect(frameOf(few(colours)), job({ x: 0, y: 0, ...FRAME }));
    return new Reader(SERVER_PIXEL_FORMAT).read(encoded).rect.body;
  };
  assert.equal(bodyOf(1).kind, 'tightFill');
  for (const [colours, filter, streamId, length] of [
    [2, 'palette', 1, (FRAME.width / 8) * FRAME.height],
    [3, 'palette', 2, FRAME.width * FRAME.height],
    [256, 'palette', 2, FRAME.width * FRAME.height],
    [257, 'copy', 0, FRAME.width * FRAME.height * 3],
  ] as const) {
    const body = bodyOf(colours);
    assert.ok(body.kind === 'tightBasic');
    assert.deepEqual([body.filter, body.streamId, body.uncompressedLength], [filter, streamId, length]);
    assert.equal(body.palette?.length, filter === 'palette' ? colours * 3 : undefined);
    assert.equal(body.resets, 1 << streamId, 'the stream is reset, so that the bytes fit every viewer');
  }
});

test('rects of any size and place, sent one after another in a connection, decode to their pixels', () => {
  const anyRect = fc
    .record({ x: fc.nat(FRAME.width - 1), y: fc.nat(FRAME.height - 1), right: fc.nat(), bottom: fc.nat() })
    .map(({ x, y, right, bottom }) => ({
      x,
      y,
      width: 1 + (right % (FRAME.width - x)),
      height: 1 + (bottom % (FRAME.height - y)),
    }));
  const formats = Object.values(PIXEL_FORMATS);
  const frames = [1, 2, 5, 200, 999].map((n) => ({ paint: few(n), frame: frameOf(few(n)) }));
  fc.assert(
    fc.property(
      fc.constantFrom(...formats),
      fc.array(
        fc.tuple(
          anyRect,
          fc.constantFrom(...frames),
          fc.constantFrom({ name: 'lossless' } as const, { name: 'raw' } as const),
        ),
        {
          maxLength: 6,
        },
      ),
      (format, list) => {
        const reader = new Reader(format);
        for (const [rect, { paint, frame }, method] of list) {
          const { pixels } = reader.read(encodeRect(frame, job(rect, { format, method })));
          assertExact(paint, rect, format, pixels);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('Tight data of fewer than 12 bytes is not compressed and resets no stream', () => {
  const reader = new Reader(SERVER_PIXEL_FORMAT);
  const compressed = (width: number, height: number, colours: number): boolean => {
    const rect = { x: 0, y: 0, width, height };
    const frame = frameOf(few(colours));
    const { rect: sent, pixels } = reader.read(encodeRect(frame, job(rect)));
    assertExact(few(colours), rect, SERVER_PIXEL_FORMAT, pixels);
    return sent.body.kind === 'tightBasic' && sent.body.compressed;
  };
  assert.equal(compressed(8, 11, 2), false, '11 rows of a byte');
  assert.equal(compressed(8, 12, 2), true);
  assert.equal(compressed(11, 1, 3), false, '11 indices');
  assert.equal(compressed(12, 1, 3), true);
  assert.equal(compressed(1, 1, 2), false, 'a fill');
});

test('a Raw rect has the pixels in the format of the viewer', () => {
  const rect = RECTS[2]!;
  for (const format of Object.values(PIXEL_FORMATS)) {
    const encoded = encodeRect(frameOf(noise), job(rect, { method: { name: 'raw' }, format }));
    assert.equal(encoded.encoder, 'RawEncoder');
    assert.equal(encoded.bytes.length, 12 + rect.width * rect.height * (format.bitsPerPixel / 8));
    const { pixels } = new Reader(format).read(encoded);
    assertExact(noise, rect, format, pixels);
  }
});

/** Smooth waves, as in a photograph. */
const photo: Painter = (x, y) => {
  const wave = (phase: number): number =>
    Math.round(127 + 100 * Math.sin(x / 17 + phase) * Math.cos(y / 23 - phase));
  return (wave(0) << 16) | (wave(1) << 8) | wave(2);
};

/** Mean difference per channel. */
function meanError(rect: Rect, pixels: Uint32Array): number {
  let sum = 0;
  for (const [i, pixel] of pixels.entries()) {
    const wanted = photo(rect.x + (i % rect.width), rect.y + Math.floor(i / rect.width));
    for (const shift of [0, 8, 16]) sum += Math.abs(((pixel >>> shift) & 0xff) - ((wanted >>> shift) & 0xff));
  }
  return sum / pixels.length / 3;
}

suite('JPEG rects look nearly like their pixels', () => {
  const frame = frameOf(photo);
  const rects = [...RECTS, { x: FRAME.width - 33, y: 0, width: 33, height: FRAME.height }];
  // Each limit is 1.5 times the measured error. A shift by a pixel or swapped colours give far more.
  for (const [level, limit] of [8, 6, 4.5, 4, 3, 2.5, 2, 2, 2, 2].entries()) {
    test(`a JPEG rect of quality level ${level} looks nearly like its pixels`, () => {
      for (const rect of rects) {
        const encoded = encodeRect(frame, job(rect, { method: jpegAt(level) }));
        assert.equal(encoded.encoder, 'TightJPEGEncoder');
        const { rect: sent, pixels } = new Reader(SERVER_PIXEL_FORMAT).read(encoded);
        assert.equal(sent.body.kind, 'tightJpeg');
        const error = meanError(rect, pixels);
        assert.ok(error < limit, `mean error ${error} in ${rect.width}x${rect.height}`);
      }
    });
  }

  test('a JPEG rect of a higher quality level has more bytes and less error', () => {
    const rect = RECTS[0]!;
    const at = (level: number) => encodeRect(frame, job(rect, { method: jpegAt(level) })).bytes;
    assert.ok(at(0).length < at(5).length && at(5).length < at(9).length);
  });
});

suite('a WebP rect', async () => {
  const frame = frameOf(photo);
  const webp = await loadWebpEncoder();
  const encode = (rect: Rect, quality: WebpQuality) =>
    encodeRect(frame, job(rect, { method: { name: 'webp', webp: quality } }), { webp });

  test('a WebP rect without loss decodes to exactly its pixels', () => {
    for (const rect of RECTS) {
      const encoded = encode(rect, 'lossless');
      assert.equal(encoded.encoder, 'TightWEBPEncoder');
      const { rect: sent, pixels } = new Reader(SERVER_PIXEL_FORMAT).read(encoded);
      assert.equal(sent.body.kind, 'tightWebp');
      assertExact(photo, rect, SERVER_PIXEL_FORMAT, pixels);
    }
  });

  test('a WebP rect has about the error of a JPEG of the same quality level, and fewer bytes', () => {
    const rect = RECTS[0]!;
    for (const level of [2, 5, 8]) {
      const like = { ...jpegQualityOf(level), subsampling: '4:2:0' } as const;
      const jpeg = encodeRect(frame, job(rect, { method: { name: 'jpeg', jpeg: like } }));
      const encoded = encode(rect, webpQualityOf(like.quality));
      const off = ({ pixels }: { pixels: Uint32Array }): number => meanError(rect, pixels);
      const [asJpeg, asWebp] = [jpeg, encoded].map((one) => off(new Reader(SERVER_PIXEL_FORMAT).read(one)));
      assert.ok(asWebp! < asJpeg! * 1.5, `off by ${asWebp}, JPEG by ${asJpeg}`);
      assert.ok(encoded.bytes.length < jpeg.bytes.length * 0.85);
    }
  });

  test('a WebP rect is refused if there is no encoder for it', () => {
    assert.throws(() => encodeRect(frame, job(RECTS[0]!, { method: { name: 'webp', webp: 50 } })));
  });
});

test('a scaled rect is a smaller JPEG that looks the same, and its scaling is timed separately', () => {
  const frame = frameOf(photo);
  const rect = { x: 8, y: 4, width: 80, height: 60 };
  const scaledTo = { width: 40, height: 30, filter: 'area' } as const;
  const scaled = job(rect, { method: jpegAt(9), scaledTo });
  const encoded = encodeRect(frame, scaled, { scale: createThreadScaler(frame, 0) });
  assert.equal(encoded.areaPx, 80 * 60);
  assert.ok(encoded.scaling && encoded.scaling.endUs >= encoded.scaling.startUs);
  const { rect: sent, pixels } = new Reader(SERVER_PIXEL_FORMAT).read(encoded);
  assert.ok(sent.body.kind === 'tightJpeg');
  assert.deepEqual([sent.x, sent.y, sent.width, sent.height], [8, 4, 80, 60]);
  // The frame header of a JPEG: marker, length, precision, height, width.
  const header = Buffer.from(sent.body.data);
  const at = header.indexOf(Uint8Array.of(0xff, 0xc0));
  assert.deepEqual([header.readUInt16BE(at + 5), header.readUInt16BE(at + 7)], [30, 40]);
  assert.ok(meanError(rect, pixels) < 4, `mean error ${meanError(rect, pixels)}`);
  assert.equal(encodeRect(frame, job(rect)).scaling, undefined);
  assert.throws(() => encodeRect(frame, scaled), 'a job that needs a scaler and has none');
});

test('a JPEG rect of any size at the end of the frame reads no memory beyond it', () => {
  const size = { width: 40, height: 33 };
  const frame = frameOf(photo, size);
  fc.assert(
    fc.property(fc.nat(39), fc.nat(32), (x, y) => {
      const rect = { x, y, width: size.width - x, height: size.height - y };
      const encoded = encodeRect(frame, job(rect, { frameSize: size, method: jpegAt(9) }));
      const { pixels } = new Reader(SERVER_PIXEL_FORMAT).read(encoded);
      assert.ok(meanError(rect, pixels) < 3);
    }),
  );
});

test('an encoded rect has a buffer of its own, and its area and CPU time', () => {
  const frame = frameOf(noise, { width: 512, height: 512 });
  const rect = { x: 0, y: 0, width: 512, height: 512 };
  const [first, second] = [0, 1].map(() =>
    encodeRect(frame, job(rect, { frameSize: { width: 512, height: 512 }, zlibLevel: 9 })),
  );
  assert.equal(first!.bytes.byteLength, first!.bytes.buffer.byteLength);
  assert.notEqual(first!.bytes.buffer, second!.bytes.buffer);
  assert.deepEqual(first!.bytes, second!.bytes, 'equal pixels give equal bytes');
  assert.ok(first!.cpuUs > 0 && Number.isInteger(first!.cpuUs));
});

test('colours that the format of a viewer cannot tell apart have a palette entry each', () => {
  // Two colours that are the same in RGB 565.
  const paint: Painter = (x) => (x % 2 === 0 ? 0x101010 : 0x111111);
  const { pixels } = new Reader(RGB565).read(encodeRect(frameOf(paint), job(RECTS[1]!, { format: RGB565 })));
  assertExact(paint, RECTS[1]!, RGB565, pixels);
});

suite('a rect with the pointer drawn over it', () => {
  const gray: Painter = () => 0x808080;
  const pixels = new Uint8Array(10 * 8 * 4).fill(255);
  const cursor = { x: 60, y: 40, width: 10, height: 8, pixels };
  const pointed: Painter = (x, y) => (x >= 60 && y >= 40 && x < 70 && y < 48 ? 0xffffff : gray(x, y));

  for (const [name, rect] of Object.entries({
    all: { x: 48, y: 32, width: 40, height: 40 },
    'a corner': { x: 3, y: 5, width: 61, height: 37 },
  })) {
    test(`a lossless rect shows ${name} of the pointer over it, and leaves the frame unchanged`, () => {
      const frame = frameOf(gray);
      const before = shownPixels(frame, FRAME).slice();
      const encoded = encodeRect(frame, job(rect, { cursor }));
      assert.equal(encoded.encoder, 'TightZlibEncoder', 'the ground alone would be a fill');
      assertExact(pointed, rect, SERVER_PIXEL_FORMAT, new Reader(SERVER_PIXEL_FORMAT).read(encoded).pixels);
      assert.deepEqual(shownPixels(frame, FRAME), before);
    });
  }

  test('Raw and JPEG rects show the pointer over them, too', () => {
    const rect = { x: 48, y: 32, width: 40, height: 40 };
    for (const method of [{ name: 'raw' }, jpegAt(9)] as const) {
      const { pixels: seen } = new Reader(SERVER_PIXEL_FORMAT).read(
        encodeRect(frameOf(gray), job(rect, { cursor, method })),
      );
      assert.ok((seen[11 * 40 + 15]! & 0xff) > 240, `${method.name}: the pointer`);
      assert.ok((seen[2 * 40 + 2]! & 0xff) < 140, `${method.name}: the ground`);
    }
  });
});

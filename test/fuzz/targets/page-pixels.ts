import { deflateSync, constants as zlib, zstdCompressSync } from 'node:zlib';
import { createDice, type Dice } from '../../../bench/scenes/dice.ts';
import { ZlibStreams } from '../../../src/client/decoders/zlib-streams.ts';
import { loadZstd, type Unzstd } from '../../../src/client/decoders/zstd.ts';
import { ByteWriter } from '../../../src/protocol/byte-writer.ts';
import * as wire from '../../../src/protocol/constants.ts';
import { RfbError } from '../../../src/protocol/errors.ts';
import { joinBytes } from '../../../src/protocol/join-bytes.ts';
import { SERVER_PIXEL_FORMAT } from '../../../src/protocol/pixel-format.ts';
import { ServerMessageReader, type ServerRect } from '../../../src/protocol/server-message-reader.ts';
import { compactLength, tightDataLength } from '../../../src/protocol/tight.ts';
import {
  decodeRaw,
  decodeTightBasic,
  decodeTightFill,
  decodeZstdRect,
  type PixelTarget,
  pixelTarget,
} from '../../../src/protocol/tight-decoder.ts';
import { zstdDataLength, zstdRectHead } from '../../../src/protocol/zstd-rect.ts';
import type { FuzzTarget, Reached } from '../fuzz-target.ts';
import { maybeMutated, portions, randomBytes } from '../mutate.ts';

/** Largest rect that is decoded, in pixels. The browser refuses the memory for a canvas that is too large. */
const MOST_PX = 1 << 16;
const MOST_SIDE_PX = 40;
const TPIXEL_BYTES = 3;
const RESETS_ALL = 0x0f;
const FILTERS = ['copy', 'palette', 'gradient'] as const;
/** Compressed bodies that are made once: compressing takes longer than all else. */
const BODIES = 160;

interface Body {
  readonly encoding: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

let bodies: readonly Body[] = [];
let unzstd: Unzstd | undefined;

function tightBody(dice: Dice, width: number, height: number): Uint8Array {
  const filter = dice.pick(FILTERS);
  const colours = filter === 'palette' ? dice.integer(1, 256) : 0;
  const length = tightDataLength(width, height, filter, colours, TPIXEL_BYTES);
  const data = randomBytes(dice, length);
  const palette =
    filter === 'palette' ? [Uint8Array.of(colours - 1), randomBytes(dice, colours * TPIXEL_BYTES)] : [];
  const stream = dice.integer(0, 3);
  const head = [Uint8Array.of(((0x4 | stream) << 4) | RESETS_ALL, FILTERS.indexOf(filter)), ...palette];
  if (length < 12) return joinBytes([...head, data]);
  const deflated = deflateSync(data, { finishFlush: zlib.Z_SYNC_FLUSH, level: 1 });
  return joinBytes([...head, compactLength(deflated.length), deflated]);
}

function zstdBody(dice: Dice, width: number, height: number): Uint8Array {
  const colours = dice.chance(0.6) ? dice.integer(2, 256) : 0;
  const palette = colours > 0 ? randomBytes(dice, colours * TPIXEL_BYTES) : undefined;
  const data = randomBytes(dice, zstdDataLength(width, height, colours, TPIXEL_BYTES));
  const frame = zstdCompressSync(data);
  return joinBytes([zstdRectHead(palette, TPIXEL_BYTES, frame.length), frame]);
}

function makeBody(dice: Dice): Body {
  // Few pixels are not compressed.
  const most = dice.chance(0.3) ? 3 : MOST_SIDE_PX;
  const width = dice.integer(0, most);
  const height = dice.integer(0, most);
  const isTight = dice.chance(0.5);
  const bytes = isTight ? tightBody(dice, width, height) : zstdBody(dice, width, height);
  return { encoding: isTight ? wire.ENCODING_TIGHT : wire.ENCODING_ZSTD, width, height, bytes };
}

function smallBody(dice: Dice): Body {
  const width = dice.integer(0, 6);
  const height = dice.integer(0, 6);
  const [encoding, bytes] = dice.pick([
    [wire.ENCODING_RAW, randomBytes(dice, width * height * 4)],
    [wire.ENCODING_COPY_RECT, randomBytes(dice, 4)],
    [wire.ENCODING_TIGHT, Uint8Array.of(0x80 | dice.integer(0, 15), 1, 2, 3)],
    [wire.ENCODING_TIGHT, Uint8Array.of(dice.pick([0x90, 0xb0]), 5, 1, 2, 3, 4, 5)],
    [wire.PSEUDO_CURSOR, randomBytes(dice, width * height * 4 + Math.ceil(width / 8) * height)],
    [wire.PSEUDO_EXTENDED_DESKTOP_SIZE, joinBytes([Uint8Array.of(1, 0, 0, 0), randomBytes(dice, 16)])],
    [wire.PSEUDO_LAST_RECT, new Uint8Array(0)],
  ] as const);
  return { encoding, width, height, bytes };
}

function rectBytes({ encoding, width, height, bytes }: Body): Uint8Array {
  const head = new ByteWriter(12).u16(0).u16(0).u16(width).u16(height).s32(encoding).done();
  return joinBytes([head, bytes]);
}

/** Decodes a rect as the page does. Throws what the page reports to its user. */
function decode(rect: ServerRect, zlibStreams: ZlibStreams, reached: Reached): void {
  const { body } = rect;
  const area = { x: 0, y: 0, width: rect.width, height: rect.height };
  if ('resets' in body) {
    for (let stream = 0; stream < 4; stream++) if (body.resets & (1 << stream)) zlibStreams.reset(stream);
  }
  if (area.width === 0 || area.height === 0 || area.width * area.height > MOST_PX) {
    reached(body.kind);
    return;
  }
  const draw = (what: string, paint: (target: PixelTarget) => void): void => {
    const pixels = new Uint8ClampedArray(area.width * area.height * 4);
    paint(pixelTarget(pixels, area.width, 'rgba'));
    for (let at = 3; at < pixels.length; at += 4)
      if (pixels[at] !== 255) throw new Error('A pixel was not drawn.');
    reached(`drew ${what}`);
  };
  if (body.kind === 'raw') draw('raw', (target) => decodeRaw(body.pixels, area, target));
  else if (body.kind === 'tightFill')
    draw('tightFill', (target) => decodeTightFill(body.tpixel, area, target));
  else if (body.kind === 'tightBasic') {
    const { compressed, streamId, uncompressedLength } = body;
    const data = compressed ? zlibStreams.inflate(streamId, body.data, uncompressedLength) : body.data;
    draw(`tightBasic ${body.filter}${compressed ? ', compressed' : ''}`, (target) =>
      decodeTightBasic(body, data, area, target),
    );
  } else if (body.kind === 'zstd') {
    const data = unzstd!(body.data, body.uncompressedLength);
    draw(body.palette === undefined ? 'zstd' : 'zstd with a palette', (target) =>
      decodeZstdRect(body, data, area, target),
    );
  }
}

/** Whether the page would end the connection and name this reason. */
const isReported = (error: unknown): boolean =>
  error instanceof RfbError || (error instanceof Error && /damaged|no memory/.test(error.message));

/** Tight, zstd and Raw rects in the page's reader and decoders. */
export const pagePixels: FuzzTarget = {
  name: 'page-pixels',
  cases: 120_000,
  reaches: [
    ...['raw', 'tightFill', 'zstd', 'zstd with a palette'].map((what) => `drew ${what}`),
    ...FILTERS.flatMap((filter) => [`drew tightBasic ${filter}`, `drew tightBasic ${filter}, compressed`]),
    'updateEnd',
    'refused',
  ],
  async prepare() {
    unzstd = await loadZstd();
  },
  make(dice) {
    // The same in every run, so that a case depends on its own dice alone.
    if (bodies.length === 0) bodies = makeBodies();
    const count = dice.integer(1, 4);
    const rects = Array.from({ length: count }, () =>
      rectBytes(dice.chance(0.6) ? dice.pick(bodies) : smallBody(dice)),
    );
    const update = joinBytes([
      Uint8Array.of(0, 0, 0, dice.chance(0.9) ? count : dice.integer(0, 255)),
      ...rects,
    ]);
    return joinBytes([randomBytes(dice, 1), maybeMutated(update, dice)]);
  },
  run(input, reached) {
    const [how = 0] = input;
    const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
    const zlibStreams = new ZlibStreams();
    try {
      for (const part of how & 1 ? portions(input.subarray(1), how) : [input.subarray(1)]) {
        reader.push(part);
        for (let message = reader.next(); message; message = reader.next()) {
          if (message.type === 'rect') decode(message, zlibStreams, reached);
          else reached(message.type);
        }
      }
    } catch (error) {
      if (!isReported(error)) throw error;
      reached('refused');
    }
  },
};

function makeBodies(): Body[] {
  const dice = createDice(1);
  return Array.from({ length: BODIES }, () => makeBody(dice));
}

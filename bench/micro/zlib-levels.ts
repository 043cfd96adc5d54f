// Rects without loss by compressor: our deflater, zlib's levels, zstd. Bytes, and ms to encode and to decode.
// Run: node bench/micro/zlib-levels.ts

import { loadZstd } from '../../src/client/decoders/zstd.ts';
import { deflate } from '../../src/encode/encoders/deflate.ts';
import { encodeRect } from '../../src/encode/make/encode-rect.ts';
import { cutIntoStrips } from '../../src/encode/plan/plan-rects.ts';
import { areaPx, type Rect, type Size, wholeOf } from '../../src/pixels/rect.ts';
import type { SharedFrame } from '../../src/pixels/shared-frame.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import { ServerMessageReader } from '../../src/protocol/server-message-reader.ts';
import { updateHeader } from '../../src/protocol/server-messages.ts';
import { ViewerFramebuffer } from '../../test/support/viewer-framebuffer.ts';
import { ViewerPainter } from '../../test/support/viewer-painter.ts';
import { createPhoto } from '../painter/photo.ts';
import type { Picture } from '../painter/picture.ts';
import { race } from './support/race.ts';
import { BITMAP, GREY_EDGES, SUBPIXEL, screenText } from './support/screen-text.ts';
import { LOSSLESS, packerOf, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
/** Part of the photograph that is encoded, to save time. The result is that of the whole. */
const PHOTO_PART: Rect = { x: 0, y: 0, width: 1920, height: 96 };
const STRIPS = cutIntoStrips(wholeOf(SIZE));

/** A compressor: settings of a viewer, and another deflater in place of ours. */
interface Way {
  readonly level: number;
  readonly zstd: boolean;
  readonly deflater?: (data: Uint8Array) => Uint8Array;
}

const zlib = (level: number): Way => ({ level: 1, zstd: false, deflater: (data) => deflate(data, level) });

const WAYS: Readonly<Record<string, Way>> = {
  ours: { level: 1, zstd: false },
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((level) => [`zlib ${level}`, zlib(level)] as const)),
  'zstd 1': { level: 1, zstd: true },
  'zstd 3': { level: 3, zstd: true },
};
const BASE = 'zlib 1';
const BUDGET_MS = 4000;

const greyText = await screenText(SIZE, { ...GREY_EDGES, highlighted: false });
const colourText = await screenText(SIZE, { ...SUBPIXEL, highlighted: true });
for (const [name, picture, rects] of [
  ['text, grey edges', greyText, STRIPS],
  ['text, subpixel edges, eight colours', colourText, STRIPS],
  ['a photograph', createPhoto(SIZE.width, SIZE.height), cutIntoStrips(PHOTO_PART)],
] as const) {
  const frame = showing(picture);
  const px = rects.reduce((sum, rect) => sum + areaPx(rect), 0);
  const encode = (way: Way): number =>
    rects.reduce((sum, rect) => sum + encodeBy(frame, rect, way).length, 0);
  const took = await race(
    Object.fromEntries(Object.entries(WAYS).map(([key, way]) => [key, () => encode(way)])),
    BUDGET_MS,
  );
  const base = encode(WAYS[BASE]!);
  printTable(
    `Compressors: ${name}, ${(px / 1e6).toFixed(2)} million pixels`,
    ['compressor', 'KB', `of ${BASE}`, 'bytes/px', 'ms', `of ${BASE}`],
    Object.entries(WAYS).map(([key, way]) => {
      const bytes = encode(way);
      const ms = took[key]!.leastMs;
      return [
        key,
        (bytes / 1000).toFixed(0),
        (bytes / base).toFixed(2),
        (bytes / px).toFixed(3),
        ms.toFixed(1),
        (ms / took[BASE]!.leastMs).toFixed(2),
      ];
    }),
  );
}

const SHORT = [BASE, 'ours', 'zstd 1', 'zstd 3'];
const unzstd = await loadZstd();
const rows: string[][] = [];
for (const look of [BITMAP, GREY_EDGES, SUBPIXEL]) {
  for (const highlighted of [false, true]) {
    const name = `${look.name}, ${highlighted ? 'eight colours' : 'one colour'}`;
    rows.push([name, ...(await compressorRow(await screenText(SIZE, { ...look, highlighted })))]);
  }
}
rows.push(['two colours', ...(await compressorRow(inTwoColours(greyText)))]);
printTable('A screen of text, 1920×1080: KB, ms to encode, ms to decode and draw', ['text', ...SHORT], rows);

function encodeBy(frame: SharedFrame, rect: Rect, { level: zlibLevel, zstd, deflater }: Way): Uint8Array {
  const packer = packerOf(frame);
  const job = { frameSize: SIZE, rect, method: LOSSLESS, format: SERVER_PIXEL_FORMAT, zlibLevel, zstd };
  return encodeRect(frame, job, { packer: deflater ? { ...packer, deflate: deflater } : packer }).bytes;
}

async function compressorRow(picture: Picture): Promise<string[]> {
  const frame = showing(picture);
  const framebuffer = new ViewerFramebuffer();
  framebuffer.resize(SIZE);
  const painter = new ViewerPainter(framebuffer, unzstd);
  const cells: string[] = [];
  for (const way of SHORT) {
    const encode = () => STRIPS.map((rect) => encodeBy(frame, rect, WAYS[way]!));
    const encoded = encode();
    const took = await race({ encode, decode: () => decode(encoded, painter) }, BUDGET_MS / 4);
    const bytes = encoded.reduce((sum, { length }) => sum + length, 0);
    const times = [took.encode.leastMs, took.decode.leastMs].map((ms) => ms.toFixed(1));
    cells.push([(bytes / 1000).toFixed(0), ...times].join(', '));
  }
  return cells;
}

function decode(rects: readonly Uint8Array[], painter: ViewerPainter): void {
  const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
  reader.push(updateHeader(rects.length));
  for (const bytes of rects) reader.push(bytes);
  for (let message = reader.next(); message; message = reader.next()) {
    if (message.type === 'rect') painter.draw(message, message.body);
  }
}

function inTwoColours(picture: Picture): Picture {
  return { ...picture, pixels: picture.pixels.map((pixel) => ((pixel & 0xff) > 0x60 ? 0xffffff : 0)) };
}

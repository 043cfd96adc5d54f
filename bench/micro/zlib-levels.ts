// Rects without loss by zlib level and by zstd: bytes, and ms to encode and to decode, on one thread.
// Run: node bench/micro/zlib-levels.ts

import { loadZstd } from '../../src/client/decoders/zstd.ts';
import { cutIntoStrips } from '../../src/encode/plan/plan-rects.ts';
import { areaPx, type Rect, type Size, wholeOf } from '../../src/pixels/rect.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import { ServerMessageReader } from '../../src/protocol/server-message-reader.ts';
import { updateHeader } from '../../src/protocol/server-messages.ts';
import { ViewerFramebuffer } from '../../test/support/viewer-framebuffer.ts';
import { ViewerPainter } from '../../test/support/viewer-painter.ts';
import { createPhoto } from '../painter/photo.ts';
import type { Picture } from '../painter/picture.ts';
import { race } from './support/race.ts';
import { BITMAP, GREY_EDGES, SUBPIXEL, screenText } from './support/screen-text.ts';
import { encodeShown, LOSSLESS, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
/** Part of the photograph that is encoded, to save time. The result is that of the whole. */
const PHOTO_PART: Rect = { x: 0, y: 0, width: 1920, height: 96 };
const STRIPS = cutIntoStrips(wholeOf(SIZE));
const LEVELS = [1, 2, 3, 4, 5, 6];
const BUDGET_MS = 3000;

const greyText = await screenText(SIZE, { ...GREY_EDGES, highlighted: false });
const colourText = await screenText(SIZE, { ...SUBPIXEL, highlighted: true });
for (const [name, picture, rects] of [
  ['text, grey edges', greyText, STRIPS],
  ['text, subpixel edges, eight colours', colourText, STRIPS],
  ['a photograph', createPhoto(SIZE.width, SIZE.height), cutIntoStrips(PHOTO_PART)],
] as const) {
  const frame = showing(picture);
  const px = rects.reduce((sum, rect) => sum + areaPx(rect), 0);
  const encode = (level: number): number =>
    rects.reduce((sum, rect) => sum + encodeShown(frame, rect, LOSSLESS, level).bytes.length, 0);
  const ways = Object.fromEntries(LEVELS.map((level) => [`${level}`, () => encode(level)] as const));
  const took = await race(ways, BUDGET_MS);
  const first = encode(LEVELS[0]!);
  printTable(
    `zlib levels: ${name}, ${(px / 1e6).toFixed(2)} million pixels`,
    ['level', 'KB', 'of level 1', 'bytes/px', 'ms', 'of level 1'],
    LEVELS.map((level) => {
      const bytes = encode(level);
      const ms = took[`${level}`]!.leastMs;
      return [
        `${level}`,
        (bytes / 1000).toFixed(0),
        (bytes / first).toFixed(2),
        (bytes / px).toFixed(3),
        ms.toFixed(1),
        (ms / took['1']!.leastMs).toFixed(2),
      ];
    }),
  );
}

/** zlib's levels and zstd's, by the compression level that a viewer sets for them. */
const COMPRESSORS = {
  'zlib 1': { level: 1, zstd: false },
  'zlib 2': { level: 2, zstd: false },
  'zstd 1': { level: 1, zstd: true },
  'zstd 3': { level: 2, zstd: true },
};

const unzstd = await loadZstd();
const rows: string[][] = [];
for (const look of [BITMAP, GREY_EDGES, SUBPIXEL]) {
  for (const highlighted of [false, true]) {
    const name = `${look.name}, ${highlighted ? 'eight colours' : 'one colour'}`;
    rows.push([name, ...(await compressorRow(await screenText(SIZE, { ...look, highlighted })))]);
  }
}
rows.push(['two colours', ...(await compressorRow(inTwoColours(greyText)))]);
printTable(
  'A screen of text, 1920×1080: KB, ms to encode, ms to decode and draw',
  ['text', ...Object.keys(COMPRESSORS)],
  rows,
);

async function compressorRow(picture: Picture): Promise<string[]> {
  const frame = showing(picture);
  const framebuffer = new ViewerFramebuffer();
  framebuffer.resize(SIZE);
  const painter = new ViewerPainter(framebuffer, unzstd);
  const cells: string[] = [];
  for (const { level, zstd } of Object.values(COMPRESSORS)) {
    const encode = () => STRIPS.map((rect) => encodeShown(frame, rect, LOSSLESS, level, zstd).bytes);
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

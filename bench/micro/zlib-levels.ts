// Rects without loss by zlib level: bytes and ms of a screen of text and of a photograph, on one thread.
// Run: node bench/micro/zlib-levels.ts

import { cutIntoStrips } from '../../src/encode/plan/plan-rects.ts';
import { areaPx, type Rect, type Size, wholeOf } from '../../src/pixels/rect.ts';
import { createPhoto } from '../painter/photo.ts';
import { race } from './support/race.ts';
import { GREY_EDGES, SUBPIXEL, screenText } from './support/screen-text.ts';
import { encodeShown, LOSSLESS, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
/** Part of the photograph that is encoded, to save time. The result is that of the whole. */
const PHOTO_PART: Rect = { x: 0, y: 0, width: 1920, height: 96 };
const LEVELS = [1, 2, 3, 4, 5, 6];
const BUDGET_MS = 4000;

for (const [name, picture, rects] of [
  [
    'text, grey edges',
    await screenText(SIZE, { ...GREY_EDGES, highlighted: false }),
    cutIntoStrips(wholeOf(SIZE)),
  ],
  [
    'text, subpixel edges, eight colours',
    await screenText(SIZE, { ...SUBPIXEL, highlighted: true }),
    cutIntoStrips(wholeOf(SIZE)),
  ],
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

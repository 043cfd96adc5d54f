// Encodings without loss for viewers that lack Tight, beside Tight: KB of a screen, and ms of one thread.
// Run: node bench/micro/older-encodings.ts

import { encodeRect } from '../../src/encode/make/encode-rect.ts';
import { planRects } from '../../src/encode/plan/plan-rects.ts';
import type { EncodeProfile } from '../../src/encode/plan/profile.ts';
import { DirtyTiles, tileCount } from '../../src/pixels/dirty-tiles.ts';
import type { Size } from '../../src/pixels/rect.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import { createPhoto } from '../painter/photo.ts';
import { race } from './support/race.ts';
import { GREY_EDGES, SUBPIXEL, screenText } from './support/screen-text.ts';
import { packerOf, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
const BUDGET_MS = 4000;

const WAYS: Readonly<Record<string, EncodeProfile['encoding']>> = {
  Tight: 'tight',
  ZRLE: 'zrle',
  zlib: 'zlib',
  Hextile: 'hextile',
  Raw: 'raw',
};

/** The rects of a screen, as the server cuts them. */
function rectsOf(encoding: EncodeProfile['encoding']) {
  const profile = { format: SERVER_PIXEL_FORMAT, encoding, lossy: undefined, zlibLevel: 1 };
  const knowledge = { colours: new Uint16Array(tileCount(SIZE)), isMoving: () => false };
  return planRects(DirtyTiles.whole(SIZE), knowledge, profile);
}

for (const [name, picture] of [
  ['text, grey edges', await screenText(SIZE, { ...GREY_EDGES, highlighted: false })],
  ['text, subpixel edges, eight colours', await screenText(SIZE, { ...SUBPIXEL, highlighted: true })],
  ['a photograph', createPhoto(SIZE.width, SIZE.height)],
] as const) {
  const frame = showing(picture);
  const packer = packerOf(frame);
  const encode = (encoding: EncodeProfile['encoding']): number =>
    rectsOf(encoding).reduce((sum, { rect, method }) => {
      const job = { frameSize: SIZE, rect, method, format: SERVER_PIXEL_FORMAT, zlibLevel: 1 };
      return sum + encodeRect(frame, job, { packer }).bytes.length;
    }, 0);
  const took = await race(
    Object.fromEntries(Object.entries(WAYS).map(([key, encoding]) => [key, () => encode(encoding)])),
    BUDGET_MS,
  );
  printTable(
    `A screen of 1920×1080: ${name}`,
    ['encoding', 'KB', 'ms'],
    Object.entries(WAYS).map(([key, encoding]) => [
      key,
      (encode(encoding) / 1000).toFixed(0),
      took[key]!.leastMs.toFixed(1),
    ]),
  );
}

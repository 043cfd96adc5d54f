// CopyRects of a motion, by their number: µs to put them in order, bytes, µs for a viewer to draw them, and bytes
// saved.
// Run: node bench/micro/copies.ts

import jpegTurbo from '@julusian/jpeg-turbo';
import { encodeJpeg } from '../../src/encode/encoders/jpeg.ts';
import { type CopyRect, planCopies } from '../../src/encode/plan/plan-copies.ts';
import { DirtyTiles, TILE_SIZE } from '../../src/pixels/dirty-tiles.ts';
import type { Motion } from '../../src/pixels/motion.ts';
import { areaPx, type Rect, type Size } from '../../src/pixels/rect.ts';
import { createPhoto } from '../painter/photo.ts';
import { createRandom } from '../painter/random.ts';
import { race } from './support/race.ts';
import { encodeShown, jpeg, LOSSLESS, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const { decompressSync, FORMAT_BGRX } = jpegTurbo;

const SIZE: Size = { width: 1920, height: 1080 };
const COUNTS = [1, 8, 16, 32, 64, 128, 240];
/** Bytes of a CopyRect: header and source, RFC 6143 section 7.7.2. */
const COPY_RECT_BYTES = 16;
const BUDGET_MS = 1000;

const columns = Math.floor(SIZE.width / TILE_SIZE);
const pixels = new Uint32Array(areaPx(SIZE));
const rows: string[][] = [];
for (const count of COUNTS) {
  const motion = shreds(count);
  const planned = planCopies(motion);
  const took = await race({ order: () => planCopies(motion), draw: () => draw(planned.copies) }, BUDGET_MS);
  rows.push([
    `${count}`,
    `${planned.copies.length}`,
    (took.order.leastMs * 1000).toFixed(0),
    (took.order.medianMs * 1000).toFixed(0),
    `${planned.copies.length * COPY_RECT_BYTES}`,
    (took.draw.leastMs * 1000).toFixed(0),
  ]);
}
printTable(
  'Motions of separate pieces, each of at most 63×63 in a tile of its own',
  ['pieces', 'CopyRects', 'order µs, least', 'median', 'bytes', 'draw µs'],
  rows,
);

// The cost of one more piece, sent instead of copied.
const frame = showing(createPhoto(512, 512));
const sides = [8, 16, 32, 63];
const sent: string[][] = [];
for (const side of sides) {
  const places: Rect[] = Array.from({ length: 16 }, (_, i) => ({
    x: (i % 4) * 128,
    y: Math.floor(i / 4) * 128,
    width: side,
    height: side,
  }));
  const method = side * side < 1024 ? LOSSLESS : jpeg(92, '4:4:4');
  const encode = (): number =>
    places.reduce((sum, rect) => sum + encodeShown(frame, rect, method).bytes.length, 0);
  const took = await race({ encode }, BUDGET_MS / 2);
  sent.push([
    `${side}×${side}`,
    method.name,
    (encode() / places.length).toFixed(0),
    ((took.encode.leastMs * 1000) / places.length).toFixed(0),
  ]);
}
printTable('One piece of a photograph, sent instead of copied', ['size', 'as', 'bytes', 'encode µs'], sent);

// The work of a viewer without a GPU: moving a screen within its memory, or decoding it.
const photo = createPhoto(SIZE.width, SIZE.height);
const picture = Buffer.from(
  encodeJpeg(new Uint8Array(photo.pixels.buffer), SIZE.width, SIZE.height, SIZE.width, {
    quality: 86,
    subsampling: '4:2:0',
  }),
);
const decoded = Buffer.alloc(areaPx(SIZE) * 4);
const wholeScreen = { x: 0, y: 40, width: SIZE.width, height: SIZE.height - 40 };
const viewer = await race(
  {
    copy: () => draw([{ ...wholeScreen, dx: 0, dy: 40 }]),
    decode: () => decompressSync(picture, decoded, { format: FORMAT_BGRX }),
  },
  BUDGET_MS,
);
printTable(
  `A screen of ${SIZE.width}×${SIZE.height} in a viewer that draws in memory: ms`,
  ['', 'least', 'median', 'of decoding it'],
  (['copy', 'decode'] as const).map((way) => [
    way,
    viewer[way].leastMs.toFixed(2),
    viewer[way].medianMs.toFixed(2),
    `${((viewer[way].leastMs / viewer.decode.leastMs) * 100).toFixed(0)} %`,
  ]),
);

/** A motion by less than a tile of `count` pieces all over the screen, no two of which join into one rect. */
function shreds(count: number): Motion {
  const random = createRandom(3);
  const copies = new DirtyTiles(SIZE);
  const changed = new DirtyTiles(SIZE);
  const places = Array.from({ length: columns * 16 }, (_, i) => i).toSorted(() => random() - 0.5);
  for (const place of places.slice(0, count)) {
    const side = 20 + Math.floor(random() * 43);
    const rect = {
      x: (place % columns) * TILE_SIZE,
      y: Math.floor(place / columns) * TILE_SIZE,
      width: side,
      height: side,
    };
    copies.add(rect);
    changed.add(rect);
  }
  return { moves: [{ dx: 5, dy: 23, copies }], changed, rest: new DirtyTiles(SIZE) };
}

/** Carries out the copies like a viewer with a picture in memory. */
function draw(copies: readonly CopyRect[]): void {
  for (const { x, y, width, height, dx, dy } of copies) {
    const step = dy > 0 ? -1 : 1;
    for (let i = 0, row = dy > 0 ? height - 1 : 0; i < height; i++, row += step) {
      const from = Math.max(0, (y + row - dy) * SIZE.width + x - dx);
      pixels.copyWithin((y + row) * SIZE.width + x, from, from + width);
    }
  }
}

// Real text by how its edges are smoothed: colours of a tile, and a screen as JPEG, without loss, and as planned.
// Run: node bench/micro/text-colours.ts

import { cutIntoStrips, type Method, planRects } from '../../src/encode/plan/plan-rects.ts';
import { DirtyTiles, TILE_SIZE } from '../../src/pixels/dirty-tiles.ts';
import { isPhotoLike } from '../../src/pixels/photo-like.ts';
import { type Rect, type Size, wholeOf } from '../../src/pixels/rect.ts';
import { DEFAULT_PROFILE } from '../../src/session/picture/profile-from-settings.ts';
import { createPhoto } from '../painter/photo.ts';
import type { Picture } from '../painter/picture.ts';
import { jpegError } from './support/jpeg-error.ts';
import { race } from './support/race.ts';
import { BITMAP, GREY_EDGES, SUBPIXEL, screenText, UNHINTED } from './support/screen-text.ts';
import { countColours, encodeShown, LOSSLESS, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

/** Number of colours from which on the kernel tells drawn tiles from photographs. */
const MANY_COLOURS = 128;

const SIZE: Size = { width: 1920, height: 1080 };
const BUDGET_MS = 800;

/** The page's quality for content that changes now and then. */
const CHANGED = DEFAULT_PROFILE.lossy!.changed;

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const kb = (bytes: number): string => (bytes / 1000).toFixed(0);

const counts: string[][] = [];
const likeness: string[][] = [];
const costs: string[][] = [];
for (const highlighted of [false, true]) {
  for (const look of [BITMAP, GREY_EDGES, UNHINTED, SUBPIXEL]) {
    const picture = await screenText(SIZE, { ...look, highlighted });
    const name = `${look.name}, ${highlighted ? 'eight colours' : 'one colour'}`;
    counts.push([name, ...countRow(picture)]);
    costs.push([name, ...(await costRow(picture))]);
    likeness.push([name, ...likenessRow(picture)]);
  }
}
likeness.push(['a photograph', ...likenessRow(createPhoto(SIZE.width, SIZE.height))]);
printTable(
  'Colours of a tile of text, as the kernel counts them (128: that many or more)',
  ['text', 'median', '90 %', 'most', 'taken for a photograph', 'exact: over 256', 'whole screen'],
  counts,
);
printTable(
  `A screen of text, ${SIZE.width}×${SIZE.height}, on one thread: KB and ms`,
  [
    'text',
    'zstd, strips',
    'ms',
    'Tight, strips',
    'ms',
    'Tight, tiles',
    'ms',
    'JPEG 92 4:4:4',
    'ms',
    'SSIM',
    'policy',
    'of it JPEG',
  ],
  costs,
);
printTable(
  'Pixels equal to their left neighbours, in tiles with 128 colours or more',
  ['picture', 'such tiles', 'least', '10 %', 'median', 'most'],
  likeness,
);

/** Shares of pixels that equal their left neighbours, which tell text with many colours from a photograph. */
function likenessRow(picture: Picture): string[] {
  const counted = countColours(picture);
  const shares: number[] = [];
  DirtyTiles.whole(SIZE).forEach((box) => {
    const tile = shares.length;
    shares.push(counted[tile]! >= MANY_COLOURS ? likeLeft(picture, box) : Number.NaN);
  });
  const sorted = shares.filter((share) => !Number.isNaN(share)).sort((a, b) => a - b);
  const at = (share: number): string => percent(sorted[Math.floor((sorted.length - 1) * share)]!);
  if (sorted.length === 0) return ['0', '', '', '', ''];
  return [`${sorted.length}`, at(0), at(0.1), at(0.5), at(1)];
}

function likeLeft({ width, pixels }: Picture, tile: Rect): number {
  let like = 0;
  for (let y = tile.y; y < tile.y + tile.height; y++) {
    for (let at = y * width + tile.x + 1; at < y * width + tile.x + tile.width; at++) {
      if ((pixels[at]! ^ pixels[at - 1]!) << 8 === 0) like++;
    }
  }
  return like / ((tile.width - 1) * tile.height);
}

function countRow(picture: Picture): string[] {
  const counted = [...countColours(picture)].filter((colours) => colours > 1).sort((a, b) => a - b);
  const at = (share: number): string => `${counted[Math.floor((counted.length - 1) * share)]}`;
  const over = counted.filter(isPhotoLike).length / counted.length;
  const exact = exactColours(picture);
  const tooMany = exact.filter((colours) => colours > 256).length / counted.length;
  const all = new Set(picture.pixels.map((pixel) => pixel & 0xffffff)).size;
  return [at(0.5), at(0.9), at(1), percent(over), percent(tooMany), `${all}`];
}

function exactColours({ width, height, pixels }: Picture): number[] {
  const counted: number[] = [];
  for (let y = 0; y < height; y += TILE_SIZE) {
    for (let x = 0; x < width; x += TILE_SIZE) {
      const seen = new Set<number>();
      for (let row = y; row < Math.min(height, y + TILE_SIZE); row++) {
        const start = row * width;
        for (const pixel of pixels.subarray(start + x, start + Math.min(width, x + TILE_SIZE)))
          seen.add(pixel & 0xffffff);
      }
      counted.push(seen.size);
    }
  }
  return counted;
}

async function costRow(picture: Picture): Promise<string[]> {
  const frame = showing(picture);
  const whole = wholeOf(SIZE);
  const tiles = tileRects(SIZE);
  const strips = cutIntoStrips(whole);
  const jpeg = { name: 'jpeg', jpeg: CHANGED } as const;
  const encodeForPage = (rect: Rect, method: Method): Uint8Array =>
    encodeShown(frame, rect, method, 1, true).bytes;
  const ways = {
    zstd: () => bytesOf(strips.map((rect) => encodeForPage(rect, LOSSLESS))),
    strips: () => bytesOf(strips.map((rect) => encodeShown(frame, rect, LOSSLESS).bytes)),
    tiles: () => bytesOf(tiles.map((rect) => encodeShown(frame, rect, LOSSLESS).bytes)),
    jpeg: () => bytesOf(strips.map((rect) => encodeShown(frame, rect, jpeg).bytes)),
  };
  const took = await race(ways, BUDGET_MS);
  const planned = planRects(
    DirtyTiles.whole(SIZE),
    { colours: countColours(picture), isMoving: () => false },
    DEFAULT_PROFILE,
  );
  const byPolicy = planned.map(({ rect, method }) => ({ method, bytes: encodeForPage(rect, method) }));
  const ofItJpeg = byPolicy.filter(({ method }) => method.name === 'jpeg').map(({ bytes }) => bytes);
  const ms = (way: keyof typeof ways): string => took[way].leastMs.toFixed(1);
  return [
    kb(ways.zstd()),
    ms('zstd'),
    kb(ways.strips()),
    ms('strips'),
    kb(ways.tiles()),
    ms('tiles'),
    kb(ways.jpeg()),
    ms('jpeg'),
    jpegError(picture, whole, CHANGED).ssim!.toFixed(3),
    kb(bytesOf(byPolicy.map(({ bytes }) => bytes))),
    kb(bytesOf(ofItJpeg)),
  ];
}

function tileRects(size: Size): Rect[] {
  const rects: Rect[] = [];
  DirtyTiles.whole(size).forEach((box) => {
    rects.push(box);
  });
  return rects;
}

function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

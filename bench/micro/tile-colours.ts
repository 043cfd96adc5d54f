// A tile of a photograph reduced to fewer colours: bytes and µs without loss and as JPEG, by the number of colours.
// Run: node bench/micro/tile-colours.ts

import { TILE_SIZE } from '../../src/pixels/dirty-tiles.ts';
import type { Rect } from '../../src/pixels/rect.ts';
import { createPhoto } from '../painter/photo.ts';
import { createPicture, type Picture } from '../painter/picture.ts';
import { race } from './support/race.ts';
import { encodeShown, jpeg, LOSSLESS, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const ACROSS = 8;
const SIDE = ACROSS * TILE_SIZE;
const COLOURS = [2, 4, 16, 32, 64, 128, 256, 1000];
const BUDGET_MS = 800;

const tiles: Rect[] = Array.from({ length: ACROSS ** 2 }, (_, i) => ({
  x: (i % ACROSS) * TILE_SIZE,
  y: Math.floor(i / ACROSS) * TILE_SIZE,
  width: TILE_SIZE,
  height: TILE_SIZE,
}));
const all: Rect = { x: 0, y: 0, width: SIDE, height: SIDE };

const photo = createPhoto(SIDE, SIDE);
const rows: string[][] = [];
for (const colours of COLOURS) {
  const frame = showing(reduced(photo, colours));
  const ways = {
    lossless: () => bytes(tiles.map((rect) => encodeShown(frame, rect, LOSSLESS).bytes)),
    best: () => encodeShown(frame, all, jpeg(92, '4:4:4')).bytes.length,
    usual: () => encodeShown(frame, all, jpeg(77, '4:2:0')).bytes.length,
  };
  const took = await race(ways, BUDGET_MS);
  const each = (way: keyof typeof ways): string[] => [
    (ways[way]() / tiles.length).toFixed(0),
    ((took[way].leastMs * 1000) / tiles.length).toFixed(0),
  ];
  rows.push([`${colours}`, ...each('lossless'), ...each('best'), ...each('usual')]);
}
printTable(
  'A photo-like tile of 64×64: as part of a JPEG rect of 64 tiles, and alone without loss',
  ['colours', 'no loss, bytes', 'µs', 'JPEG 92 4:4:4, bytes', 'µs', 'JPEG 77 4:2:0, bytes', 'µs'],
  rows,
);

/** Reduces each tile to that many of its own colours. Each pixel gets the nearest one. */
function reduced(source: Picture, colours: number): Picture {
  const result = createPicture(source.width, source.height);
  for (const tile of tiles) {
    const palette = paletteOf(source, tile, colours);
    forEachPixel(source, tile, (at) => {
      result.pixels[at] = nearest(palette, source.pixels[at]!);
    });
  }
  return result;
}

/** Picks `colours` colours from all over the tile, or as many as it has. */
function paletteOf(source: Picture, tile: Rect, colours: number): number[] {
  const found = new Set<number>();
  forEachPixel(source, tile, (at) => {
    found.add(source.pixels[at]!);
  });
  const sorted = [...found].sort((a, b) => a - b);
  const step = Math.max(1, sorted.length / colours);
  return Array.from({ length: Math.min(colours, sorted.length) }, (_, i) => sorted[Math.floor(i * step)]!);
}

function nearest(palette: readonly number[], colour: number): number {
  let best = palette[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of palette) {
    let distance = 0;
    for (const shift of [0, 8, 16])
      distance += (((candidate >> shift) & 0xff) - ((colour >> shift) & 0xff)) ** 2;
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

function forEachPixel(source: Picture, { x, y, width, height }: Rect, visit: (at: number) => void): void {
  for (let row = y; row < y + height; row++) {
    for (let at = row * source.width + x; at < row * source.width + x + width; at++) visit(at);
  }
}

function bytes(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

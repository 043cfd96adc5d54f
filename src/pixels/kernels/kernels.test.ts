import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { DirtyTiles, TILE_SIZE, tileCount, tilesAcross } from '../dirty-tiles.ts';
import type { Offset } from '../motion.ts';
import { intersect, type Rect, type Size, wholeOf } from '../rect.ts';
import { createSharedFrame } from '../shared-frame.ts';
import { createKernels } from './kernels.ts';

const MAX: Size = { width: 300, height: 200 };
const module = new WebAssembly.Module(readFileSync(new URL('kernels.wasm', import.meta.url)));
const frame = createSharedFrame(MAX);
const kernels = createKernels(module, frame);

const words = (at: number, count: number): Uint32Array => new Uint32Array(frame.memory.buffer, at, count);

interface Scene {
  readonly size: Size;
  readonly incoming: Uint32Array;
  readonly shown: Uint32Array;
  readonly boxes: Uint32Array;
  readonly colours: Uint16Array;
}

/** A frame of one grey in both pictures, with noise in the unused byte. */
function scene(size: Size): Scene {
  const pixels = size.width * size.height;
  const incoming = words(frame.incomingAt, pixels + size.width);
  const shown = words(frame.shownAt, pixels + size.width);
  for (let i = 0; i < incoming.length; i++) {
    incoming[i] = 0x808080 | ((i * 7) << 24);
    shown[i] = 0x808080 | ((i * 13) << 24);
  }
  // The spare row differs everywhere, which catches a kernel that reads beyond the last row.
  incoming.fill(0x111111, pixels);
  const boxes = words(frame.boxesAt, tileCount(size));
  boxes.fill(0);
  const colours = new Uint16Array(frame.memory.buffer, frame.coloursAt, tileCount(size));
  return { size, incoming, shown, boxes, colours };
}

function damage(target: Scene, tiles: DirtyTiles): void {
  tiles.writeTo(target.boxes);
}

/** Computes pixel by pixel the exact bounds of what differs in each tile. */
function naiveBoxes({ size, incoming, shown }: Scene): Uint32Array {
  const tiles = new DirtyTiles(size);
  const differs = (i: number): boolean => ((incoming[i]! ^ shown[i]!) & 0xffffff) !== 0;
  for (let y = 0; y < size.height; y++) {
    const row = y * size.width;
    // Each run of pixels at once: to add every pixel by itself would take most of the test's time.
    for (let x = 0; x < size.width; x++) {
      const first = x;
      while (x < size.width && differs(row + x)) x++;
      if (x > first) tiles.add({ x: first, y, width: x - first, height: 1 });
    }
  }
  const boxes = new Uint32Array(tileCount(size));
  tiles.writeTo(boxes);
  return boxes;
}

const sizes = fc.record({
  width: fc.integer({ min: 1, max: MAX.width }),
  height: fc.integer({ min: 1, max: MAX.height }),
});
const rects = fc.record({
  x: fc.nat(MAX.width),
  y: fc.nat(MAX.height),
  width: fc.integer({ min: 1, max: 150 }),
  height: fc.integer({ min: 1, max: 150 }),
});
const paints = fc.array(fc.tuple(rects, fc.nat(0xffffff), fc.boolean()), { maxLength: 8 });

function paint({ size, incoming }: Scene, rect: Rect, colour: number, scattered: boolean): void {
  const part = intersect(rect, wholeOf(size));
  if (!part) return;
  for (let y = part.y; y < part.y + part.height; y++) {
    for (let x = part.x; x < part.x + part.width; x++) {
      if (scattered && (x * 31 + y * 17) % 11 !== 0) continue;
      incoming[y * size.width + x] = colour | ((x * y) << 24);
    }
  }
}

test('compare finds the exact bounds of every change, and commit makes the pictures equal', () => {
  fc.assert(
    fc.property(sizes, paints, fc.boolean(), (size, strokes, atOnce) => {
      const target = scene(size);
      for (const [rect, colour, scattered] of strokes) paint(target, rect, colour, scattered);
      const expected = naiveBoxes(target);
      damage(target, DirtyTiles.whole(size));
      const count = kernels.compare(size, { commitAtOnce: atOnce });
      assert.deepEqual(target.boxes, expected);
      assert.equal(count, expected.filter((box) => box !== 0).length);
      if (!atOnce) kernels.commit(size);
      assert.deepEqual(naiveBoxes(target), new Uint32Array(expected.length));
    }),
    { numRuns: 300 },
  );
});

test('compare finds a change inside any damage box that contains it', () => {
  fc.assert(
    fc.property(sizes, rects, fc.nat(0xffffff), (size, rect, colour) => {
      const target = scene(size);
      paint(target, rect, colour, false);
      const expected = naiveBoxes(target);
      const tiles = new DirtyTiles(size);
      tiles.add(rect);
      damage(target, tiles);
      kernels.compare(size);
      assert.deepEqual(target.boxes, expected);
    }),
    { numRuns: 300 },
  );
});

test('commit copies nothing outside the boxes', () => {
  fc.assert(
    fc.property(sizes, rects, (size, rect) => {
      const target = scene(size);
      const part = intersect(rect, wholeOf(size));
      target.incoming.fill(0x123456);
      const tiles = new DirtyTiles(size);
      if (part) tiles.add(part);
      damage(target, tiles);
      kernels.commit(size);
      for (let y = 0; y < size.height; y++) {
        for (let x = 0; x < size.width; x++) {
          const inside = part && intersect(part, { x, y, width: 1, height: 1 }) !== undefined;
          const colour = target.shown[y * size.width + x]! & 0xffffff;
          if (colour !== (inside ? 0x123456 : 0x808080)) assert.fail(`${x},${y}: ${colour.toString(16)}`);
        }
      }
      assert.equal(target.shown[size.width * size.height]! & 0xffffff, 0x808080);
    }),
    { numRuns: 200 },
  );
});

/** The picture after the copies and the rest, as a viewer that had `shown` sees it. */
function afterMotion({ size, incoming, shown }: Scene, motions: readonly Offset[]): Uint32Array {
  const picture = shown.slice(0, size.width * size.height);
  const before = picture.slice();
  const copies = motions.map(
    ({ dx, dy }, n) => [frame.copiesAt[n]!, (i: number) => before[i - dy * size.width - dx]!] as const,
  );
  for (const [at, source] of [...copies, [frame.restsAt, (i: number) => incoming[i]!] as const]) {
    const tiles = new DirtyTiles(size, words(at, tileCount(size)));
    for (const { x, y, width, height } of tiles.rects(size.width, 'dirty pixels')) {
      for (let row = y; row < y + height; row++) {
        for (let i = row * size.width + x; i < row * size.width + x + width; i++) picture[i] = source(i);
      }
    }
  }
  return picture;
}

const isIn = (size: Size, x: number, y: number): boolean =>
  x >= 0 && y >= 0 && x < size.width && y < size.height;

test('copies and rests turn the old picture into the new one, and the boxes do not depend on the motion', () => {
  const distance = fc.integer({ min: -70, max: 70 });
  fc.assert(
    fc.property(sizes, paints, paints, distance, distance, (size, strokes, later, dx, dy) => {
      const target = scene(size);
      for (const [rect, colour, scattered] of strokes) paint(target, rect, colour, scattered);
      target.shown.set(target.incoming.subarray(0, size.width * size.height));
      // The picture moved, with the uncovered edges unchanged and something new on top.
      for (let y = 0; y < size.height; y++) {
        for (let x = 0; x < size.width; x++) {
          if (!isIn(size, x - dx, y - dy)) continue;
          target.incoming[y * size.width + x] = target.shown[(y - dy) * size.width + x - dx]!;
        }
      }
      for (const [rect, colour, scattered] of later.slice(0, 2)) paint(target, rect, colour, scattered);
      const expected = naiveBoxes(target);
      damage(target, DirtyTiles.whole(size));
      kernels.compare(size, { moved: [{ dx, dy }] });
      assert.deepEqual(target.boxes, expected);
      const picture = afterMotion(target, [{ dx, dy }]);
      const wrong = picture.findIndex((pixel, i) => (pixel & 0xffffff) !== (target.incoming[i]! & 0xffffff));
      assert.equal(wrong, -1, `${wrong % size.width},${Math.floor(wrong / size.width)}`);
    }),
    { numRuns: 300 },
  );
});

test('copies of two motions and rests turn the old picture into the new one, and no tile has copies of both', () => {
  const distance = fc.integer({ min: -70, max: 70 });
  fc.assert(
    fc.property(
      sizes,
      paints,
      distance,
      distance,
      distance,
      fc.nat(300),
      (size, strokes, dx, dy, otherDy, edge) => {
        const target = scene(size);
        for (const [rect, colour] of strokes) paint(target, rect, colour, true);
        target.shown.set(target.incoming.subarray(0, size.width * size.height));
        // What is left of the edge moved by the first motion, the rest by the second.
        for (let i = 0; i < size.width * size.height; i++) {
          const [x, y] = [i % size.width, Math.floor(i / size.width)];
          const fromX = x < edge ? x - dx : x;
          const fromY = x < edge ? y - dy : y - otherDy;
          if (isIn(size, fromX, fromY)) target.incoming[i] = target.shown[fromY * size.width + fromX]!;
        }
        const expected = naiveBoxes(target);
        const motions = [
          { dx, dy },
          { dx: 0, dy: otherDy },
        ];
        damage(target, DirtyTiles.whole(size));
        kernels.compare(size, { moved: motions });
        assert.deepEqual(target.boxes, expected);
        const picture = afterMotion(target, motions);
        const wrong = picture.findIndex(
          (pixel, i) => (pixel & 0xffffff) !== (target.incoming[i]! & 0xffffff),
        );
        assert.equal(wrong, -1, `${wrong % size.width},${Math.floor(wrong / size.width)}`);
        const [first, second] = frame.copiesAt.map((at) => words(at, tileCount(size)));
        assert.ok(first!.every((box, i) => box === 0 || second![i] === 0));
      },
    ),
    { numRuns: 300 },
  );
});

test('each of two panes goes to its own motion, and a plain tile between copies to theirs', () => {
  const size = { width: 256, height: 192 };
  const target = scene(size);
  const at = (x: number, y: number): number => y * size.width + x;
  for (let i = 0; i < size.width * size.height; i++) target.shown[i] = Math.imul(i, 0x9e3779b1) >>> 8;
  // A tile that is plain before and after.
  for (let y = 0; y < 128; y++) target.shown.fill(0x123456, at(192, y), at(256, y));
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const from = y - (x < 128 ? -5 : 7);
      const isInside = from >= 0 && from < size.height;
      target.incoming[at(x, y)] = isInside ? target.shown[at(x, from)]! : 0x777777;
    }
  }
  damage(target, DirtyTiles.whole(size));
  kernels.compare(size, {
    moved: [
      { dx: 0, dy: -5 },
      { dx: 0, dy: 7 },
    ],
  });
  const [up, down] = frame.copiesAt.map((copies) => new DirtyTiles(size, words(copies, tileCount(size))));
  const rests = new DirtyTiles(size, words(frame.restsAt, tileCount(size)));
  assert.deepEqual(up!.rects(256, 'dirty pixels'), [{ x: 0, y: 0, width: 128, height: 187 }]);
  assert.deepEqual(down!.rects(256, 'dirty pixels'), [
    { x: 128, y: 7, width: 64, height: 57 },
    { x: 128, y: 64, width: 128, height: 128 },
  ]);
  assert.deepEqual(rests.rects(256, 'dirty pixels'), [
    { x: 128, y: 0, width: 128, height: 7 },
    { x: 0, y: 187, width: 128, height: 5 },
  ]);
});

test('a tile that moved completely has no rest, and a tile that a copy explains badly is not copied', () => {
  const size = { width: 256, height: 128 };
  const target = scene(size);
  for (let i = 0; i < size.width * size.height; i++) target.shown[i] = Math.imul(i, 0x9e3779b1);
  for (let i = 0; i < size.width * size.height; i++) target.incoming[i] = target.shown[i - 5] ?? 1;
  // Slightly more than seven eighths of the tile at 64,0 are something else, and an eighth of the tile at 192,0.
  paint(target, { x: 64, y: 0, width: 64, height: 57 }, 0x123456, false);
  paint(target, { x: 192, y: 24, width: 64, height: 8 }, 0x123456, false);
  damage(target, DirtyTiles.whole(size));
  kernels.compare(size, { moved: [{ dx: 5, dy: 0 }] });
  const copies = new DirtyTiles(size, words(frame.copiesAt[0]!, tileCount(size)));
  const rests = new DirtyTiles(size, words(frame.restsAt, tileCount(size)));
  assert.equal(copies.touches({ x: 64, y: 0, width: 64, height: 64 }), false);
  assert.ok(copies.touches({ x: 192, y: 0, width: 64, height: 64 }));
  assert.deepEqual(rests.rects(256, 'dirty pixels'), [
    { x: 64, y: 0, width: 64, height: 64 },
    { x: 192, y: 24, width: 64, height: 8 },
    { x: 0, y: 0, width: 5, height: 128 },
  ]);
  assert.deepEqual(copies.rowRects(0, 256, 'dirty pixels').at(-1), { x: 128, y: 0, width: 128, height: 64 });
});

test('with option everything the boxes stay unchanged although no pixel differs', () => {
  const target = scene({ width: 100, height: 70 });
  damage(target, DirtyTiles.whole(target.size));
  const before = target.boxes.slice();
  assert.equal(kernels.compare(target.size, { everything: true }), 4);
  assert.deepEqual(target.boxes, before);
});

test('colours are counted in the sampled rows up to 128', () => {
  const size = { width: 130, height: 70 };
  for (const wanted of [1, 2, 3, 17, 127, 128, 129, 1000]) {
    const target = scene(size);
    let next = 0;
    for (let y = 0; y < TILE_SIZE; y += 4) {
      for (let x = 0; x < TILE_SIZE; x++) {
        target.incoming[y * size.width + x] = (next++ % wanted) * 2654 + (x << 24);
      }
    }
    damage(target, DirtyTiles.whole(size));
    kernels.compare(size, { everything: true });
    assert.equal(target.colours[0], Math.min(wanted, 129), `${wanted} colours`);
    assert.equal(target.colours[1], 1);
    assert.equal(tilesAcross(size.width), 3);
    assert.equal(target.colours[5], 1, 'the corner tile, 2 × 6');
  }
});

test('the colours of a tile do not depend on its last count, which only makes counting faster', () => {
  const [kinds, runs] = [fc.integer({ min: 1, max: 1200 }), fc.integer({ min: 1, max: 6 })];
  fc.assert(
    fc.property(sizes, kinds, runs, fc.nat(0xffffff), (size, kind, run, seed) => {
      const target = scene(size);
      for (let i = 0; i < size.width * size.height; i++)
        target.incoming[i] = Math.imul((Math.floor(i / run) + seed) % kind, 0x9e3779b1) >>> 5;
      const countAfter = (last: number): Uint16Array => {
        damage(target, DirtyTiles.whole(size));
        target.colours.fill(last);
        kernels.compare(size, { everything: true });
        return target.colours.slice();
      };
      const counts = countAfter(1);
      assert.deepEqual(countAfter(129), counts);
      target.shown.set(target.incoming);
      target.incoming.fill(0);
      target.colours.fill(129);
      for (let tileRow = 0; tileRow * TILE_SIZE < size.height; tileRow++) kernels.countColours(size, tileRow);
      assert.deepEqual(target.colours, counts, 'of the shown picture');
    }),
    { numRuns: 300 },
  );
});

/** Many colours that differ by less than 16 in each channel, as neighbours in a photograph do. */
const soft = (n: number): number =>
  0x646464 + (n % 12) + ((Math.floor(n / 12) % 12) << 8) + ((Math.floor(n / 144) % 12) << 16);
const sharp = (n: number): number => Math.imul(n + 1, 0x9e3779b1) >>> 8;

test('a tile of many colours that looks drawn is told apart from a photograph', () => {
  const size = { width: 130, height: 70 };
  // Runs of `run` pixels of one colour: text has such runs, and sharp edges between them.
  for (const [run, colourOf, expected] of [
    [1, soft, 129],
    [1, sharp, 129],
    [2, soft, 129],
    [2, sharp, 128],
    [3, soft, 128],
    [3, sharp, 128],
    [8, sharp, 128],
  ] as const) {
    const target = scene(size);
    for (let y = 0; y < TILE_SIZE; y++) {
      for (let x = 0; x < TILE_SIZE; x++) {
        const colour = colourOf(y * TILE_SIZE + Math.floor(x / run));
        target.incoming[y * size.width + x] = colour | (x << 24);
      }
    }
    damage(target, DirtyTiles.whole(size));
    kernels.compare(size, { everything: true });
    assert.equal(target.colours[0], expected, `runs of ${run}, ${colourOf.name}`);
  }
});

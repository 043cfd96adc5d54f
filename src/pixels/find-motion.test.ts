import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { DirtyTiles } from './dirty-tiles.ts';
import { MotionFinder } from './find-motion.ts';
import { createKernels } from './kernels/kernels.ts';
import type { Offset } from './motion.ts';
import { areaPx, type Rect, type Size } from './rect.ts';
import { createSharedFrame, type SharedFrame } from './shared-frame.ts';

const SIZE: Size = { width: 640, height: 480 };
const WHOLE: Rect = { x: 0, y: 0, ...SIZE };
const module = new WebAssembly.Module(readFileSync(new URL('kernels/kernels.wasm', import.meta.url)));

type Picture = (x: number, y: number) => number;

const hash = (x: number, y: number, seed: number): number =>
  (Math.imul(Math.imul(x + 4096, 0x9e3779b1) ^ Math.imul(y + 4096, 0x85ebca6b) ^ seed, 0x27d4eb2f) >>> 8) &
  0xffffff;

const noise =
  (seed: number): Picture =>
  (x, y) =>
    hash(x, y, seed);

/** Black text on white: strokes a few pixels wide, mostly white. */
const text: Picture = (x, y) => (y % 16 < 11 && hash(x >> 1, y, 5) % 3 === 0 ? 0 : 0xffffff);

/** A picture drawn at twice its size: every two rows are equal. */
const large: Picture = (x, y) => hash(x >> 1, y >> 1, 6);

/** Fills a frame that showed `before` and is about to show `now`. */
function fill(frame: SharedFrame, before: Picture, now: Picture): void {
  for (const [at, picture] of [
    [frame.shownAt, before],
    [frame.incomingAt, now],
  ] as const) {
    const words = new Uint32Array(frame.memory.buffer, at, SIZE.width * SIZE.height);
    // The fourth byte of a pixel is unused.
    for (let i = 0; i < words.length; i++) {
      words[i] = picture(i % SIZE.width, Math.floor(i / SIZE.width)) | ((i * at) << 24);
    }
  }
}

/** Returns a finder that may read both pictures. */
function finderOf(before: Picture, now: Picture): MotionFinder {
  const frame = createSharedFrame(SIZE);
  fill(frame, before, now);
  return new MotionFinder(frame, createKernels(module, frame));
}

/**
 * Returns a function that shows one finder a motion of `picture` after another, asserts that the finder detects it,
 * and returns the number of pixels that it read.
 */
function follower(picture: Picture): (dx: number, dy: number, within?: Rect) => number {
  const frame = createSharedFrame(SIZE);
  const finder = new MotionFinder(frame, createKernels(module, frame));
  return (dx, dy, within = WHOLE) => {
    fill(frame, picture, moved(picture, dx, dy, within));
    let readPx = 0;
    const found = finder.find(damageOf(WHOLE), (rects) => {
      for (const rect of rects) readPx += areaPx(rect);
    });
    assert.deepEqual(found, [{ dx, dy }]);
    return readPx;
  };
}

const byDy = (offsets: readonly Offset[]): number[] => offsets.map(({ dy }) => dy).toSorted((a, b) => a - b);

function damageOf(rect: Rect): DirtyTiles {
  const tiles = new DirtyTiles(SIZE);
  tiles.add(rect);
  return tiles;
}

const moved =
  (picture: Picture, dx: number, dy: number, within: Rect = WHOLE): Picture =>
  (x, y) => {
    const inside =
      x >= within.x && y >= within.y && x < within.x + within.width && y < within.y + within.height;
    return inside ? picture(x - dx, y - dy) : picture(x, y);
  };

suite('motion search', () => {
  test('motion of a whole picture is found at any distance', () => {
    const distance = fc.record({
      dx: fc.integer({ min: -150, max: 150 }),
      dy: fc.integer({ min: -150, max: 150 }),
    });
    fc.assert(
      fc.property(distance, fc.constantFrom(text, noise(1)), ({ dx, dy }, picture) => {
        fc.pre(dx !== 0 || dy !== 0);
        assert.deepEqual(finderOf(picture, moved(picture, dx, dy)).find(damageOf(WHOLE)), [{ dx, dy }]);
      }),
      { numRuns: 40 },
    );
  });

  test('motion is found of a window over a still picture, and of text that scrolls in it', () => {
    for (const [dx, dy] of [
      [0, -13],
      [0, 40],
      [-9, 0],
      [31, 17],
    ] as const) {
      const window = { x: 101, y: 75, width: 333, height: 290 };
      const finder = finderOf(text, moved(text, dx, dy, window));
      assert.deepEqual(finder.find(damageOf(window)), [{ dx, dy }]);
    }
  });

  test('no motion is found in a new picture, an unchanged one, a flat one or stripes', () => {
    for (const [before, now] of [
      [noise(1), noise(2)],
      [noise(1), noise(1)],
      [() => 0x336699, () => 0x336699],
      [(x: number) => (x & 4 ? 0 : 0xffffff), (x: number) => ((x + 1) & 4 ? 0 : 0xffffff)],
    ] as const) {
      assert.deepEqual(finderOf(before, now).find(damageOf(WHOLE)), []);
    }
  });

  test('a search reads only samples of the new picture', () => {
    const damage = damageOf({ x: 64, y: 30, width: 500, height: 300 });
    const samples: Rect[] = [];
    finderOf(text, text).find(damage, (rects) => samples.push(...rects));
    const area = samples.reduce((sum, { width, height }) => sum + width * height, 0);
    assert.ok(area > 0 && area < damage.areaPx / 3, `${area} of ${damage.areaPx} pixels`);
    // Pixels outside the samples may be anything.
    const seen: Picture = (x, y) =>
      samples.some(
        (rect) => y >= rect.y && y < rect.y + rect.height && x >= rect.x && x < rect.x + rect.width,
      )
        ? text(x, y + 24)
        : hash(x, y, 77);
    assert.deepEqual(finderOf(text, seen).find(damage), [{ dx: 0, dy: -24 }]);
  });

  test('motion that continues is found by a few rows, and motion that changes by a new search', () => {
    const follow = follower(text);
    const searchedPx = follow(3, -12);
    for (const [dx, dy] of [
      [3, -12],
      [4, -13],
      [4, -12],
      [5, -11],
    ] as const) {
      const readPx = follow(dx, dy);
      assert.ok(readPx <= searchedPx / 4, `${readPx} of ${searchedPx} pixels`);
    }
    const half = { x: 0, y: 0, width: 320, height: 480 };
    follow(5, -30);
    follow(-80, 0);
    follow(-80, 0, half);
    follow(9, 9, half);
  });

  test('a motion that comes back after others is found by a few rows', () => {
    const follow = follower(text);
    const searchedPx = follow(0, -12);
    for (const dy of [-30, -50, -70]) follow(0, dy);
    for (const dy of [-12, -50, -30, -70]) {
      const readPx = follow(0, dy);
      assert.ok(readPx <= searchedPx / 4, `${readPx} of ${searchedPx} pixels`);
    }
  });

  test('two panes that move by different steps are found, followed, and told from one that is left', () => {
    const left = { x: 0, y: 0, width: 300, height: 480 };
    const right = { x: 300, y: 0, width: 340, height: 480 };
    const frame = createSharedFrame(SIZE);
    const finder = new MotionFinder(frame, createKernels(module, frame));
    const find = (now: Picture): readonly Offset[] => {
      fill(frame, text, now);
      return finder.find(damageOf(WHOLE));
    };
    const both =
      (dyLeft: number, dyRight: number): Picture =>
      (x, y) =>
        x < 300 ? moved(text, 0, dyLeft, left)(x, y) : moved(text, 0, dyRight, right)(x, y);
    for (let i = 0; i < 3; i++) assert.deepEqual(byDy(find(both(-16, 9))), [-16, 9]);
    assert.deepEqual(byDy(find(both(-40, 9))), [-40, 9]);
    assert.deepEqual(byDy(find(both(-40, 0))), [-40]);
    assert.deepEqual(byDy(find(both(-40, -70))), [-70, -40]);
  });

  test('motion is found in a picture drawn at twice its size, in which every two rows are equal', () => {
    const follow = follower(large);
    for (const dy of [-12, -12, -13, -12, -11, -11, -12]) follow(0, dy);
  });

  test('small changes are not searched for motion', () => {
    const small = damageOf({ x: 0, y: 0, width: 200, height: 200 });
    const finder = finderOf(text, moved(text, 0, 8));
    assert.deepEqual(
      finder.find(small, () => assert.fail()),
      [],
    );
  });

  test('searches become rarer while they find nothing, and frequent again after a success', () => {
    const finder = finderOf(noise(1), noise(2));
    const damage = damageOf(WHOLE);
    const tries = Array.from({ length: 30 }, () => {
      let tried = false;
      finder.find(damage, () => {
        tried = true;
      });
      return tried;
    });
    assert.deepEqual(tries.slice(0, 9), [true, true, true, true, false, false, false, false, true]);
    assert.ok(tries.filter(Boolean).length <= 10);
  });
});

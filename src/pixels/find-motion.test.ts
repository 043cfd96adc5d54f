import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { DirtyTiles } from './dirty-tiles.ts';
import { MotionFinder } from './find-motion.ts';
import { createKernels } from './kernels/kernels.ts';
import type { Rect, Size } from './rect.ts';
import { createSharedFrame } from './shared-frame.ts';

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

/** Black on white, as text is: strokes a few pixels wide, most of it blank. */
const text: Picture = (x, y) => (y % 16 < 11 && hash(x >> 1, y, 5) % 3 === 0 ? 0 : 0xffffff);

/** A frame that showed `before` and is about to show `now`; the finder may look. */
function finderOf(before: Picture, now: Picture): MotionFinder {
  const frame = createSharedFrame(SIZE);
  for (const [at, picture] of [
    [frame.shownAt, before],
    [frame.incomingAt, now],
  ] as const) {
    const words = new Uint32Array(frame.memory.buffer, at, SIZE.width * SIZE.height);
    // The fourth byte means nothing.
    for (let i = 0; i < words.length; i++) {
      words[i] = picture(i % SIZE.width, Math.floor(i / SIZE.width)) | ((i * at) << 24);
    }
  }
  return new MotionFinder(frame, createKernels(module, frame));
}

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

suite('finding a motion', () => {
  test('of a whole picture, whatever its distance', () => {
    const distance = fc.record({
      dx: fc.integer({ min: -150, max: 150 }),
      dy: fc.integer({ min: -150, max: 150 }),
    });
    fc.assert(
      fc.property(distance, fc.constantFrom(text, noise(1)), ({ dx, dy }, picture) => {
        fc.pre(dx !== 0 || dy !== 0);
        assert.deepEqual(finderOf(picture, moved(picture, dx, dy)).find(damageOf(WHOLE)), { dx, dy });
      }),
      { numRuns: 40 },
    );
  });

  test('of a window in a picture that stands still, of text that scrolls in it', () => {
    for (const [dx, dy] of [
      [0, -13],
      [0, 40],
      [-9, 0],
      [31, 17],
    ] as const) {
      const window = { x: 101, y: 75, width: 333, height: 290 };
      const finder = finderOf(text, moved(text, dx, dy, window));
      assert.deepEqual(finder.find(damageOf(window)), { dx, dy });
    }
  });

  test('none where there is none: another picture, the same one, a flat one, stripes', () => {
    for (const [before, now] of [
      [noise(1), noise(2)],
      [noise(1), noise(1)],
      [() => 0x336699, () => 0x336699],
      [(x: number) => (x & 4 ? 0 : 0xffffff), (x: number) => ((x + 1) & 4 ? 0 : 0xffffff)],
    ] as const) {
      assert.equal(finderOf(before, now).find(damageOf(WHOLE)), undefined);
    }
  });

  test('reads but samples of the new picture', () => {
    const damage = damageOf({ x: 64, y: 30, width: 500, height: 300 });
    const samples = finderOf(text, text).samples(damage);
    const area = samples.reduce((sum, { width, height }) => sum + width * height, 0);
    assert.ok(area > 0 && area < damage.areaPx / 3, `${area} of ${damage.areaPx} pixels`);
    // What is outside of the samples may be anything.
    const seen: Picture = (x, y) =>
      samples.some(
        (rect) => y >= rect.y && y < rect.y + rect.height && x >= rect.x && x < rect.x + rect.width,
      )
        ? text(x, y + 24)
        : hash(x, y, 77);
    assert.deepEqual(finderOf(text, seen).find(damage), { dx: 0, dy: -24 });
  });

  test('leaves small changes alone', () => {
    assert.deepEqual(finderOf(text, text).samples(damageOf({ x: 0, y: 0, width: 200, height: 200 })), []);
  });

  test('is tried less often while it is in vain, and each time again once it was not', () => {
    const finder = finderOf(noise(1), noise(2));
    const damage = damageOf(WHOLE);
    const tries = Array.from({ length: 30 }, () => {
      if (finder.samples(damage).length === 0) return false;
      finder.find(damage);
      return true;
    });
    assert.deepEqual(tries.slice(0, 9), [true, true, true, true, false, false, false, false, true]);
    assert.ok(tries.filter(Boolean).length <= 10);
  });
});

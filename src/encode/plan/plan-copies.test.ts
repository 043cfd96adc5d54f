import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { withSlack } from '../../../test/support/limits.ts';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Motion } from '../../pixels/motion.ts';
import { intersect, type Rect, type Size, wholeOf } from '../../pixels/rect.ts';
import { type CopyRect, planCopies } from './plan-copies.ts';

const SIZE: Size = { width: 700, height: 460 };

function motionOf(dx: number, dy: number, places: readonly Rect[], rest: readonly Rect[] = []): Motion {
  const sources = { x: Math.max(0, dx), y: Math.max(0, dy), width: SIZE.width, height: SIZE.height };
  const copies = new DirtyTiles(SIZE);
  for (const place of places) {
    // Only a place whose source is inside the picture can be a copy.
    const valid = intersect(
      place,
      intersect(sources, { ...wholeOf(SIZE), x: Math.min(0, dx), y: Math.min(0, dy) })!,
    );
    if (valid) copies.add(valid);
  }
  const left = new DirtyTiles(SIZE);
  for (const rect of rest) left.add(rect);
  const changed = copies.clone();
  changed.merge(left);
  return { moves: [{ dx, dy, copies }], rest: left, changed };
}

/** A picture in which each pixel has its own number, after the rects were copied one after the other. */
function carriedOut(copies: readonly CopyRect[]): Uint32Array {
  const picture = Uint32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => i);
  for (const { x, y, width, height, dx, dy } of copies) {
    const source: Uint32Array[] = [];
    for (let row = y; row < y + height; row++) {
      const at = (row - dy) * SIZE.width + x - dx;
      source.push(picture.slice(at, at + width));
    }
    for (const [row, pixels] of source.entries()) picture.set(pixels, (y + row) * SIZE.width + x);
  }
  return picture;
}

const places = fc.array(
  fc.record({
    x: fc.nat(SIZE.width - 1),
    y: fc.nat(SIZE.height - 1),
    width: fc.integer({ min: 1, max: 300 }),
    height: fc.integer({ min: 1, max: 300 }),
  }),
  { minLength: 1, maxLength: 12 },
);
const distance = fc.integer({ min: -90, max: 90 });

suite('the CopyRects of a motion', () => {
  test('the CopyRects of a motion, carried out in order, move each of its pixels correctly and no other pixel', () => {
    fc.assert(
      fc.property(distance, distance, places, (dx, dy, rects) => {
        const motion = motionOf(dx, dy, rects);
        const { copies } = planCopies(motion);
        const picture = carriedOut(copies);
        const isCopied = new Uint8Array(picture.length);
        for (const rect of motion.moves[0]!.copies.rects(SIZE.width, 'dirty pixels')) {
          for (let y = rect.y; y < rect.y + rect.height; y++) {
            isCopied.fill(1, y * SIZE.width + rect.x, y * SIZE.width + rect.x + rect.width);
          }
        }
        const wrong = picture.findIndex((from, i) => from !== (isCopied[i] ? i - dy * SIZE.width - dx : i));
        assert.equal(wrong, -1);
      }),
      { numRuns: 150 },
    );
  });

  test('the CopyRects of two motions, carried out in order, move each pixel as if all moved at the same time', () => {
    fc.assert(
      fc.property(distance, distance, distance, places, places, (dx, dy, otherDy, rects, others) => {
        fc.pre(dx !== 0 || dy !== otherDy);
        const first = motionOf(dx, dy, rects).moves[0]!;
        // As the kernel does, a tile has copies of one motion at most.
        const { yes: copies } = motionOf(0, otherDy, others).moves[0]!.copies.partition(
          (tileX, tileY) => !first.copies.has(tileX, tileY),
        );
        const changed = first.copies.clone();
        changed.merge(copies);
        const moves = [first, { dx: 0, dy: otherDy, copies }];
        const planned = planCopies({ moves, rest: new DirtyTiles(SIZE), changed });
        const expected = Uint32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => i);
        for (const moved of planned.moves) {
          for (const { x, y, width, height } of moved.copied.rects(SIZE.width, 'dirty pixels')) {
            for (let at = y * SIZE.width + x; at < (y + height) * SIZE.width; at += SIZE.width) {
              for (let i = at; i < at + width; i++) expected[i] = i - moved.dy * SIZE.width - moved.dx;
            }
          }
        }
        assert.deepEqual(carriedOut(planned.copies), expected);
        const areas = planned.copies.map(({ width, height }) => width * height);
        assert.equal(areas.reduce((sum, area) => sum + area, 0) + planned.rest.areaPx, changed.areaPx);
      }),
      { numRuns: 150 },
    );
  });

  test('of two areas that change places, one is copied and the smaller one is sent', () => {
    const tile = (x: number, width: number): DirtyTiles => {
      const copies = new DirtyTiles(SIZE);
      copies.add({ x, y: 0, width, height: 64 });
      return copies;
    };
    const changed = tile(0, 256);
    const moves = [
      { dx: 128, dy: 0, copies: tile(128, 128) },
      { dx: -192, dy: 0, copies: tile(0, 64) },
    ];
    const { copies, rest } = planCopies({ moves, rest: new DirtyTiles(SIZE), changed });
    assert.deepEqual(copies, [{ x: 128, y: 0, width: 128, height: 64, dx: 128, dy: 0 }]);
    assert.deepEqual(rest.rects(SIZE.width), [{ x: 0, y: 0, width: 64, height: 64 }]);
  });

  test('a whole picture that scrolls is one CopyRect', () => {
    const scrolled = motionOf(0, -7, [{ x: 0, y: 0, width: SIZE.width, height: SIZE.height - 7 }]);
    assert.deepEqual(planCopies(scrolled).copies, [
      { x: 0, y: 0, width: SIZE.width, height: SIZE.height - 7, dx: 0, dy: -7 },
    ]);
  });

  test('a rect of a motion is copied only if some of its tiles changed', () => {
    const motion = motionOf(0, 64, [
      { x: 0, y: 64, width: 128, height: 64 },
      { x: 320, y: 256, width: 64, height: 64 },
    ]);
    const changed = new DirtyTiles(SIZE);
    changed.add({ x: 0, y: 64, width: 64, height: 64 });
    assert.deepEqual(planCopies({ ...motion, changed }).copies, [
      { x: 0, y: 64, width: 128, height: 64, dx: 0, dy: 64 },
    ]);
  });

  test('the largest rects of a motion of many small ones are copied, and the others are sent', () => {
    const shreds = Array.from({ length: 11 * 8 }, (_, i) => ({
      x: (i % 11) * 64 + 5,
      y: Math.floor(i / 11) * 64 + 5 + (i % 3),
      width: 20 + (i % 7),
      height: 20,
    })).filter(({ y }) => y + 20 < SIZE.height);
    const small = { width: 4000, height: 4000 };
    const copies = new DirtyTiles(small);
    for (let i = 0; i < 300; i++) {
      const shred = shreds[i % shreds.length]!;
      copies.add({ ...shred, x: (i % 60) * 64 + 5, y: Math.floor(i / 60) * 64 + 5 + (i % 3) });
    }
    const moves = [{ dx: 1, dy: 1, copies }];
    const motion: Motion = { moves, rest: new DirtyTiles(small), changed: copies };
    const planned = planCopies(motion);
    assert.ok(planned.copies.length <= 128);
    const areas = planned.copies.map(({ width, height }) => width * height);
    assert.equal(areas.reduce((sum, area) => sum + area, 0) + planned.rest.areaPx, copies.areaPx);
    assert.ok(motion.rest.isEmpty, 'the motion is unchanged');
  });

  test("rects of two motions that are in each other's way are put in order in 2 ms", () => {
    const size = { width: 3840, height: 2160 };
    const [left, right] = [new DirtyTiles(size), new DirtyTiles(size)];
    const changed = DirtyTiles.whole(size);
    for (let i = 0; i < 18 * 58; i++) {
      const place = { x: (1 + (i % 58)) * 64 + 1, y: (8 + Math.floor(i / 58)) * 64, width: 60, height: 64 };
      (Math.imul(i + 1, 0x9e3779b1) < 0 ? left : right).add(place);
    }
    const moves = [
      { dx: -64, dy: 0, copies: left },
      { dx: 64, dy: 0, copies: right },
    ];
    const motion: Motion = { moves, rest: new DirtyTiles(size), changed };
    const took = Array.from({ length: 20 }, () => {
      const start = performance.now();
      planCopies(motion);
      return performance.now() - start;
    });
    assert.ok(Math.min(...took) < withSlack(2), `${Math.min(...took)} ms`);
  });
});

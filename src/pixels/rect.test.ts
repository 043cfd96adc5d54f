import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { areaPx, bounds, fitWithin, intersect, type Rect, sameSize, wholeOf } from './rect.ts';

const anyRect: fc.Arbitrary<Rect> = fc.record(
  {
    x: fc.integer({ min: -20, max: 20 }),
    y: fc.integer({ min: -20, max: 20 }),
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 20 }),
  },
  { noNullPrototype: true },
);

const holds = (rect: Rect, x: number, y: number): boolean =>
  x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height;

test('an intersection has the pixels that both rects have', () => {
  fc.assert(
    fc.property(anyRect, anyRect, (a, b) => {
      const both = intersect(a, b);
      let shared = 0;
      for (let y = -20; y < 40; y++) {
        for (let x = -20; x < 40; x++) {
          if (!holds(a, x, y) || !holds(b, x, y)) continue;
          shared++;
          assert.ok(both && holds(both, x, y));
        }
      }
      assert.equal(both ? areaPx(both) : 0, shared);
    }),
    { numRuns: 50 },
  );
});

test('bounds contain both rects and touch them on every side', () => {
  fc.assert(
    fc.property(anyRect, anyRect, (a, b) => {
      const joined = bounds(a, b);
      for (const rect of [a, b]) assert.deepEqual(intersect(joined, rect), rect);
      assert.equal(joined.x, Math.min(a.x, b.x));
      assert.equal(joined.y, Math.min(a.y, b.y));
      assert.equal(joined.x + joined.width, Math.max(a.x + a.width, b.x + b.width));
      assert.equal(joined.y + joined.height, Math.max(a.y + a.height, b.y + b.height));
    }),
  );
});

test('rects that only touch share no pixel', () => {
  const left = { x: 0, y: 0, width: 10, height: 10 };
  assert.equal(intersect(left, { x: 10, y: 0, width: 10, height: 10 }), undefined);
  assert.equal(intersect(left, { x: 0, y: 10, width: 10, height: 10 }), undefined);
});

test('equal sizes and areas are recognised', () => {
  assert.deepEqual(wholeOf({ width: 3, height: 4 }), { x: 0, y: 0, width: 3, height: 4 });
  assert.equal(sameSize({ width: 3, height: 4 }, { x: 1, y: 1, width: 3, height: 4 } as Rect), true);
  assert.equal(sameSize({ width: 3, height: 4 }, { width: 4, height: 3 }), false);
});

test('fitWithin keeps the aspect ratio and never enlarges a size', () => {
  const limit = { width: 1920, height: 1080 };
  for (const [size, fitted] of [
    [
      [3840, 2160],
      [1920, 1080],
    ],
    [
      [2560, 1440],
      [1920, 1080],
    ],
    [
      [3840, 1600],
      [1920, 800],
    ],
    [
      [1000, 2160],
      [500, 1080],
    ],
    [
      [16_384, 64],
      [1920, 8],
    ],
    [
      [1920, 1080],
      [1920, 1080],
    ],
    [
      [640, 480],
      [640, 480],
    ],
  ] as const) {
    const [width, height] = fitted;
    assert.deepEqual(fitWithin({ width: size[0], height: size[1] }, limit), { width, height });
  }
  assert.deepEqual(fitWithin({ width: 10_000, height: 10 }, { width: 100, height: 100 }), {
    width: 100,
    height: 1,
  });
});

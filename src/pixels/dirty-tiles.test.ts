import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { DirtyTiles, TILE_SIZE, tileCount, tilesAcross } from './dirty-tiles.ts';
import { areaPx, intersect, type Rect, type Size, wholeOf } from './rect.ts';

const anySize: fc.Arbitrary<Size> = fc.record({
  width: fc.integer({ min: 1, max: 700 }),
  height: fc.integer({ min: 1, max: 300 }),
});

/** Rects that may begin or end outside the picture, like those of a viewer's request. */
const anyRects: fc.Arbitrary<Rect[]> = fc.array(
  fc.record({
    x: fc.integer({ min: -50, max: 720 }),
    y: fc.integer({ min: -50, max: 320 }),
    width: fc.integer({ min: 0, max: 400 }),
    height: fc.integer({ min: 0, max: 200 }),
  }),
  { maxLength: 12 },
);

/** One byte per pixel of the picture: 1 where any of the rects is. */
function painted(size: Size, rects: readonly Rect[]): Uint8Array {
  const pixels = new Uint8Array(areaPx(size));
  for (const rect of rects) {
    const part = intersect(rect, wholeOf(size));
    if (!part) continue;
    for (let y = part.y; y < part.y + part.height; y++) {
      const at = y * size.width + part.x;
      pixels.fill(1, at, at + part.width);
    }
  }
  return pixels;
}

function dirty(size: Size, rects: readonly Rect[]): DirtyTiles {
  const tiles = new DirtyTiles(size);
  for (const rect of rects) tiles.add(rect);
  return tiles;
}

test('rects cover everything that was added, stay inside the picture, and are no wider than the limit', () => {
  fc.assert(
    fc.property(anySize, anyRects, fc.integer({ min: TILE_SIZE, max: 400 }), (size, added, maxWidth) => {
      const rects = dirty(size, added).rects(maxWidth);
      for (const rect of rects) {
        assert.deepEqual(intersect(rect, wholeOf(size)), rect, 'inside, and not empty');
        assert.ok(rect.width <= maxWidth, `${rect.width} wide, at most ${maxWidth}`);
      }
      const covered = painted(size, rects);
      const missed = painted(size, added).findIndex((wanted, i) => wanted === 1 && covered[i] === 0);
      assert.equal(missed, -1, `pixel ${missed} of ${size.width}x${size.height} is in no rect`);
    }),
    { numRuns: 300 },
  );
});

test("rects with reach 'dirty tiles' cover everything that was added and touch no clean tile", () => {
  fc.assert(
    fc.property(anySize, anyRects, (size, added) => {
      const tiles = dirty(size, added);
      const boxes = new Uint32Array(tileCount(size));
      tiles.writeTo(boxes);
      const rects = tiles.rects(400, 'dirty tiles');
      const covered = painted(size, rects);
      const missed = painted(size, added).findIndex((wanted, i) => wanted === 1 && covered[i] === 0);
      assert.equal(missed, -1, `pixel ${missed} of ${size.width}x${size.height} is in no rect`);
      const strayed = covered.findIndex((pixel, i) => {
        const tileX = Math.floor((i % size.width) / TILE_SIZE);
        const tileY = Math.floor(i / size.width / TILE_SIZE);
        return pixel === 1 && boxes[tileY * tilesAcross(size.width) + tileX] === 0;
      });
      assert.equal(strayed, -1, `pixel ${strayed} of ${size.width}x${size.height} is in a clean tile`);
    }),
    { numRuns: 300 },
  );
});

test('rects of one row of tiles that start in different columns are never joined beyond the width limit', () => {
  // Rows of 2048 that begin a tile apart: joining them wastes little, but would be too wide for Tight.
  const tiles = new DirtyTiles({ width: 3840, height: 128 });
  tiles.add({ x: 0, y: 0, width: 2048, height: 64 });
  tiles.add({ x: 64, y: 64, width: 2048, height: 64 });
  const widths = tiles.rects(2048).map((rect) => rect.width);
  assert.ok(Math.max(...widths) <= 2048, `${widths}`);
});

test('one added rect comes back as the same rect at any position', () => {
  fc.assert(
    fc.property(anySize, anyRects, (size, [rect]) => {
      const part = rect && intersect(rect, wholeOf(size));
      const { yes, no } = dirty(size, rect ? [rect] : []).partition(() => true);
      assert.deepEqual(yes.rects(size.width), part ? [part] : []);
      assert.equal(no.isEmpty, true);
    }),
  );
});

test('distant boxes stay separate rects, and close boxes become one rect', () => {
  const tiles = new DirtyTiles({ width: 640, height: 64 });
  tiles.add({ x: 0, y: 0, width: 10, height: 10 });
  tiles.add({ x: 600, y: 50, width: 10, height: 10 });
  assert.equal(tiles.rects(640).length, 2);
  tiles.add({ x: 64, y: 0, width: 10, height: 10 });
  assert.equal(tiles.rects(640).length, 3, 'a gap of 54 columns wastes more than it saves');
  tiles.add({ x: 10, y: 0, width: 54, height: 10 });
  assert.deepEqual(tiles.rects(640)[0], { x: 0, y: 0, width: 74, height: 10 });
});

test('the dirty area is the area of the boxes', () => {
  const size = { width: 130, height: 70 };
  assert.equal(DirtyTiles.whole(size).areaPx, areaPx(size));
  assert.equal(new DirtyTiles(size).areaPx, 0);
  const tiles = new DirtyTiles(size);
  tiles.add({ x: 63, y: 63, width: 2, height: 2 });
  assert.equal(tiles.areaPx, 4, 'a pixel in each of four tiles');
  tiles.add({ x: 0, y: 0, width: 1, height: 1 });
  assert.equal(tiles.areaPx, 64 * 64 + 3, 'one box per tile, so it grows');
});

test('a merge contains the dirty boxes of both maps', () => {
  fc.assert(
    fc.property(anySize, anyRects, anyRects, (size, a, b) => {
      const merged = dirty(size, a);
      merged.merge(dirty(size, b));
      assert.equal(merged.equals(dirty(size, [...a, ...b])), true);
    }),
  );
});

test('two maps are equal if they have the same boxes and the same size', () => {
  fc.assert(
    fc.property(anySize, anyRects, (size, rects) => {
      const tiles = dirty(size, rects);
      const copy = tiles.clone();
      assert.equal(tiles.equals(copy), true);
      if (tiles.isEmpty) copy.add({ x: 0, y: 0, width: 1, height: 1 });
      else copy.clear();
      assert.equal(tiles.equals(copy), false);
      assert.equal(tiles.equals(dirty(size, rects)), true, 'a clone is a copy');
    }),
  );
  const flat = new DirtyTiles({ width: 100, height: 10 });
  assert.equal(flat.equals(new DirtyTiles({ width: 101, height: 10 })), false);
  assert.equal(flat.equals(new DirtyTiles({ width: 100, height: 11 })), false);
});

test('a partition assigns each dirty tile to one of two sets by its position', () => {
  fc.assert(
    fc.property(anySize, anyRects, fc.integer({ min: 1, max: 4 }), (size, rects, n) => {
      const tiles = dirty(size, rects);
      const { yes, no } = tiles.partition((x, y) => (x + y) % n === 0);
      const across = tilesAcross(size.width);
      const boxes = (of: DirtyTiles): Uint32Array => {
        const out = new Uint32Array(tileCount(size));
        of.writeTo(out);
        return out;
      };
      const [all, accepted, refused] = [boxes(tiles), boxes(yes), boxes(no)];
      for (const [i, box] of all.entries()) {
        const isAccepted = ((i % across) + Math.floor(i / across)) % n === 0;
        assert.equal(accepted[i], isAccepted ? box : 0);
        assert.equal(refused[i], isAccepted ? 0 : box);
      }
    }),
  );
});

test('packed boxes survive a write and a read', () => {
  fc.assert(
    fc.property(anySize, anyRects, (size, rects) => {
      const tiles = dirty(size, rects);
      const boxes = new Uint32Array(tileCount(size) + 3).fill(0xffffffff);
      boxes.subarray(0, tileCount(size)).fill(0);
      tiles.writeTo(boxes);
      assert.equal(new DirtyTiles(size, boxes).equals(tiles), true);
      const into = new DirtyTiles(size);
      into.mergeBoxes(boxes);
      assert.equal(into.equals(tiles), true);
    }),
  );
});

test('each dirty tile is visited once, with its number and its count of dirty pixels', () => {
  const tiles = new DirtyTiles({ width: 200, height: 130 });
  tiles.add({ x: 60, y: 0, width: 10, height: 3 });
  tiles.add({ x: 190, y: 128, width: 10, height: 2 });
  const told: [number, number][] = [];
  tiles.forEachBox((at, areaPx) => told.push([at, areaPx]));
  assert.deepEqual(told, [
    [0, 12],
    [1, 18],
    // The last tile reaches over the picture's edge; its box does not.
    [10, 4],
    [11, 16],
  ]);
  assert.equal(
    told.reduce((sum, [, areaPx]) => sum + areaPx, 0),
    tiles.areaPx,
  );
});

test('the count of dirty tiles is right after every operation', () => {
  const size = { width: 400, height: 300 };
  const steps = fc.array(
    fc.record({
      step: fc.constantFrom('add', 'merge', 'takeTop', 'partition', 'clear', 'clone', 'remove', 'moved'),
      x: fc.nat(400),
      y: fc.nat(300),
      width: fc.integer({ min: 1, max: 200 }),
      height: fc.integer({ min: 1, max: 200 }),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      let tiles = new DirtyTiles(size);
      for (const { step, ...rect } of list) {
        const other = new DirtyTiles(size);
        other.add(rect);
        if (step === 'add') tiles.add(rect);
        else if (step === 'merge') tiles.merge(other);
        else if (step === 'takeTop') tiles.takeTop(rect.width % 6);
        else if (step === 'partition') tiles = tiles.partition((x, y) => (x + y) % 3 !== 0).yes;
        else if (step === 'remove') tiles.remove(rect);
        else if (step === 'moved') tiles = tiles.moved([{ copied: other, dx: 0, dy: 0 }]);
        else if (step === 'clone') tiles = tiles.clone();
        else if (rect.width < 20) tiles.clear();
        let counted = 0;
        tiles.forEach(() => {
          counted++;
        });
        assert.equal(tiles.tiles, counted);
        assert.equal(tiles.isEmpty, counted === 0);
      }
    }),
  );
});

suite('dirty tiles that move', () => {
  const PAGE = { width: 300, height: 260 };
  const dirtyAt = (tiles: DirtyTiles): Uint8Array => {
    const at = new Uint8Array(PAGE.width * PAGE.height);
    tiles.forEach(({ x, y, width, height }) => {
      for (let row = y; row < y + height; row++)
        at.fill(1, row * PAGE.width + x, row * PAGE.width + x + width);
    });
    return at;
  };
  const places = fc.array(
    fc.record({
      x: fc.nat(PAGE.width - 1),
      y: fc.nat(PAGE.height - 1),
      width: fc.integer({ min: 1, max: 120 }),
      height: fc.integer({ min: 1, max: 120 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const distance = fc.integer({ min: -80, max: 80 });

  test('a move of dirty tiles neither loses nor adds a dirty pixel', () => {
    fc.assert(
      fc.property(places, places, distance, distance, (dirt, copies, dx, dy) => {
        const dirty = new DirtyTiles(PAGE);
        for (const rect of dirt) dirty.add(rect);
        const copied = new DirtyTiles(PAGE);
        for (const rect of copies) {
          const valid = intersect(rect, { ...wholeOf(PAGE), x: dx, y: dy });
          if (valid) copied.add(valid);
        }
        const [before, isCopied] = [dirtyAt(dirty), dirtyAt(copied)];
        const after = dirtyAt(dirty.moved([{ copied, dx, dy }]));
        const missing = before.findIndex((_, at) => {
          const from = isCopied[at] ? at - dy * PAGE.width - dx : at;
          return before[from] === 1 && after[at] === 0;
        });
        assert.equal(missing, -1);
      }),
    );
  });

  test('a place that clean pixels are copied to becomes clean', () => {
    const dirty = new DirtyTiles(PAGE);
    dirty.add({ x: 10, y: 70, width: 20, height: 5 });
    const copied = new DirtyTiles(PAGE);
    copied.add({ x: 0, y: 0, width: 300, height: 200 });
    const expected = new DirtyTiles(PAGE);
    expected.add({ x: 10, y: 60, width: 20, height: 5 });
    assert.ok(dirty.moved([{ copied, dx: 0, dy: -10 }]).equals(expected));
  });

  test('two moves happen at the same time: neither takes along what the other has moved', () => {
    const dirty = new DirtyTiles(PAGE);
    dirty.add({ x: 0, y: 64, width: 64, height: 64 });
    const copiedTo = (y: number): DirtyTiles => {
      const copied = new DirtyTiles(PAGE);
      copied.add({ x: 0, y, width: 64, height: 64 });
      return copied;
    };
    const after = dirty.moved([
      { copied: copiedTo(0), dx: 0, dy: -64 },
      { copied: copiedTo(64), dx: 0, dy: 64 },
    ]);
    assert.deepEqual(after.rects(300), [{ x: 0, y: 0, width: 64, height: 64 }]);
  });

  test('maps that are moved by the same moves do not depend on each other', () => {
    const dirtyIn = (x: number): DirtyTiles => {
      const dirty = new DirtyTiles(PAGE);
      dirty.add({ x, y: 70, width: 20, height: 5 });
      return dirty;
    };
    const copied = new DirtyTiles(PAGE);
    copied.add({ x: 0, y: 0, width: 300, height: 190 });
    const moves = [{ copied, dx: 0, dy: -10 }];
    const first = dirtyIn(10);
    const results = [first.moved(moves), dirtyIn(10).moved(moves), dirtyIn(80).moved(moves)];
    const at = (x: number): Rect => ({ x, y: 60, width: 20, height: 5 });
    assert.deepEqual(
      results.map((tiles) => tiles.rects(300)),
      [[at(10)], [at(10)], [at(80)]],
    );
    results[0]!.clear();
    first.clear();
    assert.deepEqual(dirtyIn(10).moved(moves).rects(300), [at(10)]);
    assert.deepEqual(results[1]!.rects(300), [at(10)]);
  });

  test('only a box that is removed completely becomes clean', () => {
    const dirty = new DirtyTiles(PAGE);
    dirty.add({ x: 10, y: 10, width: 20, height: 5 });
    dirty.add({ x: 70, y: 10, width: 20, height: 5 });
    dirty.remove({ x: 0, y: 0, width: 80, height: 64 });
    assert.deepEqual(dirty.rects(300), [{ x: 70, y: 10, width: 20, height: 5 }]);
    assert.ok(dirty.has(1, 0) && !dirty.has(0, 0));
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type PlannedCopies, planCopies } from '../../encode/plan/plan-copies.ts';
import { DirtyTiles, TILE_SIZE } from '../../pixels/dirty-tiles.ts';
import { intersect, type Rect, type Size, wholeOf } from '../../pixels/rect.ts';
import { Lacks } from './lacks.ts';

const SIZE: Size = { width: 300, height: 200 };

function tiles(...rects: Rect[]): DirtyTiles {
  const dirty = new DirtyTiles(SIZE);
  for (const rect of rects) dirty.add(rect);
  return dirty;
}

const WINDOW: Rect = { x: 0, y: 0, width: 128, height: 128 };
const STRIP: Rect = { x: 0, y: 120, width: 128, height: 8 };
const CARET: Rect = { x: 200, y: 10, width: 2, height: 12 };
const CHANGED = tiles(WINDOW);
const COPIED: Rect = { x: 0, y: 0, width: 128, height: 120 };
const SCROLL = planCopies({
  moves: [{ dx: 0, dy: -8, copies: tiles(COPIED) }],
  rest: tiles(STRIP),
  changed: CHANGED,
});

suite('what a viewer lacks', () => {
  test('a viewer is owed the copies of a motion and the rest of it', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    assert.equal(lacks.isEmpty, false);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    assert.ok(owed.tiles.equals(SCROLL.rest));
    assert.ok(lacks.isEmpty);
  });

  test('a viewer that is owed only copies lacks something', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, { ...SCROLL, rest: tiles() });
    assert.equal(lacks.isEmpty, false);
  });

  test('a viewer that takes no copies lacks all tiles that changed', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, []);
    assert.ok(owed.tiles.equals(CHANGED));
  });

  test('a lack moves with a motion of its pixels, and stays if it lies elsewhere', () => {
    const lacks = new Lacks(SIZE);
    lacks.add({ x: 10, y: 70, width: 5, height: 20 });
    lacks.changed(tiles(CARET));
    lacks.changed(CHANGED, SCROLL);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    const moved: Rect = { x: 10, y: 62, width: 5, height: 20 };
    assert.ok(owed.tiles.equals(tiles(moved, CARET, STRIP)));
  });

  test('a change after a motion is lacking beside the copies', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.changed(tiles(CARET));
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    assert.ok(owed.tiles.equals(tiles(STRIP, CARET)));
  });

  test('several motions are owed as several steps of copies', () => {
    const lacks = new Lacks(SIZE);
    for (let i = 0; i < 3; i++) lacks.changed(CHANGED, SCROLL);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL, SCROLL, SCROLL]);
    assert.ok(owed.tiles.equals(tiles({ ...STRIP, y: 104, height: 24 })));
  });

  test('a viewer that is too many motions behind is owed pixels for them', () => {
    const lacks = new Lacks(SIZE);
    for (let i = 0; i < 1000; i++) lacks.changed(CHANGED, SCROLL);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, []);
    assert.ok(owed.tiles.equals(CHANGED));
  });

  test('copies that would save hardly any pixels are dropped', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.changed(CHANGED);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, []);
    assert.ok(owed.tiles.equals(CHANGED));
  });

  test('a viewer that stops to take copies is owed pixels in their place', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.forgetCopies();
    lacks.changed(tiles(CARET));
    const owed = lacks.take();
    assert.deepEqual(owed.copies, []);
    assert.ok(owed.tiles.equals(tiles(WINDOW, CARET)));
  });

  test('a part that is requested again is sent after the copies', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.add(CARET);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    assert.ok(owed.tiles.equals(tiles(STRIP, CARET)));
    assert.ok(SCROLL.rest.equals(tiles(STRIP)), 'the motion, which other viewers share, is unchanged');
  });

  test('tiles that are given back are lacking again, and move with the next motion', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.giveBack(lacks.take().tiles);
    assert.equal(lacks.isEmpty, false);
    lacks.changed(CHANGED, SCROLL);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    assert.ok(owed.tiles.equals(tiles({ ...STRIP, y: 112, height: 16 })));
  });

  test('all or none of a picture can be lacking, and a new size makes all of it lacking', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.none();
    assert.ok(lacks.isEmpty);
    lacks.changed(CHANGED, SCROLL);
    lacks.all({ width: 64, height: 64 });
    const owed = lacks.take();
    assert.deepEqual(owed.copies, []);
    assert.ok(owed.tiles.equals(DirtyTiles.whole({ width: 64, height: 64 })));
  });

  test('the top of a frame is taken without copies', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    const top = lacks.takeTop(1);
    assert.deepEqual(top.copies, []);
    assert.ok(top.tiles.equals(tiles({ x: 0, y: 0, width: 128, height: 64 })));
    const rest = lacks.take();
    assert.deepEqual(rest.copies, []);
    assert.ok(rest.tiles.equals(tiles({ x: 0, y: 64, width: 128, height: 64 })));
  });
});

/** A picture whose pixels are numbers, and a viewer that is sent parts of what `lacks` says. */
class NaivePicture {
  readonly lacks = new Lacks(SIZE);
  readonly #viewer = new Uint32Array(SIZE.width * SIZE.height);
  #shown = new Uint32Array(SIZE.width * SIZE.height);
  #number = 0;

  /** Paints new pixels everywhere in `rect`. */
  paint(rect: Rect): void {
    const next = this.#shown.slice();
    eachPixel(rect, (at) => {
      next[at] = ++this.#number;
    });
    this.#show(next);
  }

  /** Moves the content of `rect` and paints a caret over it. Part of the motion may be left out, as if not found. */
  move(rect: Rect, dx: number, dy: number, caret: Rect, isFound: (at: number) => boolean): void {
    const before = this.#shown;
    const next = before.slice();
    eachPixel(rect, (at, x, y) => {
      if (inside(x - dx, y - dy)) next[at] = before[at - dy * SIZE.width - dx]!;
    });
    eachPixel(caret, (at) => {
      next[at] = ++this.#number;
    });
    const copies = new DirtyTiles(SIZE);
    const valid = intersect(rect, { ...wholeOf(SIZE), x: dx, y: dy });
    if (valid) copies.add(valid);
    // As the kernel does: some tiles are copied, and pixels that are still wrong after that are the rest.
    let number = 0;
    const { yes: found } = copies.partition(() => isFound(number++));
    const copied = before.slice();
    found.forEach((box) => {
      eachPixel(box, (at) => {
        copied[at] = before[at - dy * SIZE.width - dx]!;
      });
    });
    const changed = differing(before, next);
    const rest = differing(copied, next);
    this.#show(next, planCopies({ moves: [{ dx, dy, copies: found }], rest, changed }));
  }

  /** Sends an update with the tiles that `isSent` accepts, and gives the others back. */
  update(isSent: (at: number) => boolean): void {
    const { copies, tiles: lacking } = this.lacks.take();
    for (const step of copies) this.#copy(step);
    let number = 0;
    const { yes: sent, no: later } = lacking.partition(() => isSent(number++));
    this.lacks.giveBack(later);
    this.#send(sent);
  }

  /** Sends an update of the first rows of tiles. */
  updateTop(): void {
    this.#send(this.lacks.takeTop(1).tiles);
  }

  /** Pixels that the viewer does not have and `lacks` does not contain. */
  get forgotten(): number {
    const known = this.lacks.take();
    const viewer = this.#viewer.slice();
    for (const step of known.copies) this.#copy(step, viewer);
    known.tiles.forEach((box) => {
      eachPixel(box, (at) => {
        viewer[at] = this.#shown[at]!;
      });
    });
    return viewer.filter((pixel, at) => pixel !== this.#shown[at]).length;
  }

  #show(next: Uint32Array<ArrayBuffer>, copies?: PlannedCopies): void {
    const changed = differing(this.#shown, next);
    this.#shown = next;
    this.lacks.changed(changed, copies);
  }

  #send(sent: DirtyTiles): void {
    sent.forEach((box) => {
      eachPixel(box, (at) => {
        this.#viewer[at] = this.#shown[at]!;
      });
    });
  }

  #copy({ copies }: PlannedCopies, viewer = this.#viewer): void {
    for (const { dx, dy, ...rect } of copies) {
      const before = viewer.slice();
      eachPixel(rect, (at) => {
        viewer[at] = before[at - dy * SIZE.width - dx]!;
      });
    }
  }
}

const inside = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < SIZE.width && y < SIZE.height;

function eachPixel(rect: Rect, visit: (at: number, x: number, y: number) => void): void {
  const part = intersect(rect, wholeOf(SIZE));
  if (!part) return;
  for (let y = part.y; y < part.y + part.height; y++) {
    for (let x = part.x; x < part.x + part.width; x++) visit(y * SIZE.width + x, x, y);
  }
}

/** Boxes as the compare kernel writes them. */
function differing(a: Uint32Array, b: Uint32Array): DirtyTiles {
  const dirty = new DirtyTiles(SIZE);
  for (let y = 0; y < SIZE.height; y++) {
    const row = y * SIZE.width;
    // Each run of pixels at once: to add every pixel by itself would take most of the test's time.
    for (let x = 0; x < SIZE.width; x++) {
      const first = x;
      while (x < SIZE.width && a[row + x] !== b[row + x]) x++;
      if (x > first) dirty.add({ x: first, y, width: x - first, height: 1 });
    }
  }
  return dirty;
}

const rects = fc.record({
  x: fc.nat(SIZE.width - 1),
  y: fc.nat(SIZE.height - 1),
  width: fc.integer({ min: 1, max: SIZE.width }),
  height: fc.integer({ min: 1, max: SIZE.height }),
});
const carets = rects.map((rect) => ({ ...rect, width: 1 + (rect.width % 9), height: 1 + (rect.height % 9) }));
const distances = fc.integer({ min: -TILE_SIZE - 6, max: TILE_SIZE + 6 });
/** A random predicate for tiles. */
const some = fc.func(fc.boolean());

const steps = fc.oneof(
  fc.record({ kind: fc.constant('paint' as const), rect: rects }),
  fc.record({ kind: fc.constant('caret' as const), rect: carets }),
  fc.record({
    kind: fc.constant('move' as const),
    rect: rects,
    dx: distances,
    dy: distances,
    caret: carets,
    found: some,
  }),
  fc.record({ kind: fc.constant('scroll' as const), rect: rects, dy: distances, caret: carets }),
  fc.record({ kind: fc.constant('update' as const), sent: some }),
  fc.record({ kind: fc.constant('top' as const) }),
  fc.record({ kind: fc.constant('no copies' as const) }),
);

test('a viewer lacks every pixel that it does not have, after any paints, moves and partial updates', () => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 2, maxLength: 14 }), (sequence) => {
      const picture = new NaivePicture();
      picture.paint(wholeOf(SIZE));
      picture.update(() => true);
      for (const step of sequence) {
        if (step.kind === 'paint' || step.kind === 'caret') picture.paint(step.rect);
        else if (step.kind === 'move') picture.move(step.rect, step.dx, step.dy, step.caret, step.found);
        else if (step.kind === 'scroll') picture.move(step.rect, 0, step.dy, step.caret, () => true);
        else if (step.kind === 'update') picture.update(step.sent);
        else if (step.kind === 'top') picture.updateTop();
        else picture.lacks.forgetCopies();
      }
      assert.equal(picture.forgotten, 0);
    }),
    { numRuns: 200 },
  );
});

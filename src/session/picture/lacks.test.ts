import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type PlannedCopies, planCopies } from '../../encode/plan/copy-rects.ts';
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
const SCROLL = planCopies({ dx: 0, dy: -8, copies: tiles(COPIED), rest: tiles(STRIP), changed: CHANGED });

suite('what a viewer lacks', () => {
  test('of a motion: the copies and the rest', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    assert.equal(lacks.isEmpty, false);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    assert.ok(owed.tiles.equals(SCROLL.rest));
    assert.ok(lacks.isEmpty);
  });

  test('a motion with nothing besides is something, too', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, { ...SCROLL, rest: tiles() });
    assert.equal(lacks.isEmpty, false);
  });

  test('who is told of no motion lacks all that changed', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, []);
    assert.ok(owed.tiles.equals(CHANGED));
  });

  test('what was lacking before a motion goes along with it; what lies elsewhere stays', () => {
    const lacks = new Lacks(SIZE);
    lacks.add({ x: 10, y: 70, width: 5, height: 20 });
    lacks.changed(tiles(CARET));
    lacks.changed(CHANGED, SCROLL);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    const moved: Rect = { x: 10, y: 62, width: 5, height: 20 };
    assert.ok(owed.tiles.equals(tiles(moved, CARET, STRIP)));
  });

  test('what changes after a motion is lacking besides', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.changed(tiles(CARET));
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    assert.ok(owed.tiles.equals(tiles(STRIP, CARET)));
  });

  test('motions follow each other, step by step', () => {
    const lacks = new Lacks(SIZE);
    for (let i = 0; i < 3; i++) lacks.changed(CHANGED, SCROLL);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL, SCROLL, SCROLL]);
    assert.ok(owed.tiles.equals(tiles({ ...STRIP, y: 104, height: 24 })));
  });

  test('who is too many steps behind is sent pixels for those', () => {
    const lacks = new Lacks(SIZE);
    for (let i = 0; i < 1000; i++) lacks.changed(CHANGED, SCROLL);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, []);
    assert.ok(owed.tiles.equals(CHANGED));
  });

  test('copies that would spare next to nothing are left out', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.changed(CHANGED);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, []);
    assert.ok(owed.tiles.equals(CHANGED));
  });

  test('who takes no copies any more is sent pixels instead', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.forgetCopies();
    lacks.changed(tiles(CARET));
    const owed = lacks.take();
    assert.deepEqual(owed.copies, []);
    assert.ok(owed.tiles.equals(tiles(WINDOW, CARET)));
  });

  test('what is asked for again comes after the motion', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.add(CARET);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    assert.ok(owed.tiles.equals(tiles(STRIP, CARET)));
    assert.ok(SCROLL.rest.equals(tiles(STRIP)), 'the motion itself, which others share, is as it was');
  });

  test('what is given back is lacking again, and moves with the next motion', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(CHANGED, SCROLL);
    lacks.giveBack(lacks.take().tiles);
    assert.equal(lacks.isEmpty, false);
    lacks.changed(CHANGED, SCROLL);
    const owed = lacks.take();
    assert.deepEqual(owed.copies, [SCROLL]);
    assert.ok(owed.tiles.equals(tiles({ ...STRIP, y: 112, height: 16 })));
  });

  test('everything, nothing, and another size', () => {
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

  test('the upper rows alone never come with copies', () => {
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

/** A picture whose pixels are numbers, and a viewer of it that is sent what `lacks` says, however little at a time. */
class NaivePicture {
  readonly lacks = new Lacks(SIZE);
  readonly #viewer = new Uint32Array(SIZE.width * SIZE.height);
  #shown = new Uint32Array(SIZE.width * SIZE.height);
  #number = 0;

  /** New pixels everywhere in `rect`. */
  paint(rect: Rect): void {
    const next = this.#shown.slice();
    eachPixel(rect, (at) => {
      next[at] = ++this.#number;
    });
    this.#show(next);
  }

  /** What is in `rect` moves; a caret is painted over it, and a part of the motion may not be found. */
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
    // As the kernel does: some tiles are copied, in any tile what is wrong after that is the rest.
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
    this.#show(next, planCopies({ dx, dy, copies: found, rest, changed }));
  }

  /** An update: of the pixels only those tiles that `isSent`. */
  update(isSent: (at: number) => boolean): void {
    const { copies, tiles: lacking } = this.lacks.take();
    for (const step of copies) this.#copy(step);
    let number = 0;
    const { yes: sent, no: later } = lacking.partition(() => isSent(number++));
    this.lacks.giveBack(later);
    this.#send(sent);
  }

  /** An update of the upper rows of tiles, before the rest. */
  updateTop(): void {
    this.#send(this.lacks.takeTop(1).tiles);
  }

  /** Pixels that the viewer has not got, and that it is not said to lack. */
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

  #copy({ copies, dx, dy }: PlannedCopies, viewer = this.#viewer): void {
    for (const rect of copies) {
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

/** As the compare kernel's boxes. */
function differing(a: Uint32Array, b: Uint32Array): DirtyTiles {
  const dirty = new DirtyTiles(SIZE);
  eachPixel(wholeOf(SIZE), (at, x, y) => {
    if (a[at] !== b[at]) dirty.add({ x, y, width: 1, height: 1 });
  });
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
/** Which of some tiles, by number. */
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

test('whatever is painted and moved, and however little of it is sent: copies and lacks make the picture', () => {
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

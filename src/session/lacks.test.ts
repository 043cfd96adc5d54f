import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DirtyTiles } from '../pixels/dirty-tiles.ts';
import type { Motion } from '../pixels/motion.ts';
import type { Rect, Size } from '../pixels/rect.ts';
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
const SCROLL: Motion = {
  dx: 0,
  dy: -8,
  copies: tiles({ x: 0, y: 0, width: 128, height: 120 }),
  rest: tiles(STRIP),
  changed: tiles(WINDOW),
};

suite('what a viewer lacks', () => {
  test('of a motion: the motion and the rest', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(SCROLL.changed, SCROLL);
    assert.equal(lacks.isEmpty, false);
    const owed = lacks.take();
    assert.equal(owed.motion, SCROLL);
    assert.ok(owed.tiles.equals(SCROLL.rest));
    assert.ok(lacks.isEmpty);
  });

  test('a motion with nothing besides is something, too', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(SCROLL.changed, { ...SCROLL, rest: tiles() });
    assert.equal(lacks.isEmpty, false);
  });

  test('who is told of no motion lacks all that changed', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(SCROLL.changed);
    const owed = lacks.take();
    assert.equal(owed.motion, undefined);
    assert.ok(owed.tiles.equals(tiles(WINDOW)));
  });

  test('who missed anything before it lacks all that changed', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(tiles(CARET));
    lacks.changed(SCROLL.changed, SCROLL);
    const owed = lacks.take();
    assert.equal(owed.motion, undefined);
    assert.ok(owed.tiles.equals(tiles(CARET, WINDOW)));
  });

  test('a motion that was not taken before the next change is forgotten', () => {
    for (const next of [undefined, SCROLL]) {
      const lacks = new Lacks(SIZE);
      lacks.changed(SCROLL.changed, SCROLL);
      lacks.changed(next?.changed ?? tiles(CARET), next);
      const owed = lacks.take();
      assert.equal(owed.motion, undefined);
      assert.ok(owed.tiles.equals(next ? tiles(WINDOW) : tiles(WINDOW, CARET)));
    }
  });

  test('what is asked for again comes after the motion', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(SCROLL.changed, SCROLL);
    lacks.add(CARET);
    const owed = lacks.take();
    assert.equal(owed.motion, SCROLL);
    assert.ok(owed.tiles.equals(tiles(STRIP, CARET)));
    assert.ok(SCROLL.rest.equals(tiles(STRIP)), 'the motion itself, which others share, is as it was');
  });

  test('what is given back is lacking again, and no motion may start from it', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(SCROLL.changed, SCROLL);
    lacks.giveBack(lacks.take().tiles);
    assert.equal(lacks.isEmpty, false);
    lacks.changed(SCROLL.changed, SCROLL);
    const owed = lacks.take();
    assert.equal(owed.motion, undefined);
    assert.ok(owed.tiles.equals(tiles(WINDOW)));
  });

  test('everything, nothing, and another size', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(SCROLL.changed, SCROLL);
    lacks.none();
    assert.ok(lacks.isEmpty);
    lacks.changed(SCROLL.changed, SCROLL);
    lacks.all({ width: 64, height: 64 });
    const owed = lacks.take();
    assert.equal(owed.motion, undefined);
    assert.ok(owed.tiles.equals(DirtyTiles.whole({ width: 64, height: 64 })));
  });

  test('the upper rows alone never come as a motion', () => {
    const lacks = new Lacks(SIZE);
    lacks.changed(SCROLL.changed, SCROLL);
    const top = lacks.takeTop(1);
    assert.equal(top.motion, undefined);
    assert.ok(top.tiles.equals(tiles({ x: 0, y: 0, width: 128, height: 64 })));
    const rest = lacks.take();
    assert.equal(rest.motion, undefined);
    assert.ok(rest.tiles.equals(tiles({ x: 0, y: 64, width: 128, height: 64 })));
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DirtyTiles } from '../pixels/dirty-tiles.ts';
import { Blur } from './blur.ts';

const SIZE = { width: 256, height: 192 };
const always = (): boolean => true;

function tiles(...rects: readonly { x: number; y: number; width: number; height: number }[]): DirtyTiles {
  const set = new DirtyTiles(SIZE);
  for (const rect of rects) set.add(rect);
  return set;
}

suite('what is blurred', () => {
  test('is taken in pieces from the top, all of it in the end', () => {
    const blur = new Blur(SIZE);
    blur.merge(DirtyTiles.whole(SIZE));
    const taken = new DirtyTiles(SIZE);
    let pieces = 0;
    while (!blur.isEmpty) {
      const piece = blur.take(always, 5 * 64 * 64);
      assert.ok(piece.areaPx <= 5 * 64 * 64 && piece.areaPx > 0);
      taken.merge(piece);
      pieces++;
    }
    assert.equal(pieces, 3);
    assert.ok(taken.equals(DirtyTiles.whole(SIZE)));
  });

  test('is taken a tile at a time where even that is too much', () => {
    const blur = new Blur(SIZE);
    blur.add({ x: 0, y: 0, width: 128, height: 64 });
    assert.equal(blur.take(always, 10).areaPx, 64 * 64);
    assert.equal(blur.take(always, 10).areaPx, 64 * 64);
    assert.ok(blur.isEmpty);
  });

  test('stays where it is not accepted', () => {
    const blur = new Blur(SIZE);
    blur.add({ x: 10, y: 10, width: 20, height: 20 });
    blur.add({ x: 200, y: 100, width: 20, height: 20 });
    assert.ok(blur.take((tileX) => tileX === 0, 1e6).equals(tiles({ x: 10, y: 10, width: 20, height: 20 })));
    assert.ok(blur.take(always, 1e6).equals(tiles({ x: 200, y: 100, width: 20, height: 20 })));
  });

  test('moves with what is copied, and only that does', () => {
    const blur = new Blur(SIZE);
    blur.add({ x: 0, y: 128, width: 64, height: 64 });
    const copies = tiles({ x: 0, y: 0, width: 128, height: 128 });
    blur.moved({ dx: 0, dy: -64, copies, rest: tiles(), changed: copies });
    const expected = tiles({ x: 0, y: 128, width: 64, height: 64 }, { x: 0, y: 64, width: 64, height: 64 });
    assert.ok(blur.take(always, 1e6).equals(expected));
  });
});

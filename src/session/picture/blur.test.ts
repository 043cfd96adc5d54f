import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { planCopies } from '../../encode/plan/plan-copies.ts';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { Blur } from './blur.ts';

const SIZE = { width: 256, height: 192 };
const always = (): boolean => true;

function tiles(...rects: readonly { x: number; y: number; width: number; height: number }[]): DirtyTiles {
  const set = new DirtyTiles(SIZE);
  for (const rect of rects) set.add(rect);
  return set;
}

suite('what is blurred', () => {
  test('blurred tiles are taken in pieces from the top until none is left', () => {
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

  test('blurred tiles are taken one by one if a tile has more pixels than the limit', () => {
    const blur = new Blur(SIZE);
    blur.add({ x: 0, y: 0, width: 128, height: 64 });
    assert.equal(blur.take(always, 10).areaPx, 64 * 64);
    assert.equal(blur.take(always, 10).areaPx, 64 * 64);
    assert.ok(blur.isEmpty);
  });

  test('blurred tiles that the predicate rejects stay blurred', () => {
    const blur = new Blur(SIZE);
    blur.add({ x: 10, y: 10, width: 20, height: 20 });
    blur.add({ x: 200, y: 100, width: 20, height: 20 });
    assert.ok(blur.take((tileX) => tileX === 0, 1e6).equals(tiles({ x: 10, y: 10, width: 20, height: 20 })));
    assert.ok(blur.take(always, 1e6).equals(tiles({ x: 200, y: 100, width: 20, height: 20 })));
  });

  test('blur moves with content that is copied, and no other blur moves', () => {
    const blur = new Blur(SIZE);
    blur.add({ x: 0, y: 128, width: 64, height: 64 });
    const copies = tiles({ x: 0, y: 0, width: 128, height: 128 });
    blur.moved(planCopies({ moves: [{ dx: 0, dy: -64, copies }], rest: tiles(), changed: copies }));
    const expected = tiles({ x: 0, y: 128, width: 64, height: 64 }, { x: 0, y: 64, width: 64, height: 64 });
    assert.ok(blur.take(always, 1e6).equals(expected));
  });

  test('blur does not grow when content moves to and fro', () => {
    const blur = new Blur(SIZE);
    const photo = { x: 64, y: 100, width: 64, height: 20 };
    blur.add(photo);
    const page = tiles({ x: 0, y: 8, width: 256, height: 176 });
    for (const dy of [-5, 5, -7, -4, 11]) {
      blur.moved(planCopies({ moves: [{ dx: 0, dy, copies: page }], rest: tiles(), changed: page }));
    }
    assert.ok(blur.take(always, 1e6).equals(tiles(photo)));
  });

  test('blur ends where sharp content is copied over it or sent', () => {
    const blur = new Blur(SIZE);
    blur.add({ x: 0, y: 0, width: 64, height: 64 });
    blur.add({ x: 128, y: 64, width: 64, height: 10 });
    blur.remove({ x: 100, y: 60, width: 100, height: 20 });
    const copies = tiles({ x: 0, y: 0, width: 64, height: 64 });
    blur.moved(planCopies({ moves: [{ dx: -64, dy: 0, copies }], rest: tiles(), changed: copies }));
    assert.ok(blur.isEmpty);
  });

  test('blur says whether the predicate accepts any of its tiles', () => {
    const blur = new Blur(SIZE);
    assert.equal(blur.some(always), false);
    blur.add({ x: 70, y: 0, width: 5, height: 5 });
    assert.equal(blur.some(always), true);
    assert.equal(
      blur.some((tileX) => tileX !== 1),
      false,
    );
  });
});

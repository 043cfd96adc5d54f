import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DirtyTiles } from './dirty-tiles.ts';
import { type Motion, worthwhileMotion } from './motion.ts';
import type { Rect } from './rect.ts';

const SIZE = { width: 640, height: 640 };

function tiles(...rects: Rect[]): DirtyTiles {
  const dirty = new DirtyTiles(SIZE);
  for (const rect of rects) dirty.add(rect);
  return dirty;
}

test('a motion is reported if it saves enough pixels for what it copies', () => {
  const copies = tiles({ x: 0, y: 0, width: 640, height: 576 });
  const rest = tiles({ x: 0, y: 576, width: 640, height: 64 });
  const moves = [{ dx: 0, dy: -64, copies }];
  const scroll: Motion = { moves, rest, changed: DirtyTiles.whole(SIZE) };
  assert.equal(worthwhileMotion(scroll), scroll);
  // The same lines with another number each.
  const numbers = tiles({ x: 20, y: 0, width: 40, height: 576 });
  assert.equal(worthwhileMotion({ ...scroll, rest: tiles(), changed: numbers }), undefined);
  const two = { moves: [...moves, { dx: 0, dy: 9, copies }], rest: tiles() };
  const half = tiles({ x: 0, y: 0, width: 100, height: 576 });
  assert.ok(worthwhileMotion({ ...two, moves, changed: half }), 'copies of one motion');
  assert.equal(worthwhileMotion({ ...two, changed: half }), undefined, 'copies of two');
});

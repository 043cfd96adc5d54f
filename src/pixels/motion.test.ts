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
  const scroll: Motion = { dx: 0, dy: -64, copies, rest, changed: DirtyTiles.whole(SIZE) };
  assert.equal(worthwhileMotion(scroll), scroll);
  // The same lines with another number each.
  const numbers = tiles({ x: 20, y: 0, width: 40, height: 576 });
  assert.equal(worthwhileMotion({ ...scroll, rest: tiles(), changed: numbers }), undefined);
});

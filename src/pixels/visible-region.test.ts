import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rect } from './rect.ts';
import { contains, type Edge, visibleRect } from './visible-region.ts';

const SIZE = { width: 1080, height: 720 };
const at = (px: number): Edge => ({ kind: 'at', px });
const inset = (px: number): Edge => ({ kind: 'inset', px });
const percent = (value: number): Edge => ({ kind: 'percent', percent: value });

/** Left, top, right and bottom edges, and the visible part of SIZE. */
const CASES: readonly (readonly [name: string, edges: readonly [Edge, Edge, Edge, Edge], rect: Rect])[] = [
  ['pixels', [at(10), at(20), at(40), at(60)], { x: 10, y: 20, width: 30, height: 40 }],
  ['insets', [inset(10), inset(10), inset(10), inset(10)], { x: 10, y: 10, width: 1060, height: 700 }],
  ['both', [at(50), inset(10), inset(10), at(20)], { x: 50, y: 10, width: 1020, height: 10 }],
  [
    'per cent',
    [percent(10), percent(10), percent(20), percent(20)],
    { x: 108, y: 72, width: 756, height: 504 },
  ],
  [
    'parts of a pixel',
    [percent(0.1), inset(0), percent(0.1), inset(0)],
    { x: 2, y: 0, width: 1076, height: 720 },
  ],
  ['the whole screen', [inset(0), inset(0), inset(0), inset(0)], { x: 0, y: 0, ...SIZE }],
  ['edges beyond the screen', [at(0), at(0), at(9999), at(9999)], { x: 0, y: 0, ...SIZE }],
  ['edges in the wrong order', [at(500), at(500), at(400), at(400)], { x: 500, y: 500, width: 0, height: 0 }],
  [
    'edges that meet',
    [percent(50), inset(0), percent(50), inset(0)],
    { x: 540, y: 0, width: 0, height: 720 },
  ],
];

for (const [name, [left, top, right, bottom], rect] of CASES) {
  test(`the visible region of a screen is cut out by its edges: ${name}`, () => {
    assert.deepEqual(visibleRect({ left, top, right, bottom }, SIZE), rect);
  });
}

test('a rect contains its upper left corner, and not its lower right one', () => {
  const rect = { x: 10, y: 20, width: 30, height: 40 };
  assert.ok(contains(rect, { x: 10, y: 20 }));
  assert.ok(contains(rect, { x: 39, y: 59 }));
  assert.ok(!contains(rect, { x: 40, y: 59 }));
  assert.ok(!contains(rect, { x: 9, y: 20 }));
});

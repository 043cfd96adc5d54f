import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Edge } from '../../pixels/visible-region.ts';
import { knownColours } from './known-colours.ts';

const SCREEN = { width: 200, height: 130 };
const COLOURS = Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
const at = (px: number): Edge => ({ kind: 'at', px });

test('only tiles that are wholly visible have a count of colours', () => {
  const visible = { left: at(64), top: at(10), right: at(200), bottom: at(130) };
  const known = knownColours(COLOURS, { key: '', visible, mark: undefined }, SCREEN);
  assert.deepEqual([...known], [0, 0, 0, 0, 0, 6, 7, 8, 0, 10, 11, 12]);
});

test('a viewer who sees the whole screen knows all counts, and they are not copied', () => {
  assert.equal(knownColours(COLOURS, undefined, SCREEN), COLOURS);
  assert.equal(knownColours(COLOURS, { key: '', visible: undefined, mark: undefined }, SCREEN), COLOURS);
});

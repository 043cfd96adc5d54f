import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dockNear, FIRST_DOCK, formatDock, parseDock } from './dock.ts';

const WINDOW = { width: 1000, height: 500 };

test('the toolbar goes to the edge that is nearest to where it is let go, and not into a corner', () => {
  for (const [x, y, edge, at] of [
    [300, 20, 'top', 30],
    [20, 250, 'left', 50],
    [990, 400, 'right', 80],
    [500, 499, 'top', 50],
    [10, 499, 'left', 94],
    [3, 1, 'top', 6],
    [1200, 2000, 'right', 94],
  ] as const) {
    assert.deepEqual(dockNear({ x, y }, WINDOW), { edge, at }, `${x},${y}`);
  }
});

test('a place is read as it was written, and what is no place is the first one', () => {
  const dock = { edge: 'right', at: 30 } as const;
  assert.deepEqual(parseDock(formatDock(dock)), dock);
  for (const text of ['', 'bottom 50', 'top', 'top x', 'left 99', 'left -5', 'top NaN']) {
    assert.deepEqual(parseDock(text), FIRST_DOCK, text);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Dock, dockByKey, dockNear, FIRST_DOCK, formatDock, parseDock } from './dock.ts';

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

test('arrow keys move the toolbar along its edge and around the corners, and never out of the window', () => {
  for (const [dock, key, moved] of [
    ['top 50', 'ArrowLeft', 'top 42'],
    ['top 50', 'ArrowRight', 'top 58'],
    ['top 50', 'ArrowDown', undefined],
    ['top 8', 'ArrowLeft', 'top 6'],
    ['top 6', 'ArrowLeft', 'left 6'],
    ['top 94', 'ArrowRight', 'right 6'],
    ['left 6', 'ArrowDown', 'left 14'],
    ['left 6', 'ArrowUp', 'top 6'],
    ['right 6', 'ArrowUp', 'top 94'],
    ['right 94', 'ArrowDown', 'right 94'],
    ['right 50', 'ArrowLeft', undefined],
    ['top 50', 'Enter', undefined],
  ] as const) {
    const answer = dockByKey(parseDock(dock), key);
    assert.equal(answer && formatDock(answer), moved, `${dock}, ${key}`);
  }
});

test('every place of the toolbar can be left and reached by keys', () => {
  const reached = new Set<string>();
  const visit = (dock: Dock): void => {
    const name = formatDock(dock);
    if (reached.has(name)) return;
    reached.add(name);
    for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
      const moved = dockByKey(dock, key);
      if (moved) visit(moved);
    }
  };
  visit(FIRST_DOCK);
  for (const edge of ['top', 'left', 'right'])
    assert.ok(
      [...reached].some((name) => name.startsWith(edge)),
      edge,
    );
});

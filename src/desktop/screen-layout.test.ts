import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DesktopScreen, dividingScreens, MOST_SCREENS, ScreenLayout } from './screen-layout.ts';

const SIZE = { width: 300, height: 100 };
const LEFT = { id: 0, x: 0, y: 0, width: 100, height: 100 };
const RIGHT = { id: 1, x: 100, y: 0, width: 200, height: 100 };

const columns = (count: number): DesktopScreen[] =>
  Array.from({ length: count }, (_, id) => ({ id, x: id, y: 0, width: 1, height: 100 }));

test('several screens within the desktop divide it, up to the most', () => {
  assert.deepEqual(dividingScreens([LEFT, RIGHT], SIZE), [LEFT, RIGHT]);
  assert.equal(dividingScreens(columns(MOST_SCREENS), SIZE).length, MOST_SCREENS);
  assert.deepEqual(dividingScreens(columns(MOST_SCREENS + 1), SIZE), []);
});

test('a desktop stays one screen if a viewer wants one, or a layout that cannot be', () => {
  for (const screens of [
    [],
    [LEFT],
    [LEFT, { ...RIGHT, id: 0 }],
    [LEFT, { ...RIGHT, x: 101 }],
    [LEFT, { ...RIGHT, width: 0 }],
    [LEFT, { ...RIGHT, y: 100 }],
  ]) {
    assert.deepEqual(dividingScreens(screens, SIZE), []);
  }
});

test('a layout holds only for its size', () => {
  const layout = new ScreenLayout();
  assert.deepEqual(layout.at(SIZE), []);
  layout.set(SIZE, [LEFT, RIGHT]);
  assert.deepEqual(layout.at({ ...SIZE }), [LEFT, RIGHT]);
  assert.deepEqual(layout.at({ width: 300, height: 101 }), []);
});

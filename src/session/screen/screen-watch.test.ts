import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Rect } from '../../pixels/rect.ts';
import { CHANGED_EVERY_MS, LOOK_AFTER_MS, ScreenWatch, SETTLE_MS } from './screen-watch.ts';

const SIZE = { width: 640, height: 480 };
const LARGE: Rect = { x: 0, y: 0, width: 300, height: 200 };
const CARET: Rect = { x: 40, y: 60, width: 10, height: 20 };

function createWatch(): {
  watch: ScreenWatch;
  clock: ManualClock;
  heard: string[];
  paint(rect: Rect): void;
  damage(isThere: boolean): void;
} {
  const clock = new ManualClock();
  const heard: string[] = [];
  let hasDamage = false;
  const watch = new ScreenWatch({
    now: clock.now,
    after: clock.after,
    changed: () => heard.push('changed'),
    settled: () => heard.push('settled'),
    hasDamage: () => hasDamage,
    look: () => heard.push('look'),
  });
  return {
    watch,
    clock,
    heard,
    paint: (rect) => {
      const tiles = new DirtyTiles(SIZE);
      tiles.add(rect);
      watch.changed(tiles);
    },
    damage: (isThere) => {
      hasDamage = isThere;
    },
  };
}

test('one change is told at once, and that the screen has settled a second later', () => {
  const { watch, clock, heard, paint } = createWatch();
  watch.run(true);
  paint(LARGE);
  assert.deepEqual(heard, ['changed']);
  clock.pass(SETTLE_MS - 1);
  assert.deepEqual(heard, ['changed']);
  clock.pass(1);
  assert.deepEqual(heard, ['changed', 'settled']);
  assert.equal(clock.waiting, 0);
});

test('a film is told once a second, and settles only when it ends', () => {
  const { watch, clock, heard, paint } = createWatch();
  watch.run(true);
  const frames = 100;
  for (let frame = 0; frame < frames; frame++) {
    paint(LARGE);
    clock.pass(40);
  }
  const changes = Math.ceil((frames * 40) / CHANGED_EVERY_MS);
  assert.deepEqual(heard, Array(changes).fill('changed'));
  clock.pass(SETTLE_MS);
  assert.equal(heard.at(-1), 'settled');
});

test('a caret that blinks in one place neither changes the screen nor keeps it from settling', () => {
  const { watch, clock, heard, paint } = createWatch();
  watch.run(true);
  paint(LARGE);
  for (let blink = 0; blink < 10; blink++) {
    paint(CARET);
    clock.pass(500);
  }
  assert.deepEqual(heard, ['changed', 'settled']);
});

test('a letter that is typed behind the last one changes the screen', () => {
  const { watch, clock, heard, paint } = createWatch();
  watch.run(true);
  for (let letter = 0; letter < 3; letter++) {
    paint({ ...CARET, x: 40 + 10 * letter, width: 20 });
    clock.pass(2 * SETTLE_MS);
  }
  assert.deepEqual(heard, ['changed', 'settled', 'changed', 'settled', 'changed', 'settled']);
});

test('damage that no viewer has captured is captured after a while', () => {
  const { watch, clock, heard, damage } = createWatch();
  watch.run(true);
  clock.pass(LOOK_AFTER_MS);
  assert.deepEqual(heard, [], 'there is no damage');
  damage(true);
  watch.damaged();
  watch.damaged();
  clock.pass(LOOK_AFTER_MS);
  assert.deepEqual(heard, ['look']);
});

test('while nobody reads events, changes are not looked at and no timer runs', () => {
  const { watch, clock, heard, paint, damage } = createWatch();
  damage(true);
  paint(LARGE);
  watch.damaged();
  assert.equal(clock.waiting, 0);
  watch.run(true);
  paint(LARGE);
  watch.run(false);
  assert.equal(clock.waiting, 0);
  clock.pass(10 * SETTLE_MS);
  assert.deepEqual(heard, ['changed']);
});

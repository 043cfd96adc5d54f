import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import type { Rect, Size } from '../../pixels/rect.ts';
import { Activity, LONGEST_PAUSE_MS, STILL_AFTER_MS } from './activity.ts';

/** Ten tiles by ten. */
const SIZE: Size = { width: 640, height: 640 };
/** Colours of tiles that all look like a photograph. */
const PHOTO = new Uint16Array(tileCount(SIZE)).fill(129);
const TOP: Rect = { x: 0, y: 0, width: 640, height: 320 };
const BOTTOM: Rect = { ...TOP, y: 320 };
const START = 50_000;

const tiles = (...rects: Rect[]): DirtyTiles => {
  const dirty = new DirtyTiles(SIZE);
  for (const rect of rects) dirty.add(rect);
  return dirty;
};

suite('the share of the screen that shows a film', () => {
  test('the share of film is 0 before a change and after a single change', () => {
    const activity = new Activity(PHOTO);
    assert.equal(activity.filmShare(START), 0);
    activity.changed(tiles(TOP), undefined, START, START);
    assert.equal(activity.filmShare(START), 0);
  });

  test('the share of film is the part that changes repeatedly, until it pauses for too long', () => {
    const activity = new Activity(PHOTO);
    for (let i = 0; i < 10; i++) activity.changed(tiles(TOP), undefined, START + i * 40, START + i * 40);
    const lastMs = START + 9 * 40;
    assert.equal(activity.filmShare(lastMs), 0.5);
    assert.equal(activity.filmShare(lastMs + LONGEST_PAUSE_MS), 0.5);
    assert.equal(activity.filmShare(lastMs + LONGEST_PAUSE_MS + 1), 0);
  });

  test('the share of film leaves out what is drawn, such as pages of text that are turned', () => {
    const activity = new Activity(new Uint16Array(PHOTO).fill(2, 0, 80));
    for (let i = 0; i < 10; i++)
      activity.changed(tiles(TOP, BOTTOM), undefined, START + i * 40, START + i * 40);
    assert.equal(activity.filmShare(START + 9 * 40), 0.2);
    assert.ok(activity.isMoving(0, 0, START + 9 * 40));
  });

  test('the share of film leaves out tiles whose changes are too far apart', () => {
    const activity = new Activity(PHOTO);
    for (let i = 0; i < 10; i++) {
      const nowMs = START + i * (LONGEST_PAUSE_MS + 1);
      activity.changed(tiles(TOP), undefined, nowMs, nowMs);
      assert.equal(activity.filmShare(nowMs), 0);
    }
  });

  test('the share of film counts the pause of a delayed frame up to its damage', () => {
    const activity = new Activity(PHOTO);
    // A slow link: a frame every three seconds, with damage as soon as the one before was taken.
    for (let i = 0; i < 5; i++)
      activity.changed(tiles(TOP), undefined, START + i * 3000 - 2950, START + i * 3000);
    assert.equal(activity.filmShare(START + 12_000), 0.5);
  });

  test('the share of film adds parts that change in turns, and counts no part twice', () => {
    const activity = new Activity(PHOTO);
    for (let i = 0; i < 20; i++)
      activity.changed(tiles(i % 2 ? TOP : BOTTOM), undefined, START + i * 20, START + i * 20);
    assert.equal(activity.filmShare(START + 400), 1);
    const one = new Activity(PHOTO);
    for (let i = 0; i < 20; i++) one.changed(tiles(TOP), undefined, START + i * 20, START + i * 20);
    assert.equal(one.filmShare(START + 400), 0.5);
  });

  test('the share of film includes only the changed part of a tile', () => {
    const activity = new Activity(PHOTO);
    const digits = Array.from({ length: 100 }, (_, i) => ({
      x: (i % 10) * 64 + 5,
      y: Math.floor(i / 10) * 64 + 5,
      width: 32,
      height: 16,
    }));
    for (let i = 0; i < 10; i++)
      activity.changed(tiles(...digits), undefined, START + i * 40, START + i * 40);
    assert.equal(activity.filmShare(START + 400), (32 * 16) / (64 * 64));
  });

  test('the share of film is 0 again after a change of the size', () => {
    const activity = new Activity(PHOTO);
    for (let i = 0; i < 3; i++) activity.changed(tiles(TOP), undefined, START + i * 40, START + i * 40);
    const other = DirtyTiles.whole({ width: 100, height: 100 });
    activity.changed(other, undefined, START + 120, START + 120);
    assert.equal(activity.filmShare(START + 120), 0);
    activity.changed(other, undefined, START + 160, START + 160);
    assert.equal(activity.filmShare(START + 160), 1);
  });
});

suite('a tile of the screen', () => {
  const change = (activity: Activity, nowMs: number): void =>
    activity.changed(tiles({ x: 70, y: 70, width: 5, height: 5 }), undefined, nowMs, nowMs);

  test('a tile keeps changing from its second change in a row on, unlike its neighbours', () => {
    const activity = new Activity(PHOTO);
    change(activity, START);
    assert.equal(activity.isMoving(1, 1, START), false);
    change(activity, START + 33);
    assert.ok(activity.isMoving(1, 1, START + 33));
    assert.equal(activity.isMoving(0, 1, START + 33), false);
    assert.equal(activity.isMoving(2, 0, START + 33), false);
    assert.equal(activity.isMoving(1, 1, START + 33 + LONGEST_PAUSE_MS + 1), false);
  });

  test('a tile holds still a while after its last change, and before its first one', () => {
    const activity = new Activity(PHOTO);
    change(activity, START);
    assert.equal(activity.isStill(1, 1, START + STILL_AFTER_MS - 1), false);
    assert.ok(activity.isStill(1, 1, START + STILL_AFTER_MS));
    assert.ok(activity.isStill(0, 0, START));
  });

  test('a tile with moved content neither holds still nor has new content', () => {
    const activity = new Activity(PHOTO);
    const moves = [{ dx: 0, dy: -10, copies: tiles(TOP) }];
    const motion = { moves, rest: tiles(BOTTOM), changed: tiles(TOP, BOTTOM) };
    for (let i = 0; i < 5; i++) {
      activity.changed(motion.changed, motion, START + i * 40, START + i * 40);
    }
    assert.equal(activity.filmShare(START + 160), 0.5);
    assert.equal(activity.isMoving(0, 0, START + 160), false);
    assert.equal(activity.isStill(0, 0, START + 160), false);
  });

  test('a tile neither holds still nor keeps changing after a change of the size', () => {
    const activity = new Activity(PHOTO);
    const size = { width: 100, height: 100 };
    activity.resized(size, START);
    assert.equal(activity.isStill(1, 1, START + 100), false);
    assert.ok(activity.isStill(1, 1, START + STILL_AFTER_MS));
    activity.changed(DirtyTiles.whole(size), undefined, START + 50, START + 50);
    assert.equal(activity.filmShare(START + 50), 0);
  });
});

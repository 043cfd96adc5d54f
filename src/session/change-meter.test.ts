import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DirtyTiles } from '../pixels/dirty-tiles.ts';
import type { Rect, Size } from '../pixels/rect.ts';
import { ChangeMeter, STILL_AFTER_MS } from './change-meter.ts';

/** Ten tiles by ten. */
const SIZE: Size = { width: 640, height: 640 };
const TOP: Rect = { x: 0, y: 0, width: 640, height: 320 };
const BOTTOM: Rect = { ...TOP, y: 320 };
const START = 50_000;

const tiles = (...rects: Rect[]): DirtyTiles => {
  const dirty = new DirtyTiles(SIZE);
  for (const rect of rects) dirty.add(rect);
  return dirty;
};

suite('the share of the screen that keeps changing', () => {
  test('is none before anything changes, and none of what changed once', () => {
    const meter = new ChangeMeter();
    assert.equal(meter.movingShare(START), 0);
    meter.changed(tiles(TOP), START, START);
    assert.equal(meter.movingShare(START), 0);
  });

  test('is what changes again and again, until it has been still', () => {
    const meter = new ChangeMeter();
    for (let i = 0; i < 10; i++) meter.changed(tiles(TOP), START + i * 40, START + i * 40);
    const lastMs = START + 9 * 40;
    assert.equal(meter.movingShare(lastMs), 0.5);
    assert.equal(meter.movingShare(lastMs + STILL_AFTER_MS), 0.5);
    assert.equal(meter.movingShare(lastMs + STILL_AFTER_MS + 1), 0);
  });

  test('leaves out what changes too seldom', () => {
    const meter = new ChangeMeter();
    for (let i = 0; i < 10; i++) {
      const nowMs = START + i * (STILL_AFTER_MS + 1);
      meter.changed(tiles(TOP), nowMs, nowMs);
      assert.equal(meter.movingShare(nowMs), 0);
    }
  });

  test('counts a frame that had to wait by when its damage came', () => {
    const meter = new ChangeMeter();
    // A slow link: a frame every three seconds, with damage as soon as the one before was taken.
    for (let i = 0; i < 5; i++) meter.changed(tiles(TOP), START + i * 3000 - 2950, START + i * 3000);
    assert.equal(meter.movingShare(START + 12_000), 0.5);
  });

  test('adds up parts that change in turns, and counts none twice', () => {
    const meter = new ChangeMeter();
    for (let i = 0; i < 20; i++) meter.changed(tiles(i % 2 ? TOP : BOTTOM), START + i * 20, START + i * 20);
    assert.equal(meter.movingShare(START + 400), 1);
    const one = new ChangeMeter();
    for (let i = 0; i < 20; i++) one.changed(tiles(TOP), START + i * 20, START + i * 20);
    assert.equal(one.movingShare(START + 400), 0.5);
  });

  test('counts of a tile only what changes', () => {
    const meter = new ChangeMeter();
    const digits = Array.from({ length: 100 }, (_, i) => ({
      x: (i % 10) * 64 + 5,
      y: Math.floor(i / 10) * 64 + 5,
      width: 32,
      height: 16,
    }));
    for (let i = 0; i < 10; i++) meter.changed(tiles(...digits), START + i * 40, START + i * 40);
    assert.equal(meter.movingShare(START + 400), (32 * 16) / (64 * 64));
  });

  test('begins anew with another size', () => {
    const meter = new ChangeMeter();
    for (let i = 0; i < 3; i++) meter.changed(tiles(TOP), START + i * 40, START + i * 40);
    const other = DirtyTiles.whole({ width: 100, height: 100 });
    meter.changed(other, START + 120, START + 120);
    assert.equal(meter.movingShare(START + 120), 0);
    meter.changed(other, START + 160, START + 160);
    assert.equal(meter.movingShare(START + 160), 1);
  });
});

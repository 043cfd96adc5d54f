import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DirtyTiles } from '../pixels/dirty-tiles.ts';
import { Activity, STILL_AFTER_MS } from './activity.ts';

const SIZE = { width: 200, height: 130 };

function change(activity: Activity, nowMs: number, x = 70, y = 70): void {
  const tiles = new DirtyTiles(SIZE);
  tiles.add({ x, y, width: 5, height: 5 });
  activity.changed(tiles, nowMs);
}

suite('a tile', () => {
  test('moves from its third change in a row on, and not its neighbours', () => {
    const activity = new Activity();
    for (const nowMs of [1000, 1033]) {
      change(activity, nowMs);
      assert.equal(activity.isMoving(1, 1, nowMs), false);
    }
    change(activity, 1066);
    assert.ok(activity.isMoving(1, 1, 1066));
    assert.equal(activity.isMoving(0, 1, 1066), false);
    assert.equal(activity.isMoving(2, 0, 1066), false);
  });

  test('that has paused begins anew', () => {
    const activity = new Activity();
    for (const nowMs of [1000, 1033, 1066]) change(activity, nowMs);
    assert.equal(activity.isMoving(1, 1, 1066 + 251), false);
    change(activity, 1400);
    assert.equal(activity.isMoving(1, 1, 1400), false);
  });

  test('that changes now and then never moves', () => {
    const activity = new Activity();
    for (let nowMs = 0; nowMs < 5000; nowMs += 400) {
      change(activity, nowMs);
      assert.equal(activity.isMoving(1, 1, nowMs), false);
    }
  });

  test('is still a while after its last change, and from the beginning', () => {
    const activity = new Activity();
    change(activity, 1000);
    assert.equal(activity.isStill(1, 1, 1000 + STILL_AFTER_MS - 1), false);
    assert.ok(activity.isStill(1, 1, 1000 + STILL_AFTER_MS));
    assert.ok(activity.isStill(0, 0, 1000));
  });

  test('knows nothing of the time before a resize', () => {
    const activity = new Activity();
    for (const nowMs of [1000, 1033, 1066]) change(activity, nowMs);
    activity.changed(DirtyTiles.whole({ width: 130, height: 200 }), 1080);
    assert.equal(activity.isMoving(1, 1, 1080), false);
    assert.equal(activity.isStill(1, 1, 1080), false);
  });
});

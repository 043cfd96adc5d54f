import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONGEST_START_MS, StartUp } from './start-up.ts';

test('the start of a viewer lasts until an update leaves nothing of the picture for a later one', () => {
  const start = new StartUp(1000);
  start.taken(true);
  assert.equal(start.takes(1100, 5), true);
  start.taken(false);
  assert.equal(start.takes(1200, 5), true);
  start.taken(true);
  assert.equal(start.takes(1300, 5), false);
});

test('the start of a viewer that never has the whole picture ends after a while', () => {
  const start = new StartUp(1000);
  start.taken(true);
  assert.equal(start.takes(999 + LONGEST_START_MS, 5), true);
  start.taken(true);
  assert.equal(start.takes(1000 + LONGEST_START_MS, 5), false);
  start.taken(true);
  assert.equal(start.takes(1001 + LONGEST_START_MS, 5), false);
});

test('a start has its frames, their time, the slowest of them, and when the viewer first had the whole picture', () => {
  const start = new StartUp(1000);
  assert.deepEqual(start.timing, { frames: 0, serverUs: 0, slowestUs: 0, pictureUs: undefined });
  start.taken(true);
  start.takes(1100, 80);
  assert.deepEqual(start.timing, { frames: 1, serverUs: 80_000, slowestUs: 80_000, pictureUs: undefined });
  start.taken(false);
  start.takes(1200, 20);
  // What comes later is no part of the start.
  start.taken(false);
  start.takes(1300, 500);
  assert.deepEqual(start.timing, { frames: 2, serverUs: 100_000, slowestUs: 80_000, pictureUs: 200_000 });
});

test('a start that has ended without the whole picture has no time for it', () => {
  const start = new StartUp(0);
  start.taken(false);
  start.takes(LONGEST_START_MS, 7);
  start.taken(false);
  start.takes(LONGEST_START_MS + 1, 7);
  assert.deepEqual(start.timing, { frames: 0, serverUs: 0, slowestUs: 0, pictureUs: undefined });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONGEST_START_MS, StartUp } from './start-up.ts';

test('the start of a viewer lasts until an update leaves nothing of the picture for a later one', () => {
  const start = new StartUp(1000);
  start.taken(true);
  assert.equal(start.ends(1100), true);
  start.taken(false);
  assert.equal(start.ends(1200), true);
  start.taken(true);
  assert.equal(start.ends(1300), false);
});

test('the start of a viewer that never has the whole picture ends after a while', () => {
  const start = new StartUp(1000);
  start.taken(true);
  assert.equal(start.ends(999 + LONGEST_START_MS), true);
  start.taken(true);
  assert.equal(start.ends(1000 + LONGEST_START_MS), false);
  start.taken(true);
  assert.equal(start.ends(1001 + LONGEST_START_MS), false);
});

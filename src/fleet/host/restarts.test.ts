import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Restarts } from './restarts.ts';

test('a desktop that keeps ending is started after pauses that double up to a limit', () => {
  const restarts = new Restarts();
  const pauses: number[] = [];
  let nowMs = 0;
  for (let i = 0; i < 7; i++) {
    restarts.started(nowMs);
    restarts.ended(nowMs);
    pauses.push(restarts.notBeforeMs - nowMs);
    nowMs = restarts.notBeforeMs;
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  restarts.started(nowMs);
  restarts.ended(nowMs + 60_000);
  assert.equal(restarts.notBeforeMs - nowMs, 61_000);
  restarts.forget();
  assert.equal(restarts.notBeforeMs, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DrawingSpeed, LEAST_PX, PICTURES, SLOW_MS_PER_MPX } from './drawing-speed.ts';

const PX = 384 * 1024;
const SLOW_MS = (SLOW_MS_PER_MPX * PX) / 1e6;

/** What a speed says of pictures that take so long each. */
const judged = (px: number, times: readonly number[]): boolean[] => {
  const speed = new DrawingSpeed();
  return times.map((ms) => speed.drew(px, ms));
};

test('drawing is slow once each of the first pictures was, and that is said once', () => {
  const said = judged(PX, new Array(PICTURES * 3).fill(SLOW_MS * 2));
  assert.deepEqual(
    said.flatMap((isSlow, i) => (isSlow ? [i] : [])),
    [PICTURES - 1],
  );
});

test('one quick picture shows that the others were interrupted', () => {
  const times = new Array<number>(PICTURES * 3).fill(SLOW_MS * 20);
  times[3] = SLOW_MS / 2;
  assert.ok(!judged(PX, times).includes(true));
});

test('small pictures do not count', () => {
  assert.ok(!judged(LEAST_PX - 1, new Array(PICTURES * 3).fill(SLOW_MS * 2)).includes(true));
});

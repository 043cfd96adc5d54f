import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyTimes, shownNumbers } from './page-round.ts';

test('frames count when they were shown within a run, and times when they were painted within it', () => {
  const numbers = shownNumbers({
    startMs: 1000,
    endMs: 3000,
    painted: [
      [1, 950],
      [2, 1000],
      [3, 2000],
      [4, 2990],
      [5, 2995],
    ],
    seen: [
      [99, 900],
      [1, 1010],
      [2, 1020],
      [3, 2040],
      [4, 3050],
    ],
    browserCpuSeconds: 0.3,
    serverCpuSeconds: 0.03,
  });
  assert.deepEqual(numbers, { fps: 1.5, p50Ms: 40, p99Ms: 60, browserCpuMs: 100, serverCpuMs: 10 });
});

test('a run in which nothing was shown has no times', () => {
  const { fps, p50Ms, browserCpuMs } = shownNumbers({
    startMs: 0,
    endMs: 1000,
    painted: [[1, 10]],
    seen: [],
    browserCpuSeconds: 1,
    serverCpuSeconds: 1,
  });
  assert.deepEqual({ fps, p50Ms, browserCpuMs }, { fps: 0, p50Ms: undefined, browserCpuMs: undefined });
});

test('the time of a key is that to what it changed, and a key without a change is an error', () => {
  const painted = [
    [7, 0],
    [8, 0],
  ] as const;
  assert.deepEqual(
    keyTimes([100, 200], painted, [
      [8, 230],
      [7, 120],
    ]),
    [20, 30],
  );
  assert.throws(() => keyTimes([100], painted, []), /1 keys in the page, 2 came/);
  assert.throws(() => keyTimes([100, 200], painted, [[7, 120]]), /key 2/);
});

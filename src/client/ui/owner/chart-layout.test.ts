import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layOut } from './chart-layout.ts';
import { COVERED_MS } from './stages.ts';

const SIZE = { width: 600, height: 100 };

test('the stages of a frame are stacked from the lower edge, and the newest frame stands at the right one', () => {
  const { topMs, parts } = layOut([{ atMs: COVERED_MS, times: [10, 0, 30] }], COVERED_MS, SIZE);
  assert.equal(topMs, 50);
  assert.deepEqual(
    parts.map(({ stage, y, height }) => [stage, y, height]),
    [
      [0, 80, 20],
      [2, 20, 60],
    ],
  );
  for (const { x, width } of parts) assert.equal(x + width, SIZE.width);
});

test('a frame moves to the left edge within a minute and is gone then, as are frames of the future', () => {
  const samples = [{ atMs: 1000, times: [1] }];
  const at = (nowMs: number): number | undefined => layOut(samples, nowMs, SIZE).parts[0]?.x;
  assert.ok(at(1000)! > at(31_000)!);
  assert.equal(at(31_000)! + 300, at(1000)!);
  assert.equal(at(1000 + COVERED_MS), undefined);
  assert.equal(at(999), undefined);
});

test('the upper edge of the chart is a round number of milliseconds that no column exceeds', () => {
  for (const [ms, top] of [
    [0, 20],
    [20, 20],
    [20.1, 50],
    [51, 100],
    [100, 100],
    [1234, 2000],
  ] as const) {
    const { topMs } = layOut([{ atMs: 1, times: [ms] }], 1, SIZE);
    assert.equal(topMs, top, String(ms));
  }
});

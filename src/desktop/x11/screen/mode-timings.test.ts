import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refreshHz, timingsFor } from './mode-timings.ts';

test('a mode has 60 Hz to two decimals, whatever its size, and fits into its fields', () => {
  for (const [width, height] of [
    [64, 64],
    [65, 99],
    [1281, 721],
    [3840, 2160],
    [15_360, 8640],
    [32_767, 15_000],
    [15_000, 32_767],
  ] as const) {
    const timings = timingsFor({ width, height });
    assert.equal(refreshHz(timings).toFixed(2), '60.00', `${width}x${height}`);
    assert.ok(timings.dot_clock <= 0xffff_ffff);
    assert.ok(timings.h_total <= 0xffff && timings.v_total <= 0xffff);
    assert.deepEqual([timings.width, timings.height], [width, height]);
  }
});

test('a mode without timings has 0 Hz', () => {
  const none = { h_sync_start: 0, h_sync_end: 0, h_total: 0, v_sync_start: 0, v_sync_end: 0, v_total: 0 };
  assert.equal(refreshHz({ width: 640, height: 480, dot_clock: 0, ...none }), 0);
});

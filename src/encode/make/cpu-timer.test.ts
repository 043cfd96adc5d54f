import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCpuTimer } from './cpu-timer.ts';

/** The longest tick of Linux's CPU clock. */
const TICK_MS = 10;

function computeForMs(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('the CPU time of a job that is shorter than a tick of the CPU clock is its elapsed time', () => {
  for (let measured = 0; measured < 10; ) {
    const start = performance.now();
    const stop = startCpuTimer();
    computeForMs(0.5);
    const us = stop();
    const passedMs = performance.now() - start;
    // The thread was interrupted: its job was not that short.
    if (passedMs >= TICK_MS) continue;
    measured++;
    assert.ok(us >= 500, `${us} µs`);
    assert.ok(us <= passedMs * 1000 + 1, `${us} µs is longer than what passed`);
  }
});

test('the CPU time of a job does not include the time that its thread sleeps', () => {
  const stop = startCpuTimer();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  const us = stop();
  assert.ok(us < 100_000, `${us} µs`);
});

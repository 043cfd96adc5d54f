// Loaded into a server by `--import`. Notes in the file STEP_FILE how long its main thread was busy without a turn of
// the event loop, as lines of milliseconds.

import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Time between two looks, in ms. Longer steps are found as they are; a smaller value would be busier itself. */
const LOOK_MS = 5;
/** Shortest step that is noted, in ms. */
const NOTED_MS = 20;

const { STEP_FILE } = process.env;
if (isMainThread && STEP_FILE !== undefined) watch(STEP_FILE);

function watch(file: string): void {
  // Shows that the probe is there, although no step may be long enough to be noted.
  appendFileSync(file, '');
  let last = { atMs: performance.now(), cpu: process.threadCpuUsage() };
  setInterval(() => {
    const now = { atMs: performance.now(), cpu: process.threadCpuUsage() };
    const busyMs = (now.cpu.user + now.cpu.system - last.cpu.user - last.cpu.system) / 1000;
    // By the processor's time, so that other programs which have the processor count for nothing.
    const stepMs = Math.min(busyMs, now.atMs - last.atMs - LOOK_MS);
    if (stepMs > NOTED_MS) appendFileSync(file, `${stepMs.toFixed(1)}\n`);
    last = now;
  }, LOOK_MS).unref();
}

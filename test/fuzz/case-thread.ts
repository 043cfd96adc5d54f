// A thread that gives one target many cases. A thread, so that a case that hangs or takes all memory is known.

import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { createDice } from '../../bench/scenes/dice.ts';
import { caseSeed, ignoreReached, type Reached } from './fuzz-target.ts';
import type { CaseOrder, CaseOutcome } from './run-cases.ts';
import { targetNamed } from './targets.ts';

/** Time after which a case is measured again, in ms. The others show that nothing holds them up on a quiet machine. */
const MEASURED_AGAIN_MS = 10;

/**
 * Times that such a case is run again. The least processor time counts: the first runs of a path are not compiled yet,
 * and other programs slow the processor's caches down. More runs take longer for a case that is really slow.
 */
const MOST_RERUNS = 5;

/** Share of the cases after which memory is measured first: compilers and caches have settled by then. */
const WARM_UP_SHARE = 0.25;

/** Collections of garbage before memory is measured, and the time between them in ms. */
const COLLECTIONS = 5;
const BETWEEN_COLLECTIONS_MS = 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const { target: name, seed, cases, slowMs, progress } = workerData as CaseOrder;
const words = new Int32Array(progress);
const target = targetNamed(name);
const reachedCounts: Record<string, number> = Object.create(null);
const reached: Reached = (what) => {
  reachedCounts[what] = (reachedCounts[what] ?? 0) + 1;
};
await target.prepare?.();
parentPort!.postMessage(await runAll());

async function runAll(): Promise<CaseOutcome> {
  let slowestMs = 0;
  let warmBytes = 0;
  for (let index = 0; index < cases; index++) {
    Atomics.store(words, 0, index);
    const input = target.make(createDice(caseSeed(seed, index)));
    try {
      slowestMs = Math.max(slowestMs, measure(input));
    } catch (error) {
      return { kind: 'failed', index, what: (error as Error).stack ?? String(error), input };
    }
    if (slowestMs > slowMs) {
      const what = `It took ${Math.round(slowestMs)} ms of the processor's time.`;
      return { kind: 'failed', index, what, input };
    }
    if (index === Math.floor(cases * WARM_UP_SHARE)) warmBytes = await usedBytes();
  }
  return { kind: 'passed', slowestMs, grownBytes: (await usedBytes()) - warmBytes, reached: reachedCounts };
}

/** Runs a case. Returns its time in ms; for a slow one, the processor's time in the fastest of several runs. */
function measure(input: Uint8Array): number {
  const startMs = performance.now();
  target.run(input, reached);
  let leastMs = performance.now() - startMs;
  for (let left = MOST_RERUNS; leastMs > MEASURED_AGAIN_MS && left > 0; left--) {
    const before = process.threadCpuUsage();
    target.run(input, ignoreReached);
    const { user, system } = process.threadCpuUsage(before);
    leastMs = Math.min(leastMs, (user + system) / 1000);
  }
  return leastMs;
}

/** Returns the memory in use. V8 releases buffers some time after a collection, in a thread of its own. */
async function usedBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let left = COLLECTIONS; left > 0; left--) {
    collectGarbage();
    await sleep(BETWEEN_COLLECTIONS_MS);
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external);
  }
  return least;
}

// A thread that gives one target many cases. A thread, so that a case that hangs or takes all memory is known.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { createDice } from '../../bench/scenes/dice.ts';
import { caseSeed } from './fuzz-target.ts';
import type { CaseOrder, CaseOutcome } from './run-cases.ts';
import { targetNamed } from './targets.ts';

/** Share of the cases after which memory is measured first: compilers and caches have settled by then. */
const WARM_UP_SHARE = 0.25;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const { target: name, seed, cases, slowMs, progress } = workerData as CaseOrder;
const words = new Int32Array(progress);
const target = targetNamed(name);
await target.prepare?.();
parentPort!.postMessage(runAll());

function runAll(): CaseOutcome {
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
    if (index === Math.floor(cases * WARM_UP_SHARE)) warmBytes = usedBytes();
  }
  return { kind: 'passed', slowestMs, grownBytes: usedBytes() - warmBytes };
}

/**
 * Returns the time of a case, in ms. A slow one is measured again by the processor's time, because other programs may
 * have kept the processor from this thread, and because its code may not have been compiled.
 */
function measure(input: Uint8Array): number {
  const startMs = performance.now();
  target.run(input);
  const tookMs = performance.now() - startMs;
  if (tookMs < slowMs) return tookMs;
  const before = process.threadCpuUsage();
  target.run(input);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

function usedBytes(): number {
  // Twice: the first collection only queues the release of some buffers.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

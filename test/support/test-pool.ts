import { NativeGate } from '../../src/threads/native-gate.ts';
import { WorkerPool, type WorkerPoolOptions } from '../../src/threads/worker-pool.ts';
import { ManualTicker } from './manual-ticker.ts';
import { waitFor } from './wait-for.ts';

/** Jobs for the threads of these tests. */
type Order =
  | { readonly say: string; readonly afterMs?: number; readonly read?: true }
  | { readonly fail: string }
  | { readonly end: 'throw' | 'exit'; readonly read?: true }
  /** Waits for nothing. */
  | 'hang'
  /** Computes without end. */
  | 'loop'
  /** Stays in native code until the second shared word is set. */
  | 'native';

const GATE_MODULE = new URL('../../src/threads/native-gate.ts', import.meta.url).href;

/** Counts in the first shared word the jobs that never end. */
const SCRIPT = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId, workerData } from 'node:worker_threads';
    import { enterNativeCode, leaveNativeCode, openNativeGate } from '${GATE_MODULE}';
    const words = new Int32Array(workerData.words);
    const begun = () => { Atomics.add(words, 0, 1); Atomics.notify(words, 0); };
    const work = ({ id, job }) => {
      if (job === 'hang') return;
      if (job === 'loop') { begun(); for (;;); }
      if (job === 'native') {
        enterNativeCode();
        begun();
        Atomics.wait(words, 1, 0);
        leaveNativeCode();
        parentPort.postMessage([{ id, result: 'left' }]);
        return;
      }
      if (job.read) parentPort.postMessage([{ id, read: true }]);
      if (job.end === 'throw') setImmediate(() => { throw new Error('thrown out of the handler'); });
      else if (job.end === 'exit') setImmediate(() => process.exit(0));
      else if (job.fail) parentPort.postMessage([{ id, error: new Error(job.fail) }]);
      else {
        setTimeout(() => parentPort.postMessage([{ id, result: job.say + '@' + threadId }]), job.afterMs ?? 0);
      }
    };
    parentPort.on('message', (tasks) => tasks === 'end' ? process.exit(0) : tasks.forEach(work));
    if (workerData.gate) openNativeGate(workerData.gate);
    parentPort.postMessage([]);
  `)}`,
);

/** Time limit of a job. */
export const LIMIT_MS = 5000;
/** Longer than a thread may take to start. */
export const LONG_MS = 20_000;
/** Longer than any other wait of these tests. */
export const IDLE_LIMIT_MS = 600_000;

/** A pool of test threads, with words that they share with the test. */
export class TestPool extends WorkerPool<Order, string> {
  readonly words: Int32Array;
  readonly time: ManualTicker;
  /** Threads started so far. */
  readonly counts: { started: number };

  constructor(threads: number, options: Partial<WorkerPoolOptions<Order>> = {}, hasGate = false) {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const time = new ManualTicker();
    const counts = { started: 0 };
    super({
      script: SCRIPT,
      name: 'test',
      threads,
      start: () => {
        counts.started++;
        const gate = hasGate ? new NativeGate() : undefined;
        const workerData = { words: words.buffer, gate: gate?.memory };
        return gate ? { workerData, gate } : { workerData };
      },
      limitMs: () => LIMIT_MS,
      idleLimitMs: IDLE_LIMIT_MS,
      ticker: time.ticker,
      ...options,
    });
    this.words = words;
    this.time = time;
    this.counts = counts;
  }

  /** Resolves when that many jobs that never end have begun. */
  async untilBegun(jobs: number): Promise<void> {
    for (;;) {
      const begun = Atomics.load(this.words, 0);
      if (begun >= jobs) return;
      await Atomics.waitAsync(this.words, 0, begun).value;
    }
  }
}

/** What a job was told to say. */
export const said = (answer: string): string => answer.split('@')[0]!;
/** The thread that said it. */
export const thread = (answer: string): string => answer.split('@')[1]!;
/** Threads of this process that run. */
export const threads = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
/** Resolves when the last thread of this process has ended. */
export const noThreads = (): Promise<true> => waitFor('the end of all threads', () => threads() === 0);

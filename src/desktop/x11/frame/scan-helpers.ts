import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import { endThread } from '../../../threads/end-thread.ts';
import { DesktopError } from '../../errors.ts';
import type { FramebufferPlace } from './framebuffer-file.ts';
import { RowQueue } from './row-queue.ts';
import type { ScanMemory } from './scanner.ts';

/** Data that a helper thread starts with. */
export interface ScanHelperData {
  readonly memory: ScanMemory;
  readonly kernels: WebAssembly.Module;
  readonly frame: SharedFrame;
  readonly framebuffer: FramebufferPlace;
  /** Its lane in the kernels' scratch memory; the frame thread has lane 0. */
  readonly lane: number;
}

export interface ScanHelpersOptions {
  /** Script of the threads. Tests have their own. */
  readonly script?: URL;
  readonly count?: number;
  readonly restartDelaysMs?: readonly number[];
  readonly idleLookMs?: number;
}

/** Number of helpers at most. More read no faster, because memory is the limit; fewer leave cores idle. */
const MOST_HELPERS = 2;

/**
 * Milliseconds from the end of a helper to the start of the next one, by the number of helpers that ended or could not
 * be started before. The last one repeats. Meanwhile the frame thread scans alone, slower and just as exact. Shorter
 * waits start threads that die again more often; longer ones leave large scans slow after a few faults.
 */
const RESTART_DELAYS_MS = [100, 1000, 10_000, 60_000] as const;

/**
 * Milliseconds between two looks at whether the helpers were wanted. They end after one to two times as long without a
 * large scan, and give back 10 MB each. A smaller value starts them again more often, in 100 ms of another core; a
 * larger one keeps their memory for longer.
 */
const IDLE_LOOK_MS = 4_000;

/** Milliseconds without a dead helper after which the next one counts as the first. */
const HEALTHY_AFTER_MS = 600_000;

const WORKER = new URL(`./scan.worker${extname(import.meta.url)}`, import.meta.url);

/**
 * The helper threads of the frame thread: one for each core but its own. They start with the first large scan, which
 * goes on without them, and end when there has been none for a while. They end with the thread that starts them.
 */
export class ScanHelpers {
  readonly #data: Omit<ScanHelperData, 'lane'>;
  readonly #script: URL;
  readonly #count: number;
  readonly #restartDelaysMs: readonly number[];
  readonly #idleLookMs: number;
  readonly #queue: RowQueue;
  /** By lane. */
  readonly #workers = new Map<number, Worker>();
  #faults = 0;
  #faultAtMs = Number.NEGATIVE_INFINITY;
  #restart: NodeJS.Timeout | undefined;
  /** Whether there was a large scan since the last look. */
  #wereWanted = false;
  /** Runs while there are helpers that are not dismissed. */
  #looks: NodeJS.Timeout | undefined;

  constructor(data: Omit<ScanHelperData, 'lane'>, options: ScanHelpersOptions = {}) {
    this.#data = data;
    this.#script = options.script ?? WORKER;
    this.#count = options.count ?? Math.min(availableParallelism() - 1, MOST_HELPERS);
    this.#restartDelaysMs = options.restartDelaysMs ?? RESTART_DELAYS_MS;
    this.#idleLookMs = options.idleLookMs ?? IDLE_LOOK_MS;
    this.#queue = new RowQueue(data.memory.queue);
  }

  /** A scan was large enough for helpers. Starts them if they do not run, or later if the system has no thread now. */
  wanted(): void {
    this.#wereWanted = true;
    if (this.#restart || this.#queue.isDismissed) return;
    this.#startMissing();
  }

  /** Number of helpers that run. */
  get running(): number {
    return this.#workers.size;
  }

  /**
   * Ends all helpers, of which one is dead or hangs, and starts others later. Resolves when they have ended. Rejects
   * with `DESKTOP_LOST` if one hangs where it cannot be ended: it may still write to the frame and to the row queue.
   */
  async replace(): Promise<void> {
    if (!(await this.#endAll())) throw new DesktopError('DESKTOP_LOST', 'a scan helper cannot be ended');
    this.#restartLater();
  }

  /** Ends all helpers for good. Each gives back what it has mapped, unless it hangs. */
  async close(): Promise<void> {
    clearTimeout(this.#restart);
    this.#restart = undefined;
    this.#stopLooking();
    this.#queue.dismiss();
    await this.#endAll('dismissed');
  }

  #look(): void {
    if (!this.#wereWanted) {
      this.#stopLooking();
      if (this.#workers.size > 0) this.#queue.dismiss();
    }
    this.#wereWanted = false;
  }

  #stopLooking(): void {
    clearInterval(this.#looks);
    this.#looks = undefined;
  }

  #startMissing(): void {
    this.#looks ??= setInterval(() => this.#look(), this.#idleLookMs).unref();
    try {
      for (let lane = 1; lane <= this.#count; lane++) if (!this.#workers.has(lane)) this.#start(lane);
    } catch {
      // The system has no memory or no process id for a thread. Those that run go on.
      this.#restartLater();
    }
  }

  #start(lane: number): void {
    const worker = new Worker(this.#script, { workerData: { ...this.#data, lane }, name: 'scan' });
    this.#workers.set(lane, worker);
    // Without this listener an error in the helper would end the frame thread.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#workers.get(lane) !== worker) return;
      this.#workers.delete(lane);
      if (!this.#queue.isDismissed) this.#restartLater();
      else if (this.#workers.size === 0) this.#queue.recall();
    });
    worker.unref();
  }

  /** Returns whether all have ended. */
  async #endAll(message?: 'dismissed'): Promise<boolean> {
    const workers = [...this.#workers.values()];
    this.#workers.clear();
    const haveEnded = await Promise.all(workers.map((worker) => endThread(worker, message)));
    this.#queue.recall();
    return haveEnded.every(Boolean);
  }

  #restartLater(): void {
    if (this.#restart) return;
    const now = performance.now();
    if (now - this.#faultAtMs > HEALTHY_AFTER_MS) this.#faults = 0;
    this.#faultAtMs = now;
    const delayMs = this.#restartDelaysMs[this.#faults++] ?? this.#restartDelaysMs.at(-1);
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#startMissing();
    }, delayMs);
    this.#restart.unref();
  }
}

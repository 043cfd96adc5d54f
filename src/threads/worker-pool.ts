import { Worker } from 'node:worker_threads';
import { endThread } from './end-thread.ts';
import { ThreadError } from './errors.ts';
import { judgeThread, startTicking, TICK_MS, type Ticker } from './judge-thread.ts';
import type { NativeGate } from './native-gate.ts';
import { type Answer, END, type Task } from './pool-messages.ts';
import { JOBS_A_THREAD, type Job, loadOf, type Thread, tellRead } from './pool-thread.ts';
import { isStartFailure, StartAttempts } from './start-attempts.ts';

/** Data that a thread starts with. */
export interface ThreadStart {
  readonly workerData: unknown;
  /** Given for a thread that calls native addons. */
  readonly gate?: NativeGate;
}

export interface WorkerPoolOptions<Input> {
  readonly script: URL;
  /** Shown by tools that list threads. */
  readonly name: string;
  /** Most threads at the same time. */
  readonly threads: number;
  /** Prepares a thread. `lane` is a number below `threads` that no other living thread of the pool has. */
  readonly start: (lane: number) => ThreadStart;
  /**
   * Milliseconds that a thread may be silent while it has this job. A larger value means that a hung thread is noticed
   * later; a smaller one that a thread on a busy machine is taken for hung.
   */
  readonly limitMs: (input: Input) => number;
  /** Milliseconds without a hold and without a job after which a thread ends. */
  readonly idleLimitMs: number;
  /**
   * Milliseconds for which jobs wait while the system has nothing to start a thread with. A larger value lets callers
   * wait longer for their error; a smaller one fails jobs in a short shortage. Default: 2000.
   */
  readonly startPatienceMs?: number;
  readonly ticker?: Ticker;
}

/** Keeps the threads of a pool, until it is released. */
export interface Hold {
  /** Resolves when the threads have loaded their modules, or were lost. */
  readonly ready: Promise<void>;
  /** May be called more than once. */
  release(): void;
}

/** Default of `startPatienceMs`. */
const START_PATIENCE_MS = 2000;

/** A job that was lost with this many threads fails. One more try saves the jobs that only happened to be there. */
const MOST_LOSSES = 2;

/**
 * Threads lost one after the other, with no job done between, after which everything that waits fails: the next thread
 * would be lost, too. A larger value starts more threads that are lost; a smaller one fails jobs that could be done.
 */
const MOST_LOSSES_IN_A_ROW = 8;

/**
 * Threads that were told to end and have not ended. No thread is started while there are so many; if they hang where
 * they cannot be terminated and no other thread is left, jobs fail. Each keeps its memory, and a core if it computes,
 * so a larger value lets more of both be lost; a smaller one gives up sooner.
 */
const MOST_LEAVING = 4;

/**
 * Threads of one kind that work off jobs in the order they came. They start with the first job or hold, and end when
 * they have been idle for a while. They keep the process alive only while they have a job.
 *
 * A thread that ends, or is silent for too long, is replaced. Its jobs are run once more, each alone on a thread, so
 * that a job that loses its thread again is known to be the cause; it fails with `THREAD_LOST`.
 */
export class WorkerPool<Input, Output> {
  readonly #options: WorkerPoolOptions<Input>;
  #threads: Thread<Input, Output>[] = [];
  /** One for each thread that is being ended. */
  readonly #ending = new Set<Promise<void>>();
  /** Threads that did not end although they were told to. */
  #stuck = 0;
  readonly #waiting: Job<Input, Output>[] = [];
  /** Jobs that were lost with a thread. They go before the ones that wait. */
  readonly #reruns: Job<Input, Output>[] = [];
  #lossesInARow = 0;
  #holds = 0;
  #nextId = 1;
  /** Threads that are still to be started. */
  #toStart = 0;
  /** Resolves when there are none left to start. */
  #allStarted: PromiseWithResolvers<void> | undefined;
  #isHandingOut = false;
  readonly #attempts: StartAttempts;
  #stopTicking: (() => void) | undefined;
  #closed = false;

  constructor(options: WorkerPoolOptions<Input>) {
    this.#options = options;
    this.#attempts = new StartAttempts(() => this.#handOut(), options.startPatienceMs ?? START_PATIENCE_MS);
  }

  /** Whether a thread runs that may be given a job. */
  get hasThreads(): boolean {
    return this.#threads.length > 0;
  }

  /** Threads that have loaded their modules, jobs that all threads have, and jobs that wait. */
  get load(): { readonly threads: number; readonly waiting: number; readonly running: number } {
    return {
      threads: this.#threads.filter(({ hasAnswered }) => hasAnswered).length,
      waiting: this.#waiting.length + this.#reruns.length,
      running: this.#threads.reduce((sum, { jobs }) => sum + jobs.size, 0),
    };
  }

  /**
   * Runs a job on some thread. Rejects with a ThreadError, or with what the thread answered. Until `onRead` is called,
   * or else until the job ends, the job may be run again and the pixels that it is about must not change.
   */
  run(input: Input, onRead?: () => void): Promise<Output> {
    if (this.#closed) return Promise.reject(new ThreadError('THREADS_CLOSED'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const limitMs = this.#options.limitMs(input);
      this.#waiting.push({ id, input, limitMs, resolve, reject, onRead, canRerun: true, losses: 0 });
      this.#handOutSoon();
    });
  }

  /** Starts the threads if they do not run, so that later jobs need not wait for that, and keeps them. */
  hold(): Hold {
    if (this.#closed) return { ready: Promise.resolve(), release: () => undefined };
    this.#holds++;
    this.#startThreads();
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#holds--;
      for (const thread of this.#threads) if (thread.jobs.size === 0) thread.quietMs = 0;
      if (this.#threads.length > 0) this.#tickAgain();
    };
    return { ready: this.#untilReady(), release };
  }

  /** Has a thread that is free at once stay for another `idleLimitMs`. Returns whether there is one. */
  keepFreeThread(): boolean {
    if (this.#waiting.length + this.#reruns.length > 0) return false;
    const free = this.#threads.find(({ hasAnswered, jobs }) => hasAnswered && jobs.size === 0);
    if (free) free.quietMs = 0;
    return free !== undefined;
  }

  /** Ends the threads; the jobs that they had not finished are rejected. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#stopStarting();
      this.#attempts.close();
      this.#stopTicking?.();
      const handedOut = this.#threads.flatMap((thread) => [...thread.jobs.values()]);
      for (const job of handedOut) this.#fail(job, new ThreadError('THREADS_CLOSED'));
      this.#failWaiting(new ThreadError('THREADS_CLOSED'));
      for (const thread of [...this.#threads]) this.#remove(thread, END);
    }
    await Promise.all(this.#ending);
  }

  async #untilReady(): Promise<void> {
    await this.#allStarted?.promise;
    await Promise.all(this.#threads.map((thread) => thread.started.promise));
  }

  /** Starts the threads that are missing: one at once, and one in each of the next turns. Each takes 5-8 ms. */
  #startThreads(): void {
    if (this.#attempts.isPausing) return;
    const isStarting = this.#toStart > 0;
    this.#toStart = this.#options.threads - this.#threads.length;
    if (isStarting || this.#toStart === 0) return;
    this.#allStarted = Promise.withResolvers();
    this.#startNext();
  }

  #startNext(): void {
    // The next thread that has ended goes on with this.
    if (this.#toStart === 0 || this.#ending.size + this.#stuck >= MOST_LEAVING) {
      if (this.#ending.size === 0) this.#stopStarting();
      return;
    }
    try {
      this.#startThread();
    } catch (error) {
      this.#cannotStart(error as Error);
      return;
    }
    this.#toStart--;
    if (this.#toStart > 0) setImmediate(() => this.#startNext());
    else this.#stopStarting();
    this.#handOutSoon();
  }

  /**
   * The system has nothing to start a thread with. Those that run go on, and the next attempt waits: each one takes the
   * main thread milliseconds. Without a thread, jobs wait for a while.
   */
  #cannotStart(cause: Error): void {
    this.#stopStarting();
    if (this.#attempts.failed() || this.#threads.length > 0) return;
    this.#failWaiting(new ThreadError('THREAD_NOT_STARTED', { cause }));
  }

  #stopStarting(): void {
    this.#toStart = 0;
    this.#allStarted?.resolve();
    this.#allStarted = undefined;
  }

  #startThread(): void {
    const { script, name, start } = this.#options;
    const taken = new Set(this.#threads.map((thread) => thread.lane));
    let lane = 0;
    while (taken.has(lane)) lane++;
    const { workerData, gate } = start(lane);
    const worker = new Worker(script, { workerData, name });
    worker.unref();
    const thread: Thread<Input, Output> = {
      worker,
      gate,
      lane,
      jobs: new Map(),
      isIsolated: false,
      started: Promise.withResolvers(),
      hasAnswered: false,
      quietMs: 0,
    };
    worker.on('message', (answers: readonly Answer<Output>[]) => {
      if (!thread.hasAnswered) this.#handOutSoon();
      thread.hasAnswered = true;
      this.#attempts.succeeded();
      thread.started.resolve();
      thread.quietMs = 0;
      for (const answer of answers) this.#answered(thread, answer);
    });
    worker.on('error', (error) => this.#lose(thread, error));
    worker.on('exit', (code) => this.#lose(thread, new Error(`The thread ended with code ${code}.`)));
    this.#threads.push(thread);
    this.#tickAgain();
  }

  #tickAgain(): void {
    const { ticker = startTicking } = this.#options;
    this.#stopTicking ??= ticker(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    // Threads that are held, have started and have no jobs can neither hang nor end.
    if (this.#holds > 0 && this.#threads.every(({ jobs, hasAnswered }) => jobs.size === 0 && hasAnswered)) {
      this.#stopTicking?.();
      this.#stopTicking = undefined;
      return;
    }
    for (const thread of [...this.#threads]) {
      const { jobs, hasAnswered } = thread;
      thread.quietMs += TICK_MS;
      const limitMs = [...jobs.values()].reduce((most, job) => Math.max(most, job.limitMs), 0);
      const idleLimitMs = this.#holds > 0 ? undefined : this.#options.idleLimitMs;
      const facts = { jobs: jobs.size, hasAnswered, quietMs: thread.quietMs, limitMs, idleLimitMs };
      const verdict = judgeThread(facts);
      if (verdict === 'hangs')
        this.#lose(thread, new Error(`The thread said nothing for ${thread.quietMs} ms.`));
      else if (verdict === 'idles') this.#remove(thread, END);
    }
  }

  /** Hands out once for all the jobs of this turn. */
  #handOutSoon(): void {
    if (this.#isHandingOut) return;
    this.#isHandingOut = true;
    queueMicrotask(() => {
      this.#isHandingOut = false;
      this.#handOut();
    });
  }

  /** Deals out the jobs, and sends each thread its share in one message. */
  #handOut(): void {
    if (this.#closed || this.#waiting.length + this.#reruns.length === 0) return;
    this.#startThreads();
    if (this.#threads.length === 0) {
      // A thread that is still being ended makes room for another soon.
      if (this.#stuck >= MOST_LEAVING) this.#failWaiting(new ThreadError('THREAD_LOST'));
      return;
    }
    // No thread has loaded its modules yet. Those that are about to start get a share, too.
    if (this.#toStart > 0 && !this.#threads.some(({ hasAnswered }) => hasAnswered)) return;
    const shares = new Map<Thread<Input, Output>, Task<Input>[]>();
    while (this.#waiting.length + this.#reruns.length > 0) {
      const thread = this.#threads.reduce((a, b) => (loadOf(b) < loadOf(a) ? b : a));
      const isRerun = this.#reruns.length > 0;
      if (loadOf(thread) >= (isRerun ? 1 : JOBS_A_THREAD)) break;
      const job = (isRerun ? this.#reruns : this.#waiting).shift()!;
      if (thread.jobs.size === 0) {
        thread.quietMs = 0;
        thread.worker.ref();
      }
      thread.jobs.set(job.id, job);
      thread.isIsolated = isRerun;
      const share = shares.get(thread) ?? [];
      shares.set(thread, share);
      share.push({ id: job.id, job: job.input });
    }
    for (const [thread, share] of shares) thread.worker.postMessage(share);
    if (shares.size > 0) this.#tickAgain();
  }

  #answered(thread: Thread<Input, Output>, answer: Answer<Output>): void {
    const job = thread.jobs.get(answer.id);
    if (!job) return;
    if ('read' in answer) {
      job.canRerun = false;
      tellRead(job);
      return;
    }
    thread.jobs.delete(job.id);
    thread.isIsolated = false;
    this.#lossesInARow = 0;
    if (thread.jobs.size === 0) thread.worker.unref();
    this.#handOut();
    if ('error' in answer) {
      this.#fail(job, answer.error);
    } else {
      tellRead(job);
      job.resolve(answer.result);
    }
  }

  /** Handles a thread that ended or hangs. The next job starts another in its place. */
  #lose(thread: Thread<Input, Output>, cause: Error): void {
    if (!this.#threads.includes(thread)) return;
    this.#remove(thread);
    if (isStartFailure(cause)) {
      this.#waiting.unshift(...thread.jobs.values());
      thread.jobs.clear();
      this.#cannotStart(cause);
      this.#handOut();
      return;
    }
    this.#lossesInARow++;
    for (const job of thread.jobs.values()) {
      job.losses++;
      if (job.canRerun && job.losses < MOST_LOSSES) this.#reruns.push(job);
      else this.#fail(job, new ThreadError('THREAD_LOST', { cause }));
    }
    thread.jobs.clear();
    if (this.#lossesInARow >= MOST_LOSSES_IN_A_ROW) {
      this.#lossesInARow = 0;
      this.#failWaiting(new ThreadError('THREAD_LOST', { cause }));
    }
    this.#handOut();
  }

  /** Takes a thread out of the pool and ends it; `message` as of `endThread`. */
  #remove(thread: Thread<Input, Output>, message?: typeof END): void {
    this.#threads = this.#threads.filter((other) => other !== thread);
    thread.started.resolve();
    if (this.#threads.length === 0) {
      this.#stopTicking?.();
      this.#stopTicking = undefined;
    }
    this.#end(thread, message);
  }

  #end({ worker, gate }: Thread<Input, Output>, message?: typeof END): void {
    const options = { mayTerminate: () => gate?.close() ?? true };
    const ended = endThread(worker, message, options).then((hasEnded) => {
      this.#ending.delete(ended);
      if (!hasEnded) {
        this.#stuck++;
        worker.once('exit', () => this.#stuck--);
      }
      if (this.#toStart > 0) this.#startNext();
      this.#handOut();
    });
    this.#ending.add(ended);
  }

  #failWaiting(error: Error): void {
    for (const job of [...this.#reruns.splice(0), ...this.#waiting.splice(0)]) this.#fail(job, error);
  }

  #fail(job: Job<Input, Output>, error: Error): void {
    tellRead(job);
    job.reject(error);
  }
}

import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { keepBlocks } from '../common/process-memory.ts';
import { ThreadError } from '../threads/errors.ts';
import type { Ticker } from '../threads/judge-thread.ts';
import { WorkerPool } from '../threads/worker-pool.ts';
import { AccountsError } from './errors.ts';
import type { HashRequest, HashResult, HashThreadData } from './hash.worker.ts';
import type { HashCost } from './password-hash.ts';
import { TurnQueue } from './turn-queue.ts';

/**
 * Logins that may wait for their thread. Each holds a password in memory. A check takes 25 ms with argon2id and 0.4 s
 * with scrypt, so the last one would wait about 6 s or 110 s; callers leave the queue at their own limit. A larger
 * value queues a flood of logins that nothing waits for any more; a smaller one refuses users who log in at the same
 * time.
 */
const MAX_WAITING_LOGINS = 256;

/**
 * Hashes of new passwords that may wait for a thread: a bulk call has 1,000 of them. A larger value lets more calls
 * wait, each for longer; a smaller one refuses bulk calls that are made at the same time.
 */
const MAX_WAITING_HASHES = 4096;

/**
 * Milliseconds that one job may take: 25 ms for argon2id, 0.4 s for scrypt, 7 s for a login while the store has four
 * hashes of the highest cost. A smaller value could replace the thread on a machine that is very busy; with a larger
 * one logins stand still for longer if the thread hangs.
 */
const HASH_LIMIT_MS = 15_000;

/**
 * Milliseconds without a job after which the thread ends, and gives back about 30 MB. A smaller value starts it, in
 * 50-100 ms, for each login of its own.
 */
const IDLE_LIMIT_MS = 2_000;

/**
 * New passwords of a call from which on it is a bulk call, whose hashes take only the time that other threads leave. A
 * hash takes 25 ms of a core. With a larger value, viewers' frames wait for the hashes of larger calls; with a smaller
 * one, calls for a few users take long on a busy machine.
 */
const BULK_HASHES = 5;

/**
 * Threads for bulk calls. Each takes 50 MB while it hashes. A larger value makes bulk calls shorter on machines with
 * more cores, a smaller one takes less memory.
 */
const MOST_BULK_THREADS = 8;

/**
 * Hashes that each of them is given ahead, so that it need not wait for a main thread that makes frames. With a larger
 * value, more of them are still made for a call that was broken off.
 */
const JOBS_A_BULK_THREAD = 2;

/**
 * Niceness of those threads: they have about a tenth of a core on which something else always runs. A larger value may
 * stop bulk calls on a busy machine, a smaller one delays viewers' frames.
 */
export const BULK_NICENESS = 10;

/**
 * As HASH_LIMIT_MS, for threads that may get little of a core. Nothing else waits for them, so that it may be long.
 */
const BULK_LIMIT_MS = 120_000;

interface Job {
  readonly request: HashRequest;
  readonly resolve: (result: HashResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** A call that needs hashes of new passwords. */
export interface HashingCall {
  /** How many. */
  readonly hashes: number;
}

type HashPool = WorkerPool<HashRequest, HashResult>;

/** Replacements for the real threads and the real time in tests. */
export interface HashThreadSeams {
  readonly script?: URL;
  readonly ticker?: Ticker;
  /** By default one for each core. */
  readonly bulkThreads?: number;
}

/**
 * Threads that compute password hashes. One is for logins and for the few new passwords of an ordinary call: logins come
 * first, and calls take turns. The others, one for each core, are for bulk calls, and take only the time of the cores
 * that viewers' frames leave. Threads start with the first job, end when they have been idle for a while, and keep the
 * process alive only while a job waits.
 */
export class HashThreads {
  readonly #logins = new TurnQueue<Job>();
  readonly #hashes = new TurnQueue<Job>();
  readonly #bulk = new TurnQueue<Job>();
  readonly #thread: HashPool;
  readonly #bulkThreads: HashPool;
  readonly #mostBulkJobs: number;
  #isRunning = false;
  #bulkJobs = 0;
  #giveBlocksBack: () => void = () => undefined;
  #closed = false;

  constructor({ script, ticker, bulkThreads = availableParallelism() }: HashThreadSeams = {}) {
    const common = {
      script: script ?? new URL(`./hash.worker${extname(import.meta.url)}`, import.meta.url),
      idleLimitMs: IDLE_LIMIT_MS,
      ...(ticker && { ticker }),
    };
    this.#thread = new WorkerPool({
      ...common,
      name: 'deskwire-hash',
      threads: 1,
      start: () => ({ workerData: { niceness: 0 } satisfies HashThreadData }),
      limitMs: () => HASH_LIMIT_MS,
    });
    const threads = Math.min(bulkThreads, MOST_BULK_THREADS);
    this.#mostBulkJobs = threads * JOBS_A_BULK_THREAD;
    this.#bulkThreads = new WorkerPool({
      ...common,
      name: 'deskwire-bulk',
      threads,
      start: () => ({ workerData: { niceness: BULK_NICENESS } satisfies HashThreadData }),
      limitMs: () => BULK_LIMIT_MS,
    });
  }

  /**
   * `call` stands for the call that needs the hash, by default one of its own. Rejects with `ACCOUNTS_BUSY` if too many
   * hashes wait already.
   */
  async hash(
    password: string,
    cost: HashCost,
    signal?: AbortSignal,
    call: HashingCall = { hashes: 1 },
  ): Promise<string> {
    if (this.#hashes.length + this.#bulk.length >= MAX_WAITING_HASHES)
      throw new AccountsError('ACCOUNTS_BUSY');
    const queue = call.hashes >= BULK_HASHES ? this.#bulk : this.#hashes;
    return (await this.#add(queue, call, { kind: 'hash', password, cost }, signal)) as string;
  }

  /**
   * Whether the hash is one of the password. Works for the decoys too, so that it takes as long for each of them.
   * Rejects with `ACCOUNTS_BUSY` if too many logins wait already.
   */
  async verify(
    password: string,
    hash: string,
    signal?: AbortSignal,
    decoys: readonly string[] = [],
  ): Promise<boolean> {
    if (this.#logins.length >= MAX_WAITING_LOGINS) throw new AccountsError('ACCOUNTS_BUSY');
    return (await this.#add(
      this.#logins,
      this,
      { kind: 'verify', password, hash, decoys },
      signal,
    )) as boolean;
  }

  /** Ends the threads, and rejects all jobs that are not done. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const queue of [this.#logins, this.#hashes, this.#bulk]) {
      for (let job = queue.shift(); job !== undefined; job = queue.shift())
        job.reject(new AccountsError('ACCOUNTS_CLOSED'));
    }
    await Promise.all([this.#thread.close(), this.#bulkThreads.close()]);
  }

  #add(
    queue: TurnQueue<Job>,
    caller: object,
    request: HashRequest,
    signal: AbortSignal | undefined,
  ): Promise<HashResult> {
    if (this.#closed) return Promise.reject(new AccountsError('ACCOUNTS_CLOSED'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<HashResult>();
    const job: Job = { request, resolve, reject };
    queue.push(caller, job);
    this.#runNext();
    if (signal === undefined) return promise;

    // A job that already runs cannot be stopped; its result is dropped.
    const abort = () => {
      queue.remove(caller, job);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', abort));
  }

  #runNext(): void {
    if (!this.#isRunning) {
      const job = this.#logins.shift() ?? this.#hashes.shift();
      if (job) void this.#runOrdinary(job);
    }
    while (this.#bulkJobs < this.#mostBulkJobs) {
      const job = this.#bulk.shift();
      if (job === undefined) return;
      void this.#runBulk(job);
    }
  }

  async #runOrdinary(job: Job): Promise<void> {
    this.#isRunning = true;
    await this.#run(job, this.#thread);
    this.#isRunning = false;
    this.#runNext();
  }

  async #runBulk(job: Job): Promise<void> {
    if (this.#bulkJobs++ === 0) this.#giveBlocksBack = keepBlocks();
    await this.#run(job, this.#bulkThreads);
    this.#bulkJobs--;
    this.#runNext();
    // Before the threads end, which gives back what they have kept.
    if (this.#bulkJobs === 0) this.#giveBlocksBack();
  }

  /** Settles the job; never rejects. */
  async #run({ request, resolve, reject }: Job, pool: HashPool): Promise<void> {
    try {
      resolve(await pool.run(request));
    } catch (cause) {
      const code = this.#closed ? 'ACCOUNTS_CLOSED' : 'ACCOUNTS_HASH_FAILED';
      const isShort = cause instanceof ThreadError && cause.code === 'THREAD_NOT_STARTED';
      reject(isShort ? cause : new AccountsError(code, undefined, { cause }));
    }
  }
}

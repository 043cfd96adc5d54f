import { extname } from 'node:path';
import { ThreadError } from '../threads/errors.ts';
import type { Ticker } from '../threads/judge-thread.ts';
import { WorkerPool } from '../threads/worker-pool.ts';
import { AccountsError } from './errors.ts';
import type { HashRequest, HashResult } from './hash.worker.ts';
import type { HashCost } from './password-hash.ts';
import { TurnQueue } from './turn-queue.ts';

/**
 * Logins that may wait for the thread. Each holds a password in memory. A check takes 25 ms with argon2id and 0.4 s
 * with scrypt, so the last one would wait about 6 s or 110 s; callers leave the queue at their own limit. A larger
 * value queues a flood of logins that nothing waits for any more; a smaller one refuses users who log in at the same
 * time.
 */
const MAX_WAITING_LOGINS = 256;

/**
 * Hashes of new passwords that may wait for the thread: a bulk call has 1,000 of them. A larger value lets more calls
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

interface Job {
  readonly request: HashRequest;
  readonly resolve: (result: HashResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** Replacements for the real thread and the real time in tests. */
export interface HashThreadSeams {
  readonly script?: URL;
  readonly ticker?: Ticker;
}

/**
 * One thread that computes password hashes, one after the other. Logins come before the hashes of new passwords, and
 * calls that need such hashes take turns, so that a bulk call delays neither logins nor the other calls. The thread starts with the first job, ends when it has been idle for a while,
 * and keeps the process alive only while a job waits.
 */
export class HashThread {
  readonly #logins = new TurnQueue<Job>();
  readonly #hashes = new TurnQueue<Job>();
  readonly #thread: WorkerPool<HashRequest, HashResult>;
  #isRunning = false;
  #closed = false;

  constructor({ script, ticker }: HashThreadSeams = {}) {
    this.#thread = new WorkerPool({
      script: script ?? new URL(`./hash.worker${extname(import.meta.url)}`, import.meta.url),
      name: 'deskwire-hash',
      threads: 1,
      start: () => ({ workerData: undefined }),
      limitMs: () => HASH_LIMIT_MS,
      idleLimitMs: IDLE_LIMIT_MS,
      ...(ticker && { ticker }),
    });
  }

  /**
   * `call` stands for the call that needs the hash, by default one of its own. Rejects with `ACCOUNTS_BUSY` if too many
   * hashes wait already.
   */
  async hash(password: string, cost: HashCost, signal?: AbortSignal, call: object = {}): Promise<string> {
    if (this.#hashes.length >= MAX_WAITING_HASHES) throw new AccountsError('ACCOUNTS_BUSY');
    return (await this.#add(this.#hashes, call, { kind: 'hash', password, cost }, signal)) as string;
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

  /** Ends the thread, and rejects all jobs that are not done. */
  async close(): Promise<void> {
    this.#closed = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      job.reject(new AccountsError('ACCOUNTS_CLOSED'));
    }
    await this.#thread.close();
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
    if (this.#isRunning) return;
    const job = this.#next();
    if (job) void this.#run(job);
  }

  #next(): Job | undefined {
    return this.#logins.shift() ?? this.#hashes.shift();
  }

  /** Settles the job; never rejects. */
  async #run({ request, resolve, reject }: Job): Promise<void> {
    this.#isRunning = true;
    try {
      resolve(await this.#thread.run(request));
    } catch (cause) {
      const code = this.#closed ? 'ACCOUNTS_CLOSED' : 'ACCOUNTS_HASH_FAILED';
      const isShort = cause instanceof ThreadError && cause.code === 'THREAD_NOT_STARTED';
      reject(isShort ? cause : new AccountsError(code, undefined, { cause }));
    }
    this.#isRunning = false;
    this.#runNext();
  }
}

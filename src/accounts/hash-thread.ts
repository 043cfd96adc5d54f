import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AccountsError } from './errors.ts';
import type { HashReply, HashRequest } from './hash.worker.ts';
import type { HashCost } from './password.ts';

/**
 * Logins that may wait for the thread. More of them is a flood that nobody would wait out, and each holds a password in
 * memory; with 25 ms for each the last one waits about 6 s.
 */
const MAX_WAITING_LOGINS = 256;

interface Job {
  readonly request: HashRequest;
  readonly resolve: (result: string | boolean) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One thread that works out password hashes, one after the other. Logins come before the hashes of new passwords, so that
 * a bulk call does not keep people out. The thread starts with the first job, and keeps the process alive only while one
 * is waiting.
 */
export class HashThread {
  readonly #logins: Job[] = [];
  readonly #hashes: Job[] = [];
  #worker: Worker | undefined;
  #running: Job | undefined;
  #closed = false;

  hash(password: string, cost: HashCost, signal?: AbortSignal): Promise<string> {
    return this.#add(this.#hashes, { kind: 'hash', password, cost }, signal) as Promise<string>;
  }

  /** Throws ACCOUNTS_BUSY when too many are waiting. */
  async verify(password: string, hash: string, signal?: AbortSignal): Promise<boolean> {
    if (this.#logins.length >= MAX_WAITING_LOGINS) throw new AccountsError('ACCOUNTS_BUSY');
    return (await this.#add(this.#logins, { kind: 'verify', password, hash }, signal)) as boolean;
  }

  /** Ends the thread; whatever is waiting is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const waiting = [this.#running, ...this.#logins.splice(0), ...this.#hashes.splice(0)];
    this.#running = undefined;
    for (const job of waiting) job?.reject(new AccountsError('ACCOUNTS_CLOSED'));
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #add(queue: Job[], request: HashRequest, signal?: AbortSignal): Promise<string | boolean> {
    if (this.#closed) return Promise.reject(new AccountsError('ACCOUNTS_CLOSED'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<string | boolean>();
    const job: Job = { request, resolve, reject };
    queue.push(job);
    this.#next();
    if (signal === undefined) return promise;

    // A job that already runs cannot be stopped; its answer is thrown away.
    const abort = () => {
      const index = queue.indexOf(job);
      if (index >= 0) queue.splice(index, 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', abort));
  }

  #next(): void {
    if (this.#running !== undefined) return;
    this.#running = this.#logins.shift() ?? this.#hashes.shift();
    if (this.#running === undefined) {
      this.#worker?.unref();
      return;
    }
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(this.#running.request);
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./hash.worker${extname(import.meta.url)}`, import.meta.url), {
      name: 'deskwire-hash',
    });
    worker.on('message', (reply: HashReply) => {
      const job = this.#running;
      this.#running = undefined;
      if ('result' in reply) job?.resolve(reply.result);
      else job?.reject(new AccountsError('ACCOUNTS_HASH_FAILED', undefined, { cause: reply.failure }));
      this.#next();
    });
    // A thread that dies, out of memory for one, takes its job with it; the next job gets another thread.
    const lost = (cause: unknown) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      const job = this.#running;
      this.#running = undefined;
      job?.reject(new AccountsError('ACCOUNTS_HASH_FAILED', undefined, { cause }));
      this.#next();
    };
    worker.on('error', lost);
    worker.on('exit', () => lost(new Error('the hash thread ended')));
    return worker;
  }
}

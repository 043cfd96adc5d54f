import { Worker } from 'node:worker_threads';

interface Job<Input, Output> {
  readonly id: number;
  readonly input: Input;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: Error) => void;
}

interface Thread<Input, Output> {
  readonly worker: Worker;
  /** A number below the pool's size that no other living thread has. */
  readonly lane: number;
  /** Jobs handed to it, oldest first. */
  readonly jobs: Map<number, Job<Input, Output>>;
}

/** What a worker answers, one or more in a message: a note on the way, or the end of a job. */
export interface Answer<Output> {
  readonly id: number;
  readonly encoded?: Output;
  readonly error?: Error;
  /** Not the end: the worker has read the pixels it needs. */
  readonly read?: true;
}

/**
 * Jobs a thread is given ahead. A frame's rects should all be handed out at once: every message wakes a thread,
 * which on a busy machine takes the core from whoever is still handing out. Few enough that threads that are
 * ahead find something left.
 */
const JOBS_A_THREAD = 4;

/** What a worker is sent instead of jobs when it is to end. */
export const END = 'end';

/** A thread that has not ended by itself by then hangs in a job. */
const END_LIMIT_MS = 1_000;

/**
 * Has a thread end by itself, between two jobs: ended from outside while native code loads or encodes in it, it would take
 * the whole process with it.
 */
async function endGently(worker: Worker): Promise<void> {
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage(END);
  const cut = setTimeout(() => void worker.terminate(), END_LIMIT_MS);
  await ended;
  clearTimeout(cut);
}

/** Threads of one kind, working off jobs in the order they came. */
export class WorkerPool<Input, Output> {
  readonly #script: URL;
  readonly #workerData: (lane: number) => unknown;
  readonly #size: number;
  #threads: Thread<Input, Output>[] = [];
  /** Threads that threw and are on their way out. */
  readonly #ending = new Set<Promise<unknown>>();
  readonly #waiting: Job<Input, Output>[] = [];
  readonly #onRead = new Map<number, () => void>();
  #nextId = 1;
  #handingOut = false;
  #closed = false;

  /** `workerData` is asked for what each thread starts with. */
  constructor(script: URL, threads: number, workerData: (lane: number) => unknown) {
    this.#script = script;
    this.#workerData = workerData;
    this.#size = threads;
    this.#startThreads();
  }

  /** Runs a job on some thread. `onRead` is called once the worker needs the shared frame no more. */
  run(input: Input, onRead?: () => void): Promise<Output> {
    if (this.#closed) return Promise.reject(new Error('The encoder threads have ended.'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      if (onRead) this.#onRead.set(id, onRead);
      this.#waiting.push({ id, input, resolve, reject });
      this.#handOutSoon();
    });
  }

  /** Ends the threads; what they had not finished is rejected. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const orphans = [
      ...this.#waiting.splice(0),
      ...this.#threads.flatMap((thread) => [...thread.jobs.values()]),
    ];
    for (const job of orphans) this.#fail(job, new Error('The encoder threads have ended.'));
    await Promise.all([...this.#ending, ...this.#threads.map(({ worker }) => endGently(worker))]);
  }

  #startThreads(): void {
    while (this.#threads.length < this.#size) this.#threads.push(this.#startThread());
  }

  #startThread(): Thread<Input, Output> {
    const taken = new Set(this.#threads.map((thread) => thread.lane));
    let lane = 0;
    while (taken.has(lane)) lane++;
    const worker = new Worker(this.#script, { workerData: this.#workerData(lane) });
    const thread: Thread<Input, Output> = { worker, lane, jobs: new Map() };
    worker.on('message', (answers: readonly Answer<Output>[]) => {
      for (const answer of answers) this.#answered(thread, answer);
    });
    worker.on('error', (error) => this.#died(thread, error));
    worker.on('exit', (code) => this.#died(thread, new Error(`An encoder thread ended with code ${code}.`)));
    return thread;
  }

  /** Once for all the jobs of this moment. */
  #handOutSoon(): void {
    if (this.#handingOut) return;
    this.#handingOut = true;
    queueMicrotask(() => {
      this.#handingOut = false;
      this.#handOut();
    });
  }

  /** Deals the waiting jobs out in turn, and tells each thread of its share in one message. */
  #handOut(): void {
    if (this.#waiting.length > 0) this.#startThreads();
    const shares = new Map<Thread<Input, Output>, { id: number; job: Input }[]>();
    while (this.#waiting.length > 0) {
      const thread = this.#threads.reduce((a, b) => (b.jobs.size < a.jobs.size ? b : a));
      if (thread.jobs.size >= JOBS_A_THREAD) break;
      const job = this.#waiting.shift()!;
      thread.jobs.set(job.id, job);
      const share = shares.get(thread) ?? [];
      shares.set(thread, share);
      share.push({ id: job.id, job: job.input });
    }
    for (const [thread, share] of shares) thread.worker.postMessage(share);
  }

  #answered(thread: Thread<Input, Output>, answer: Answer<Output>): void {
    if (answer.read) {
      this.#tellRead(answer.id);
      return;
    }
    const job = thread.jobs.get(answer.id);
    if (!job) return;
    thread.jobs.delete(answer.id);
    this.#handOut();
    if (answer.encoded === undefined) {
      this.#fail(job, answer.error ?? new Error('The encoder thread sent no answer.'));
    } else {
      this.#tellRead(job.id);
      job.resolve(answer.encoded);
    }
  }

  /** A thread that ended is gone with all it had been given; the next job starts another in its place. */
  #died(thread: Thread<Input, Output>, error: Error): void {
    if (this.#closed || !this.#threads.includes(thread)) return;
    this.#threads = this.#threads.filter((other) => other !== thread);
    const ended: Promise<unknown> = thread.worker.terminate().then(() => this.#ending.delete(ended));
    this.#ending.add(ended);
    for (const job of thread.jobs.values()) this.#fail(job, error);
    // What nobody has tried yet goes to the others; without any of them left it would fail the same way.
    if (this.#threads.length > 0) this.#handOut();
    else for (const job of this.#waiting.splice(0)) this.#fail(job, error);
  }

  #fail(job: Job<Input, Output>, error: Error): void {
    this.#tellRead(job.id);
    job.reject(error);
  }

  #tellRead(id: number): void {
    const onRead = this.#onRead.get(id);
    this.#onRead.delete(id);
    onRead?.();
  }
}

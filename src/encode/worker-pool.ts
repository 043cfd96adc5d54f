import { Worker } from 'node:worker_threads';

interface Job<Input, Output> {
  readonly id: number;
  readonly input: Input;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: Error) => void;
}

interface Thread<Input, Output> {
  readonly worker: Worker;
  /** Jobs handed to it, oldest first. */
  readonly jobs: Map<number, Job<Input, Output>>;
}

/** What a worker answers: a note on the way, or the end of a job. */
interface Answer<Output> {
  readonly id: number;
  readonly encoded?: Output;
  readonly error?: Error;
  /** Not the end: the worker has read the pixels it needs. */
  readonly read?: true;
}

/** Jobs handed to a thread before it is done with the first: the next one starts without a hop between threads. */
const JOBS_A_THREAD = 2;

/** Threads of one kind, working off jobs in the order they came. */
export class WorkerPool<Input, Output> {
  readonly #script: URL;
  readonly #workerData: unknown;
  readonly #size: number;
  #threads: Thread<Input, Output>[] = [];
  readonly #waiting: Job<Input, Output>[] = [];
  readonly #onRead = new Map<number, () => void>();
  #nextId = 1;
  #closed = false;

  constructor(script: URL, threads: number, workerData: unknown) {
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
      this.#handOut();
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
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
    for (const job of orphans) this.#fail(job, new Error('The encoder threads have ended.'));
  }

  #startThreads(): void {
    while (this.#threads.length < this.#size) this.#threads.push(this.#startThread());
  }

  #startThread(): Thread<Input, Output> {
    const worker = new Worker(this.#script, { workerData: this.#workerData });
    const thread: Thread<Input, Output> = { worker, jobs: new Map() };
    worker.on('message', (answer: Answer<Output>) => this.#answered(thread, answer));
    worker.on('error', (error) => this.#died(thread, error));
    worker.on('exit', (code) => this.#died(thread, new Error(`An encoder thread ended with code ${code}.`)));
    return thread;
  }

  #handOut(): void {
    if (this.#waiting.length > 0) this.#startThreads();
    while (this.#waiting.length > 0) {
      const thread = this.#threads.reduce((a, b) => (b.jobs.size < a.jobs.size ? b : a));
      if (thread.jobs.size >= JOBS_A_THREAD) return;
      const job = this.#waiting.shift()!;
      thread.jobs.set(job.id, job);
      thread.worker.postMessage({ id: job.id, job: job.input });
    }
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

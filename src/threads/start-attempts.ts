/**
 * Milliseconds between two attempts to start a thread for which the system has no descriptor, memory or process id. A
 * larger value lets what waits for a thread wait longer; a smaller one takes time from the threads that run.
 */
const AGAIN_AFTER_MS = 100;

/** Whether a thread has ended because the system had nothing to start it with. */
export const isStartFailure = (error: Error): boolean =>
  (error as NodeJS.ErrnoException).code === 'ERR_WORKER_INIT_FAILED';

/** Attempts to start a thread, with pauses while the system has nothing to start one with. */
export class StartAttempts {
  readonly #again: () => void;
  readonly #patienceMs: number;
  #timer: NodeJS.Timeout | undefined;
  #failingSinceMs: number | undefined;

  /** `again` is called after each pause. Attempts may fail for `patienceMs`. */
  constructor(again: () => void, patienceMs: number) {
    this.#again = again;
    this.#patienceMs = patienceMs;
  }

  /** Whether the next attempt is to wait. */
  get isPausing(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins a pause. Returns false, and begins none, once attempts have failed for too long. */
  failed(): boolean {
    this.#failingSinceMs ??= performance.now();
    if (performance.now() - this.#failingSinceMs > this.#patienceMs) {
      this.#failingSinceMs = undefined;
      return false;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#again();
    }, AGAIN_AFTER_MS);
    return true;
  }

  succeeded(): void {
    this.#failingSinceMs = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

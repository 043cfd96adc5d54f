/**
 * Milliseconds between two looks at a thread. A shorter interval finds a hung thread sooner and wakes both threads more
 * often.
 */
export const LOOK_INTERVAL_MS = 1000;

/**
 * Looks at which a ping is still unanswered before its thread counts as hung: ten seconds. Looks are counted, not time:
 * after a pause of the whole process the thread gets as many looks as ever. With fewer, a machine that is busy or swaps
 * memory in looks like a hung thread; with more, a thread that hangs keeps the X server grabbed longer.
 */
export const LOOKS_UNANSWERED = 10;

/** Action to take on a watched thread. */
export type WatchAction = 'nothing' | 'ping' | 'hung';

/** Decides from what is heard of a thread whether it hangs. A busy thread is heard often, and costs no ping. */
export class ThreadWatch {
  #isHeard = true;
  /** Looks since a ping that is not answered yet; 0 without one. */
  #unanswered = 0;

  /** The thread sent a message. */
  heard(): void {
    this.#isHeard = true;
    this.#unanswered = 0;
  }

  /** To be called every LOOK_INTERVAL_MS. */
  look(): WatchAction {
    if (this.#isHeard) {
      this.#isHeard = false;
      return 'nothing';
    }
    if (this.#unanswered === LOOKS_UNANSWERED) return 'hung';
    return this.#unanswered++ === 0 ? 'ping' : 'nothing';
  }
}

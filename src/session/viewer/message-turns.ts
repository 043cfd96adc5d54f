/**
 * Main-thread time, in milliseconds, that all viewers' messages together may take in one turn of the event loop.
 * Frames, API calls and sockets wait at most this long, and the time of one message, for each turn. A smaller value
 * spends more of the processor on turns; a larger one delays frames, which take several turns each.
 */
export const TURN_MS = 2;

/**
 * Time, in milliseconds, between a turn that was used up and the next one: floods take a quarter of the main thread at
 * most. A smaller value leaves frames less of a busy processor; a larger one delays the messages of quiet viewers
 * while others flood the server.
 */
export const PAUSE_MS = 6;

/**
 * Time after which it is the next viewer's turn, in milliseconds. With several viewers flooding the server, a quiet
 * viewer's message waits this long for each of them. Smaller values only cost more clock readings.
 */
export const SLICE_MS = 0.25;

/** Work that can be done piece by piece. */
export interface Work {
  /** Does one piece. Returns whether there is more to do now. */
  step(): boolean;
}

export interface MessageTurnsOptions {
  /** Milliseconds on any clock that only moves on. */
  now(): number;
  /** Calls back in the next turn of the event loop. */
  nextTurn(callback: () => void): void;
  /** Calls back in `ms`. */
  after(ms: number, callback: () => void): void;
}

/**
 * Divides the main thread's time among viewers. Work is done at once while this turn's time lasts, and continues in
 * later turns, each viewer in its turn, when it does not.
 */
export class MessageTurns {
  readonly #options: MessageTurnsOptions;
  /** In the order of their turns. */
  readonly #waiting = new Set<Work>();
  #usedMs = 0;
  #isRunning = false;
  #isScheduled = false;

  constructor(options: MessageTurnsOptions) {
    this.#options = options;
  }

  /** Has the work done, now or in a later turn. Returns whether some of it is left for later. */
  request(work: Work): boolean {
    this.#waiting.add(work);
    if (!this.#isRunning) this.#run();
    return this.#waiting.has(work);
  }

  /** Drops work that waits. */
  cancel(work: Work): void {
    this.#waiting.delete(work);
  }

  #run(): void {
    const { now } = this.#options;
    const startMs = now();
    const endMs = startMs + TURN_MS - this.#usedMs;
    let atMs = startMs;
    this.#isRunning = true;
    try {
      // A set is iterated in the order of insertion. Work that is added again comes last.
      for (const work of this.#waiting) {
        if (atMs >= endMs) break;
        this.#waiting.delete(work);
        const sliceEndMs = Math.min(endMs, atMs + SLICE_MS);
        let hasMore = true;
        while (hasMore && atMs < sliceEndMs) {
          hasMore = work.step();
          atMs = now();
        }
        if (hasMore) this.#waiting.add(work);
      }
    } finally {
      this.#isRunning = false;
      this.#usedMs += atMs - startMs;
      this.#scheduleTurn();
    }
  }

  #scheduleTurn(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.nextTurn(() => {
      if (this.#usedMs < TURN_MS) this.#beginTurn();
      else this.#options.after(PAUSE_MS, () => this.#beginTurn());
    });
  }

  #beginTurn(): void {
    this.#isScheduled = false;
    this.#usedMs = 0;
    if (this.#waiting.size > 0) this.#run();
  }
}

/** The time of this process's main thread, which all sessions share. */
export const mainThreadTurns = new MessageTurns({
  now: () => performance.now(),
  nextTurn: (callback) => void setImmediate(callback),
  after: (ms, callback) => void setTimeout(callback, ms),
});

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
 * Time after which it is the next viewer's turn, in milliseconds. A larger value delays the messages of quiet viewers
 * further; with a smaller one, a few messages at once count as a flood, and wait behind new requests.
 */
export const SLICE_MS = 0.25;

/**
 * Most time of one piece of work that is counted, in milliseconds. A piece takes longer than that when the garbage
 * collector or another process interrupts it. With a larger value one such interruption uses up a turn, and all
 * viewers wait for PAUSE_MS; with a smaller one, long pieces of a flood count for less than they take.
 */
const MOST_PIECE_MS = SLICE_MS + 1;

/**
 * New requests that are served between two slices of work that is left from earlier slices. A larger number slows
 * down viewers that send much; a smaller one delays the messages of quiet viewers while others flood the server.
 */
export const FRESH_PER_LEFT = 4;

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
 * later turns when it does not. New requests go before work that has used up a slice: the message of a quiet viewer
 * does not wait for each viewer that floods the server.
 */
export class MessageTurns {
  readonly #options: MessageTurnsOptions;
  /** Requested, and not cut off in its last slice. In the order of requests, as sets are. */
  readonly #fresh = new Set<Work>();
  /** Cut off at the end of its last slice. In the order of its turns. */
  readonly #left = new Set<Work>();
  #freshInARow = 0;
  #usedMs = 0;
  #isRunning = false;
  #isScheduled = false;

  constructor(options: MessageTurnsOptions) {
    this.#options = options;
  }

  /** Has the work done, now or in a later turn. Returns whether some of it is left for later. */
  request(work: Work): boolean {
    if (!this.#left.has(work)) this.#fresh.add(work);
    if (!this.#isRunning) this.#run();
    return this.#fresh.has(work) || this.#left.has(work);
  }

  /** Drops work that waits. */
  cancel(work: Work): void {
    this.#fresh.delete(work);
    this.#left.delete(work);
  }

  #run(): void {
    this.#isRunning = true;
    try {
      while (this.#usedMs < TURN_MS) {
        const work = this.#takeNext();
        if (!work) return;
        this.#runSlice(work);
      }
    } finally {
      this.#isRunning = false;
      this.#scheduleTurn();
    }
  }

  #takeNext(): Work | undefined {
    const isTurnOfLeft =
      this.#left.size > 0 && (this.#fresh.size === 0 || this.#freshInARow >= FRESH_PER_LEFT);
    this.#freshInARow = isTurnOfLeft ? 0 : this.#freshInARow + 1;
    const waiting = isTurnOfLeft ? this.#left : this.#fresh;
    const [work] = waiting;
    if (work) waiting.delete(work);
    return work;
  }

  #runSlice(work: Work): void {
    const { now } = this.#options;
    let atMs = now();
    let sliceMs = 0;
    let hasMore = true;
    while (hasMore && sliceMs < SLICE_MS && this.#usedMs < TURN_MS) {
      hasMore = work.step();
      const endMs = now();
      const ms = Math.min(endMs - atMs, MOST_PIECE_MS);
      atMs = endMs;
      sliceMs += ms;
      this.#usedMs += ms;
    }
    if (hasMore) (sliceMs < SLICE_MS ? this.#fresh : this.#left).add(work);
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
    if (this.#fresh.size + this.#left.size > 0) this.#run();
  }
}

/** The time of this process's main thread, which all sessions share. */
export const mainThreadTurns = new MessageTurns({
  now: () => performance.now(),
  nextTurn: (callback) => void setImmediate(callback),
  after: (ms, callback) => void setTimeout(callback, ms),
});

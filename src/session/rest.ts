/**
 * Milliseconds without a viewer and without a call after which a session is at rest. By then the encoder and picture
 * threads have ended, the latter after 5.5 s, so that what they had allocated can be given back. A smaller value does
 * the work of `onRest` between two calls of a script; a larger one keeps memory for longer.
 */
const REST_AFTER_MS = 7_500;

/** Notices when nothing has used a session for a while, and says so once. */
export class Rest {
  readonly #onRest: () => void;
  readonly #afterMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isWatched = false;

  constructor(onRest: () => void, afterMs = REST_AFTER_MS) {
    this.#onRest = onRest;
    this.#afterMs = afterMs;
    this.used();
  }

  /** Whether there are viewers. Such a session is not at rest. */
  watched(isWatched: boolean): void {
    this.#isWatched = isWatched;
    this.used();
  }

  /** The session was used just now. */
  used(): void {
    this.close();
    if (!this.#isWatched) this.#timer = setTimeout(this.#onRest, this.#afterMs).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

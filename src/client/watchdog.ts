/**
 * Silence after which the server is pinged, in ms. A smaller value notices a pulled cable sooner and sends more
 * pings.
 */
const QUIET_MS = 5000;
/** Longest wait for an answer to the ping, in ms: longer than a network stalls, shorter than a user waits. */
const ANSWER_WITHIN_MS = 10_000;
const TICK_MS = 1000;

/**
 * Notices a connection that died without closing. It counts time only while the page runs: after a laptop slept,
 * the first tick sends a new ping instead of judging by the time that passed.
 */
export class Watchdog {
  readonly #ping: () => void;
  readonly #onDead: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #quietMs = 0;
  #isAsked = false;

  /** `ping` must make the server send something. */
  constructor(ping: () => void, onDead: () => void) {
    this.#ping = ping;
    this.#onDead = onDead;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Resets the silence. Called when bytes arrived. */
  heard(): void {
    this.#quietMs = 0;
    this.#isAsked = false;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#quietMs += TICK_MS;
    if (!this.#isAsked && this.#quietMs >= QUIET_MS) {
      this.#isAsked = true;
      this.#ping();
    } else if (this.#quietMs >= QUIET_MS + ANSWER_WITHIN_MS) {
      this.close();
      this.#onDead();
    }
  }
}

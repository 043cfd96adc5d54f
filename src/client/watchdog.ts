/** A quiet connection is asked for a sign of life this often; often enough that a pulled cable is noticed soon. */
const QUIET_MS = 5000;
/** Longer than any sane network stalls, shorter than a person's patience. */
const ANSWER_WITHIN_MS = 10_000;
const TICK_MS = 1000;

/**
 * Notices a connection that has died without closing. Time runs only while the page runs: after a laptop slept, the first
 * tick asks anew and does not judge by a clock that went on without it.
 */
export class Watchdog {
  readonly #ping: () => void;
  readonly #onDead: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #quietMs = 0;
  #isAsked = false;

  /** `ping` must make the other side say something. */
  constructor(ping: () => void, onDead: () => void) {
    this.#ping = ping;
    this.#onDead = onDead;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Something came in. */
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

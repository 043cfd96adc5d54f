/**
 * Silence after which the server is pinged, in ms, while the page is visible and while it is not. A smaller value
 * notices a pulled cable sooner and sends more pings.
 */
const QUIET_MS = { visible: 1500, hidden: 5000 } as const;
/** Silence after which the user is told, in ms. A smaller value tells of every short break of a bad network. */
const STALLED_MS = 3000;
/** Longest wait for an answer to the ping, in ms: longer than a network stalls, shorter than a user waits. */
const ANSWER_WITHIN_MS = 10_000;
const TICK_MS = 500;

interface WatchdogEvents {
  /** The server must send something. */
  ping(): void;
  /** The server has not answered for a while, or does so again. */
  onStalled(isStalled: boolean): void;
  onDead(): void;
}

/**
 * Notices a connection that stalls, or that died without closing. It counts time only while the page runs: after a
 * laptop slept, the first tick sends a new ping instead of judging by the time that passed.
 */
export class Watchdog {
  readonly #events: WatchdogEvents;
  readonly #isHidden: () => boolean;
  readonly #timer: ReturnType<typeof setInterval>;
  #quietMs = 0;
  /** Silence at the ping that has no answer yet. */
  #askedAtMs: number | undefined;
  #isStalled = false;

  constructor(events: WatchdogEvents, isHidden: () => boolean = () => document.hidden) {
    this.#events = events;
    this.#isHidden = isHidden;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Resets the silence. Called when bytes arrived. */
  heard(): void {
    this.#quietMs = 0;
    this.#askedAtMs = undefined;
    this.#setStalled(false);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#setStalled(false);
  }

  #tick(): void {
    this.#quietMs += TICK_MS;
    if (this.#askedAtMs === undefined) {
      if (this.#quietMs < (this.#isHidden() ? QUIET_MS.hidden : QUIET_MS.visible)) return;
      this.#askedAtMs = this.#quietMs;
      this.#events.ping();
      return;
    }
    if (this.#quietMs >= this.#askedAtMs + ANSWER_WITHIN_MS) {
      this.close();
      this.#events.onDead();
    } else if (this.#quietMs >= STALLED_MS) this.#setStalled(true);
  }

  #setStalled(isStalled: boolean): void {
    if (isStalled === this.#isStalled) return;
    this.#isStalled = isStalled;
    this.#events.onStalled(isStalled);
  }
}

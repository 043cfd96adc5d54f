/** Calls back whenever the text of a watermark may have changed, while it runs. */
export class OverlayClock {
  readonly #periodMs: number | undefined;
  readonly #tick: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #isTicking = false;

  /**
   * `periodMs` is undefined if no watermark shows the time. The clock then never calls. It calls again only when the
   * promise of the last call is settled, and never at the same time.
   */
  constructor(periodMs: number | undefined, tick: () => Promise<void>) {
    this.#periodMs = periodMs;
    this.#tick = tick;
  }

  /** Starts or stops the clock. */
  run(isRunning: boolean): void {
    if (isRunning === this.#isRunning || this.#periodMs === undefined) return;
    this.#isRunning = isRunning;
    clearTimeout(this.#timer);
    if (isRunning && !this.#isTicking) this.#waitUntil(nextTickMs(this.#periodMs), this.#periodMs);
  }

  /** Waits for the next second or minute of the system's clock, which may be set at any time. */
  #waitUntil(timeMs: number, periodMs: number): void {
    const waitMs = Math.max(0, Math.min(periodMs, timeMs - Date.now()));
    this.#timer = setTimeout(() => void this.#ticks(periodMs), waitMs).unref();
  }

  async #ticks(periodMs: number): Promise<void> {
    // Before the call: a minute that begins during the call would otherwise be shown when it is over.
    const nextMs = nextTickMs(periodMs);
    this.#isTicking = true;
    try {
      await this.#tick();
    } finally {
      this.#isTicking = false;
    }
    if (this.#isRunning) this.#waitUntil(nextMs, periodMs);
  }
}

const nextTickMs = (periodMs: number): number => Date.now() - (Date.now() % periodMs) + periodMs;

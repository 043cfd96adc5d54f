/**
 * Share of the interval, 0 to 1, by which an event may come before it is due. A smaller share loses events of a source
 * that runs at exactly the highest rate, to the jitter of its timer. A larger share lets two events follow each other
 * more closely than the rate allows.
 */
export const EARLY_SHARE = 0.5;

/** Limits the rate of an event. The clock is passed in: times are milliseconds of any one clock. */
export class Pace {
  /** Shortest time from event to event on average, in milliseconds; 0 for no limit. */
  intervalMs: number;
  #dueAtMs = 0;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** Time when the next event may come. */
  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** The event comes. */
  came(nowMs: number): void {
    if (this.intervalMs === 0) return;
    this.#dueAtMs = Math.max(this.#dueAtMs, nowMs - this.intervalMs * EARLY_SHARE) + this.intervalMs;
  }
}

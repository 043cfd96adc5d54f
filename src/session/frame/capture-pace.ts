import { Pace } from '../../common/pace.ts';

/**
 * Wait after the first failed capture, in milliseconds; it doubles with each further failure in a row. A smaller wait
 * spends more of a core on a display that cannot be read, a larger one delays the picture after a single failure.
 */
export const FIRST_RETRY_MS = 50;

/** Longest wait between two failing captures, in milliseconds: how late the picture may return once captures work. */
export const LONGEST_RETRY_MS = 2_000;

/**
 * Earliest time at which the next capture may begin: by the highest rate, and after failures. Whether one begins then is
 * decided by `nextAction`. Every method takes the time, in milliseconds of one clock.
 */
export class CapturePace {
  readonly #pace: Pace;
  #retryAtMs = 0;
  #failures = 0;

  /** `intervalMs` is the shortest time from frame to frame on average. */
  constructor(intervalMs: number) {
    this.#pace = new Pace(intervalMs);
  }

  get intervalMs(): number {
    return this.#pace.intervalMs;
  }

  /** Time when the next capture may begin. */
  get dueAtMs(): number {
    return Math.max(this.#pace.dueAtMs, this.#retryAtMs);
  }

  /** Failed captures since the last one that succeeded. */
  get failures(): number {
    return this.#failures;
  }

  /** A capture begins. */
  began(nowMs: number): void {
    this.#pace.came(nowMs);
  }

  /** A capture failed, or its changes could not be committed. */
  failed(nowMs: number): void {
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS);
    this.#failures++;
    this.#retryAtMs = nowMs + waitMs;
  }

  /** A capture was committed, or the display is another one now. */
  recovered(): void {
    this.#failures = 0;
    this.#retryAtMs = 0;
  }
}

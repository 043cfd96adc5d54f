/** Pause in ms before the first restart of a desktop that has ended by itself. */
const FIRST_PAUSE_MS = 1000;
/** Longest pause. A smaller value lets desktops that cannot run keep the machine busy. */
const LONGEST_PAUSE_MS = 30_000;
/** Time in ms after which a desktop counts as healthy: its next end counts as the first. */
const HEALTHY_MS = 60_000;

/** Decides how long to wait before a desktop that has ended by itself is started again: twice as long each time. */
export class Restarts {
  #ends = 0;
  #startedMs = 0;
  #notBeforeMs = 0;

  /** When the desktop may be started. */
  get notBeforeMs(): number {
    return this.#notBeforeMs;
  }

  started(nowMs: number): void {
    this.#startedMs = nowMs;
  }

  /** Takes note that the desktop has ended by itself. */
  ended(nowMs: number): void {
    if (nowMs - this.#startedMs >= HEALTHY_MS) this.#ends = 0;
    this.#notBeforeMs = nowMs + Math.min(FIRST_PAUSE_MS * 2 ** this.#ends, LONGEST_PAUSE_MS);
    this.#ends++;
  }

  /** A user has asked for a start: it does not wait. */
  forget(): void {
    this.#ends = 0;
    this.#notBeforeMs = 0;
  }
}

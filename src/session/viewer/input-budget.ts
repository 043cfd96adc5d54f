export interface InputRate {
  /** X events that may be asked for in a second, on average. */
  readonly perSecond: number;
  /** X events that may be asked for at once after a pause. */
  readonly burst: number;
}

/** A token bucket of X events. The caller passes the time, in milliseconds of a clock that never goes back. */
export class InputBudget {
  readonly #rate: InputRate;
  #tokens: number;
  #atMs: number;

  constructor(rate: InputRate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** Takes `events` X events if the budget has them. */
  take(events: number, nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#tokens < events) return false;
    this.#tokens -= events;
    return true;
  }

  /** Milliseconds until `take(events)` succeeds. */
  waitMs(events: number, nowMs: number): number {
    this.#refill(nowMs);
    return Math.max(0, ((events - this.#tokens) / this.#rate.perSecond) * 1000);
  }

  #refill(nowMs: number): void {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) / 1000) * perSecond);
    this.#atMs = nowMs;
  }
}

export interface TokenRate {
  /** Tokens that may be taken in a second, on average. */
  readonly perSecond: number;
  /** Tokens that may be taken at once after a pause. */
  readonly burst: number;
}

/** A token bucket. The caller passes the time, in milliseconds of a clock that never goes back. */
export class TokenBucket {
  readonly #rate: TokenRate;
  #tokens: number;
  #atMs: number;

  constructor(rate: TokenRate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** Takes `tokens` tokens if the bucket has them and keeps at least `reserve` tokens. */
  take(tokens: number, nowMs: number, reserve = 0): boolean {
    this.#refill(nowMs);
    if (this.#tokens < tokens + reserve) return false;
    this.#tokens -= tokens;
    return true;
  }

  /** Milliseconds until `take` succeeds with the same tokens and reserve. */
  waitMs(tokens: number, nowMs: number, reserve = 0): number {
    this.#refill(nowMs);
    return Math.max(0, ((tokens + reserve - this.#tokens) / this.#rate.perSecond) * 1000);
  }

  #refill(nowMs: number): void {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) / 1000) * perSecond);
    this.#atMs = nowMs;
  }
}

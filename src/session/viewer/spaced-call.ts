import type { After } from '../../common/after.ts';

export interface SpacedCallOptions {
  /** Shortest time between two calls, in milliseconds. */
  readonly intervalMs: number;
  /** Milliseconds on any clock that only moves on. */
  now(): number;
  readonly after: After;
}

/** Makes calls at most once per interval. Requests that come sooner share one later call, so that none is lost. */
export class SpacedCall {
  readonly #options: SpacedCallOptions;
  #calledAtMs = Number.NEGATIVE_INFINITY;
  /** Cancels the call that is due; undefined if none is. */
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(options: SpacedCallOptions) {
    this.#options = options;
  }

  /** Calls `action` at once, or when the interval is over; `isLate` says which. */
  request(action: (isLate: boolean) => void): void {
    if (this.#cancel || this.#isClosed) return;
    const { intervalMs, now, after } = this.#options;
    const call = (isLate: boolean): void => {
      this.#cancel = undefined;
      this.#calledAtMs = now();
      action(isLate);
    };
    const waitMs = this.#calledAtMs + intervalMs - now();
    if (waitMs <= 0) call(false);
    else this.#cancel = after(waitMs, () => call(true));
  }

  /** Cancels the call that is due, and makes none any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

import { bounds, type Rect } from '../../pixels/rect.ts';

/**
 * Shortest time between two requests for pixels that the viewer already has, in milliseconds. A viewer asks for them
 * once, as it begins or after a fault of its own. A smaller value lets one viewer keep the encoders busy.
 */
export const RESEND_INTERVAL_MS = 100;

export interface ResendRequestsOptions {
  /** Milliseconds on any clock that only moves on. */
  now(): number;
  /** Has this part of the picture sent again. */
  resend(rect: Rect): void;
  /** `resend` was called later than asked. */
  wake(): void;
}

/**
 * A viewer's requests for parts of the picture that it already has: update requests that are not incremental. Requests
 * that come too soon are merged, and granted when the interval is over.
 */
export class ResendRequests {
  readonly #options: ResendRequestsOptions;
  #grantedAtMs = Number.NEGATIVE_INFINITY;
  #merged: Rect | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ResendRequestsOptions) {
    this.#options = options;
  }

  ask(rect: Rect): void {
    const { now, resend, wake } = this.#options;
    const waitMs = this.#grantedAtMs + RESEND_INTERVAL_MS - now();
    if (waitMs <= 0 && !this.#merged) {
      this.#grantedAtMs = now();
      resend(rect);
      return;
    }
    this.#merged = this.#merged ? bounds(this.#merged, rect) : rect;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#grantedAtMs = now();
      const merged = this.#merged!;
      this.#merged = undefined;
      resend(merged);
      wake();
    }, waitMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

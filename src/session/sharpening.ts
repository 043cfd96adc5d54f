import { type Activity, STILL_AFTER_MS } from './activity.ts';

/** A viewer that may have been sent pixels with loss. */
export interface Sharpened {
  readonly isBlurred: boolean;
  sharpen(isStill: (tileX: number, tileY: number) => boolean): void;
}

/**
 * When what was sent with loss is sent again, sharper: once it holds still, piece by piece, to viewers that
 * have nothing else to be sent.
 */
export class Sharpening {
  readonly #activity: Activity;
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `wake` is called when something may have become still that somebody has blurred; `offer` should follow. */
  constructor(activity: Activity, wake: () => void) {
    this.#activity = activity;
    this.#wake = wake;
  }

  /** Lets each of these, who could be sent an update now, lack its next piece. */
  offer(viewers: readonly Sharpened[]): void {
    const now = performance.now();
    const isStill = (tileX: number, tileY: number): boolean => this.#activity.isStill(tileX, tileY, now);
    for (const viewer of viewers) viewer.sharpen(isStill);
    if (viewers.some((viewer) => viewer.isBlurred)) this.#lookAgain();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #lookAgain(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#wake();
    }, STILL_AFTER_MS / 2);
  }
}

import { type Activity, STILL_AFTER_MS } from './activity.ts';

/**
 * Milliseconds between two searches for tiles that hold still, after one that found none. `offer` is called several
 * times per frame. A larger value sharpens later; a smaller one searches the same tiles more often.
 */
const SEARCH_EVERY_MS = 30;

/** A viewer that may show pixels with loss. */
export interface Sharpened {
  readonly isBlurred: boolean;
  /** Lets the viewer lack its next piece to sharpen. Returns whether there is one. */
  sharpen(isStill: (tileX: number, tileY: number) => boolean): boolean;
}

/**
 * Decides when pixels that were sent with loss are sent again at the best quality: once their tiles hold still, piece
 * by piece, with the updates of viewers that are ready.
 */
export class Sharpening {
  readonly #activity: Activity;
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #searchFromMs = 0;
  #isClosed = false;

  /** Calls `wake` when tiles that a viewer shows with loss may hold still; the caller then calls `offer`. */
  constructor(activity: Activity, wake: () => void) {
    this.#activity = activity;
    this.#wake = wake;
  }

  /** Lets each viewer lack its next piece. Called with the viewers that could be sent an update now. */
  offer(viewers: readonly Sharpened[]): void {
    if (viewers.some((viewer) => viewer.isBlurred)) this.#wakeLater();
    const now = performance.now();
    if (now < this.#searchFromMs) return;
    const isStill = (tileX: number, tileY: number): boolean => this.#activity.isStill(tileX, tileY, now);
    let isOffered = false;
    for (const viewer of viewers) if (viewer.sharpen(isStill)) isOffered = true;
    if (!isOffered) this.#searchFromMs = now + SEARCH_EVERY_MS;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #wakeLater(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#wake();
    }, STILL_AFTER_MS / 2);
  }
}

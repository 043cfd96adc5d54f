import { type Activity, STILL_AFTER_MS } from './activity.ts';

/** While nothing holds still, it is looked again no sooner: a viewer is offered something many times a frame. */
const LOOK_EACH_MS = 30;

/** A viewer that may have been sent pixels with loss. */
export interface Sharpened {
  readonly isBlurred: boolean;
  /** Answers whether there is something to sharpen now. */
  sharpen(isStill: (tileX: number, tileY: number) => boolean): boolean;
}

/**
 * When what was sent with loss is sent again, sharper: once it holds still, piece by piece, to viewers that
 * have nothing else to be sent.
 */
export class Sharpening {
  readonly #activity: Activity;
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #lookFromMs = 0;
  #closed = false;

  /** `wake` is called when something may have become still that somebody has blurred; `offer` should follow. */
  constructor(activity: Activity, wake: () => void) {
    this.#activity = activity;
    this.#wake = wake;
  }

  /** Lets each of these, who could be sent an update now, lack its next piece. */
  offer(viewers: readonly Sharpened[]): void {
    if (viewers.some((viewer) => viewer.isBlurred)) this.#lookAgain();
    const now = performance.now();
    if (now < this.#lookFromMs) return;
    const isStill = (tileX: number, tileY: number): boolean => this.#activity.isStill(tileX, tileY, now);
    let isOffered = false;
    for (const viewer of viewers) if (viewer.sharpen(isStill)) isOffered = true;
    if (!isOffered) this.#lookFromMs = now + LOOK_EACH_MS;
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

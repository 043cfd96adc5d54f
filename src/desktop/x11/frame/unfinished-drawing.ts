/**
 * Time after a capture within which new damage counts as the rest of what the capture began: the program was drawing
 * when it was captured. With a larger value, pictures that follow each other fast are taken for parts of one.
 */
const REST_MS = 2;

/**
 * Longest time from one damage to the next within which the second can be the rest of the first. Below the interval of a
 * film at 60 frames a second, whose frames can follow a late capture at once.
 */
const DRAWING_MS = 12;

/**
 * Wait for the rest, in milliseconds. A smaller one misses the rest of large pictures; a larger one delays every frame of
 * a program that draws in steps.
 */
const WAIT_MS = 2;

/** Captures in a row in which two rests must come before captures wait. One alone may be chance. */
const NEAR_CAPTURES = 16;

/**
 * Captures that wait after a rest has come. The more, the fewer frames of a program that draws in steps are split; the
 * longer, too, a program waits that no longer does.
 */
const WAITING_CAPTURES = 64;

/**
 * Decides how long a capture waits for a program that draws a picture in several steps. The X server may carry out
 * requests of other clients between two steps. A capture there shows half a picture, and makes the next capture larger
 * and later.
 */
export class UnfinishedDrawing {
  /** Number of captures, and the one with the last rest. */
  #captures = 0;
  #lastRest = -NEAR_CAPTURES;
  #damagedAtMs = Number.NEGATIVE_INFINITY;
  #endedAtMs = Number.NEGATIVE_INFINITY;
  #waiting = 0;

  /** Damage came. Returns how long its capture is to wait, in milliseconds. */
  damaged(nowMs: number): number {
    const isRest = nowMs - this.#endedAtMs < REST_MS && nowMs - this.#damagedAtMs < DRAWING_MS;
    this.#damagedAtMs = nowMs;
    if (isRest) this.#restCame();
    return this.#waiting > 0 ? WAIT_MS : 0;
  }

  /** A capture begins. What is damaged before its end is the rest of something, too. */
  captureBegins(): void {
    this.#endedAtMs = Number.POSITIVE_INFINITY;
  }

  captureEnded(nowMs: number): void {
    this.#endedAtMs = nowMs;
    this.#captures++;
    if (this.#waiting > 0) this.#waiting--;
  }

  #restCame(): void {
    const isNear = this.#captures - this.#lastRest < NEAR_CAPTURES;
    this.#lastRest = this.#captures;
    if (isNear) this.#waiting = WAITING_CAPTURES;
  }
}

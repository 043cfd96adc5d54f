/** Of each frame's time, so much may go into WebP on every encoder thread; what that is not enough for is JPEG. */
const TIME_SHARE = 0.3;

/** What is taken to be this machine's speed before it has been seen: half of what a slow core of today does. */
const FIRST_PX_PER_US = 8;
const FIRST_PX = 256 * 1024;

/** What each rect leaves of the weight of those before it. */
const KEPT_SHARE = 0.9;

/**
 * How many pixels there is time for to encode as WebP, by how fast the last ones were: it is ten times slower than JPEG,
 * and by how much depends on the machine and on who else works on it.
 */
export class WebpBudget {
  readonly #threads: number;
  #px = FIRST_PX;
  #us = FIRST_PX / FIRST_PX_PER_US;

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** So many pixels took one thread so long, in microseconds. */
  took(areaPx: number, cpuUs: number): void {
    this.#px = this.#px * KEPT_SHARE + areaPx;
    this.#us = this.#us * KEPT_SHARE + Math.max(1, cpuUs);
  }

  /** Pixels of one frame, where frames follow each other after `frameMs`. */
  pxOf(frameMs: number): number {
    return (this.#px / this.#us) * frameMs * 1000 * TIME_SHARE * this.#threads;
  }
}

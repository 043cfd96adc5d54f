/**
 * Share of each frame's time, 0 to 1, that every encoder thread may spend on WebP; the rest of the frame is JPEG. A
 * larger share delays frames, a smaller one saves fewer bytes.
 */
const TIME_SHARE = 0.3;

/** Assumed speed of WebP before the first measurement, in pixels per µs: half of that of a slow core of today. */
const FIRST_PX_PER_US = 8;
/** Weight of the assumed speed against measured pixels. A larger value makes the assumption last longer. */
const FIRST_PX = 256 * 1024;

/** Share of their weight, 0 to 1, that earlier rects keep with each new one. A larger share adapts more slowly. */
const KEPT_SHARE = 0.9;

/**
 * Number of pixels that the encoder threads have time to encode as WebP, by the speed of the last ones. WebP is about
 * ten times slower than JPEG; the exact ratio depends on the machine and its other load.
 */
export class WebpBudget {
  readonly #threads: number;
  #px = FIRST_PX;
  #us = FIRST_PX / FIRST_PX_PER_US;

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Notes the CPU time that a rect took, in microseconds. */
  took(areaPx: number, cpuUs: number): void {
    this.#px = this.#px * KEPT_SHARE + areaPx;
    this.#us = this.#us * KEPT_SHARE + Math.max(1, cpuUs);
  }

  /** Pixels per frame at a frame interval of `frameMs`. */
  pxOf(frameMs: number): number {
    return (this.#px / this.#us) * frameMs * 1000 * TIME_SHARE * this.#threads;
  }
}

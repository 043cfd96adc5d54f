/**
 * Milliseconds for a million pixels from which drawing is slow. A browser without a GPU takes 7 on a fast core to convert
 * the colours of a video frame; with a GPU, half of one. A larger value leaves slow browsers as they are, a smaller one
 * has a GPU's work done by the processor.
 */
export const SLOW_MS_PER_MPX = 3;

/** Pictures by which it is judged: two frames of a film. The quickest counts, because other programs may interrupt. */
export const PICTURES = 16;

/** Least pixels of a picture that counts. The browser's clock has steps of 0.1 ms. */
export const LEAST_PX = 64 * 1024;

/** Judges whether the browser draws decoded pictures slowly. */
export class DrawingSpeed {
  #pictures = 0;
  #quickest = Number.POSITIVE_INFINITY;

  /** A picture has been drawn. Returns true once, when it is known that drawing is slow. */
  drew(px: number, ms: number): boolean {
    if (px < LEAST_PX || this.#pictures >= PICTURES) return false;
    this.#quickest = Math.min(this.#quickest, (ms / px) * 1e6);
    this.#pictures++;
    return this.#pictures === PICTURES && this.#quickest >= SLOW_MS_PER_MPX;
  }
}

/**
 * Limits drawing to once per frame of the display. The first drawing passes at once. Another one waits until the
 * browser has shown the first, because drawing over pixels that were never seen is wasted time.
 */
export class FrameGate {
  #shown: Promise<void> | undefined;

  /** Resolves when the next drawing will be seen. Call it before each drawing. */
  async pass(): Promise<void> {
    // A page in the background shows nothing, and gets no animation frames.
    while (this.#shown && !document.hidden) await this.#shown;
    this.#shown = afterNextFrame().then(() => {
      this.#shown = undefined;
    });
  }
}

/** Resolves in a separate task after the next animation frame's callbacks, and therefore after its painting. */
export function afterNextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      document.removeEventListener('visibilitychange', done);
      resolve();
    };
    // A waiting caller must not wait for the page to return from the background.
    document.addEventListener('visibilitychange', done);
    requestAnimationFrame(() => setTimeout(done, 0));
  });
}

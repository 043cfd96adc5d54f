/**
 * Lets one drawing a display frame through. The first goes at once; what would be drawn over it before anybody has seen it
 * waits until the browser has shown it, so that no time goes into pixels that are never seen.
 */
export class FrameGate {
  #shown: Promise<void> | undefined;

  /** Resolves when the next drawing would be seen; to be called anew for each. */
  async pass(): Promise<void> {
    // A page in the background shows nothing, and its frames never come.
    while (this.#shown && !document.hidden) await this.#shown;
    this.#shown = afterNextFrame().then(() => {
      this.#shown = undefined;
    });
  }
}

/** Resolves in a task of its own after the next frame's callbacks, that is, behind its painting. */
function afterNextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      document.removeEventListener('visibilitychange', done);
      resolve();
    };
    // Whoever waits when the page goes into the background must not wait for its return.
    document.addEventListener('visibilitychange', done);
    requestAnimationFrame(() => setTimeout(done, 0));
  });
}

/**
 * Pixels that may be drawn before the browser has shown what was drawn before: a line of text that is being typed, a
 * menu that opens. With a larger value, more is drawn that is never seen; with a smaller one, an update that comes in
 * two parts is shown a frame later.
 */
export const SMALL_PX = 128 * 1024;

/** Drawings of small updates in one frame of the display. A larger value lets a flood of them take more time. */
export const MOST_SMALL = 8;

/**
 * Limits drawing. The first drawing in a frame of the display passes at once, and so do a few small ones behind it.
 * Others wait until the browser has shown what is drawn, because drawing over pixels that were never seen is wasted
 * time.
 */
export class FrameGate {
  readonly #nextShown: () => Promise<void>;
  readonly #isSeen: () => boolean;
  #shown: Promise<void> | undefined;
  #smallPx = 0;
  #smalls = 0;

  /** `nextShown` resolves when the browser has shown what is drawn by now; `isSeen` says whether it shows the page. */
  constructor(nextShown = afterNextFrame, isSeen = () => !document.hidden) {
    this.#nextShown = nextShown;
    this.#isSeen = isSeen;
  }

  /** Whether a drawing of so many pixels need not wait. It counts as drawn then. */
  passesNow(px: number): boolean {
    if (this.#shown && this.#isSeen() && !this.#takesSmall(px)) return false;
    this.#shown ??= this.#nextShown().then(() => {
      this.#shown = undefined;
      this.#smallPx = 0;
      this.#smalls = 0;
    });
    return true;
  }

  /** Resolves when a drawing of so many pixels will be seen. */
  async pass(px: number): Promise<void> {
    while (!this.passesNow(px)) await this.#shown;
  }

  #takesSmall(px: number): boolean {
    if (this.#smalls >= MOST_SMALL || this.#smallPx + px > SMALL_PX) return false;
    this.#smalls++;
    this.#smallPx += px;
    return true;
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

import type { After } from '../../common/after.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { bounds, isWithin, type Rect } from '../../pixels/rect.ts';

/**
 * Time without a change after which the screen has settled, in milliseconds. A larger value tells later; with a smaller
 * one, a page that loads in steps settles at each of them.
 */
export const SETTLE_MS = 1000;

/**
 * Shortest time between two reports that the screen changes, in milliseconds. A smaller value has more events while a
 * film plays; a larger one tells later of a change that follows another.
 */
export const CHANGED_EVERY_MS = 1000;

/**
 * How long damage may wait for a capture before one is asked for, in milliseconds. Viewers that are ready capture it
 * sooner. A smaller value captures more often for readers of events alone, a larger one tells later.
 */
export const LOOK_AFTER_MS = 250;

/**
 * Pixels of a change that may be a blinking caret or a small spinner. A larger number takes a key that is typed over
 * another for one; with a smaller one, a screen with a large caret never settles.
 */
const MOST_BLINKING_PX = 2048;

export interface ScreenWatchOptions {
  /** A clock of milliseconds that never goes back. */
  readonly now: () => number;
  readonly after: After;
  changed(): void;
  settled(): void;
  /** Whether something may have been drawn that no capture has found yet. */
  hasDamage(): boolean;
  /** Captures even if no viewer is ready. */
  look(): void;
}

/**
 * Tells that the screen changes, and that it has settled. What blinks in one place, such as a caret, counts as no
 * change: a screen with a terminal would never settle.
 */
export class ScreenWatch {
  readonly #options: ScreenWatchOptions;
  #isOn = false;
  #changedAtMs = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  /** Place of the last small change. */
  #small: Rect | undefined;
  #stopSettling: (() => void) | undefined;
  #stopLooking: (() => void) | undefined;

  constructor(options: ScreenWatchOptions) {
    this.#options = options;
  }

  /** Begins or ends. */
  run(isOn: boolean): void {
    this.#isOn = isOn;
    this.#stopSettling?.();
    this.#stopLooking?.();
    this.#stopSettling = undefined;
    this.#stopLooking = undefined;
    this.#small = undefined;
    if (isOn) this.damaged();
  }

  /** Something may have been drawn. */
  damaged(): void {
    if (!this.#isOn || this.#stopLooking) return;
    this.#stopLooking = this.#options.after(LOOK_AFTER_MS, () => {
      this.#stopLooking = undefined;
      if (this.#options.hasDamage()) this.#options.look();
    });
  }

  /** A capture has found these changes. */
  changed(tiles: DirtyTiles): void {
    if (!this.#isOn || tiles.isEmpty || this.#isBlink(tiles)) return;
    const nowMs = this.#options.now();
    this.#changedAtMs = nowMs;
    if (!this.#stopSettling || nowMs - this.#toldAtMs >= CHANGED_EVERY_MS) {
      this.#toldAtMs = nowMs;
      this.#options.changed();
    }
    this.#stopSettling ??= this.#options.after(SETTLE_MS, () => this.#maySettle());
  }

  #maySettle(): void {
    this.#stopSettling = undefined;
    const waitMs = this.#changedAtMs + SETTLE_MS - this.#options.now();
    if (waitMs > 0) this.#stopSettling = this.#options.after(waitMs, () => this.#maySettle());
    else this.#options.settled();
  }

  /** Whether a change lies where the small change before it was. */
  #isBlink(tiles: DirtyTiles): boolean {
    const before = this.#small;
    this.#small = undefined;
    if (tiles.areaPx > MOST_BLINKING_PX) return false;
    let place: Rect | undefined;
    tiles.forEach((box) => {
      place = place ? bounds(place, box) : box;
    });
    const isBlink = before !== undefined && place !== undefined && isWithin(place, before);
    this.#small = isBlink ? before : place;
    return isBlink;
  }
}

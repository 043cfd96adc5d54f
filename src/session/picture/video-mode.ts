/** Thresholds by which a screen counts as video. */
export interface VideoThresholds {
  /** Share of the screen, in per cent, of which more must show a film. With 100, no screen is ever video. */
  readonly areaPercent: number;
  /** Time for which it must do so before video mode begins. With 0, the first movement begins it. */
  readonly timeMs: number;
  /** Time for which less must change before video mode ends. */
  readonly outTimeMs: number;
}

/**
 * Video mode of one viewer. It begins when enough of the screen has kept changing for `timeMs`, and ends when less has
 * changed for `outTimeMs`. In between it stays as it is, so that a calm scene of a film causes no full sharp frame.
 *
 * Callers call `look` with every frame, and at `lookAgainAtMs` if no frame came by then.
 */
export class VideoMode {
  #thresholds: VideoThresholds;
  #isOn = false;
  /** Time since which every look has found enough movement. */
  #movingSinceMs: number | undefined;
  /** Time of the last look that found enough movement. */
  #movedAtMs = 0;

  constructor(thresholds: VideoThresholds) {
    this.#thresholds = thresholds;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Sets thresholds, which are used from the next look on. */
  setThresholds(thresholds: VideoThresholds): void {
    this.#thresholds = thresholds;
  }

  /** Notes which share of the screen, 0 to 1, shows a film (see Activity). Returns whether `isOn` has changed. */
  look(nowMs: number, filmShare: number): boolean {
    const { areaPercent, timeMs, outTimeMs } = this.#thresholds;
    const before = this.#isOn;
    if (filmShare * 100 > areaPercent) {
      this.#movingSinceMs ??= nowMs;
      this.#movedAtMs = nowMs;
      if (nowMs - this.#movingSinceMs >= timeMs) this.#isOn = true;
    } else {
      this.#movingSinceMs = undefined;
      if (nowMs - this.#movedAtMs >= outTimeMs) this.#isOn = false;
    }
    return this.#isOn !== before;
  }

  /** Time at which video mode will end if nothing moves until then; undefined while it is off. */
  get lookAgainAtMs(): number | undefined {
    return this.#isOn ? this.#movedAtMs + this.#thresholds.outTimeMs : undefined;
  }
}

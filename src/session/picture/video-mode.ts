/** When a screen counts as showing video. */
export interface VideoThresholds {
  /** More than this much of the screen has to keep changing, in per cent: with 100 nothing is ever video. */
  readonly areaPercent: number;
  /** For how long before it is video; 0 takes the first movement for it. */
  readonly timeMs: number;
  /** How long it has to be calmer until it is video no more. */
  readonly outTimeMs: number;
}

/**
 * Whether one viewer is in video mode: in when enough of the screen has kept changing for long enough, out when it has
 * been calmer for long enough. Between the two it stays what it is, so that a scene of calm in a film sends no sharp frame.
 *
 * It is to be looked at with every frame, and once more at `lookAgainAtMs` where no frame came.
 */
export class VideoMode {
  #thresholds: VideoThresholds;
  #isOn = false;
  /** Since when every look has found enough moving. */
  #movingSinceMs: number | undefined;
  #movedAtMs = 0;

  constructor(thresholds: VideoThresholds) {
    this.#thresholds = thresholds;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** From the next look on these hold. */
  setThresholds(thresholds: VideoThresholds): void {
    this.#thresholds = thresholds;
  }

  /** `movingShare` of the screen, 0 to 1, keeps changing; see Activity. Answers whether `isOn` is another one now. */
  look(nowMs: number, movingShare: number): boolean {
    const { areaPercent, timeMs, outTimeMs } = this.#thresholds;
    const before = this.#isOn;
    if (movingShare * 100 > areaPercent) {
      this.#movingSinceMs ??= nowMs;
      this.#movedAtMs = nowMs;
      if (nowMs - this.#movingSinceMs >= timeMs) this.#isOn = true;
    } else {
      this.#movingSinceMs = undefined;
      if (nowMs - this.#movedAtMs >= outTimeMs) this.#isOn = false;
    }
    return this.#isOn !== before;
  }

  /** When it will be out, unless something moves until then. */
  get lookAgainAtMs(): number | undefined {
    return this.#isOn ? this.#movedAtMs + this.#thresholds.outTimeMs : undefined;
  }
}

/** Least distance of one event that counts as a wheel notch, in CSS pixels. Events of a touchpad are smaller. */
const NOTCH_PX = 50;
/** Travel per step, in CSS pixels. A smaller value scrolls faster, a larger one feels sluggish. */
const TRAVEL_PER_STEP_PX = 40;
/** Approximate distance that browsers report for one notch, in CSS pixels. */
const PX_PER_NOTCH = 110;
const LINES_PER_NOTCH = 3;
/** Most steps per event, so that one event cannot flood the desktop. */
const MAX_STEPS_PER_EVENT = 10;
/**
 * Least distance of an event that is a step by itself after a pause, in CSS pixels: macOS reports 4 px for a slow notch.
 * A smaller value scrolls when fingers only touch a touchpad.
 */
const SLOW_NOTCH_PX = 4;
/** Milliseconds without an event that are a pause. Events of a touchpad and of its inertia come every 8 to 50 ms. */
const PAUSE_MS = 150;

/** Bits of RFB's mask for a step up or left, and for one down or right. */
const WHEEL_BITS = { vertical: [1 << 3, 1 << 4], horizontal: [1 << 5, 1 << 6] } as const;

const DELTA_LINE = 1;
const DELTA_PAGE = 2;

/** Turns travel along one axis into whole steps, the unit of RFB's wheel buttons. Negative is up or left. */
export class Travel {
  #direction = 0;
  /** Distance towards the next step. Below zero: that step was made ahead of its distance. */
  #px = 0;

  /** Returns the steps that this distance completes. A new direction starts anew. */
  steps(px: number): number {
    if (px === 0) return 0;
    if (Math.sign(px) !== this.#direction) this.#start(px);
    this.#px += Math.abs(px);
    const steps = Math.max(0, Math.floor(this.#px / TRAVEL_PER_STEP_PX));
    this.#px -= steps * TRAVEL_PER_STEP_PX;
    return clamp(this.#direction * steps);
  }

  /** Starts anew with a step, ahead of its distance. */
  stepAhead(px: number): number {
    this.#start(px);
    this.#px = Math.abs(px) - TRAVEL_PER_STEP_PX;
    return this.#direction;
  }

  reset(): void {
    this.#direction = 0;
    this.#px = 0;
  }

  #start(px: number): void {
    this.#direction = Math.sign(px);
    this.#px = 0;
  }
}

/** Turns the wheel events of one axis into whole steps. */
export class WheelAxis {
  readonly #travel = new Travel();
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Returns the steps that this event completes; negative is up or left. `nowMs` is the event's time stamp. */
  steps(delta: number, deltaMode: number, nowMs: number): number {
    if (delta === 0) return 0;
    const isAfterPause = nowMs - this.#lastMs > PAUSE_MS;
    this.#lastMs = nowMs;
    if (deltaMode === DELTA_PAGE) return clamp(Math.sign(delta) * Math.ceil(Math.abs(delta)));
    if (deltaMode === DELTA_LINE) return this.#notches(delta / LINES_PER_NOTCH);
    if (Math.abs(delta) >= NOTCH_PX) return this.#notches(delta / PX_PER_NOTCH);
    if (isAfterPause && Math.abs(delta) >= SLOW_NOTCH_PX) return this.#travel.stepAhead(delta);
    if (isAfterPause) this.#travel.reset();
    return this.#travel.steps(delta);
  }

  /**
   * Returns the steps of one or more notches: at least one. Drops the remainder, so that no later notch counts
   * double.
   */
  #notches(notches: number): number {
    this.#travel.reset();
    return clamp(Math.sign(notches) * Math.max(1, Math.round(Math.abs(notches))));
  }
}

/** One mask of RFB's buttons for each step. */
export function wheelMasks(axis: keyof typeof WHEEL_BITS, steps: number): number[] {
  return Array<number>(Math.abs(steps)).fill(WHEEL_BITS[axis][steps < 0 ? 0 : 1]);
}

function clamp(steps: number): number {
  // Adding 0 turns -0 into 0.
  return Math.max(-MAX_STEPS_PER_EVENT, Math.min(MAX_STEPS_PER_EVENT, steps)) + 0;
}

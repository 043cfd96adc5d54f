/** Least distance of one event that counts as a wheel notch, in CSS pixels. Events of a touchpad are smaller. */
const NOTCH_PX = 50;
/** Two-finger travel per step, in CSS pixels. A smaller value scrolls faster, a larger one feels sluggish. */
const TRAVEL_PER_STEP_PX = 40;
/** Approximate distance that browsers report for one notch, in CSS pixels. */
const PX_PER_NOTCH = 110;
const LINES_PER_NOTCH = 3;
/** Most steps per event, so that one event cannot flood the desktop. */
const MAX_STEPS_PER_EVENT = 10;

const DELTA_LINE = 1;
const DELTA_PAGE = 2;

/** Turns the wheel events of one axis into whole steps, the unit of RFB's wheel buttons. */
export class WheelAxis {
  #travelPx = 0;

  /** Returns the steps that this event completes; negative is up or left. */
  steps(delta: number, deltaMode: number): number {
    if (delta === 0) return 0;
    if (deltaMode === DELTA_PAGE) return clamp(Math.sign(delta) * Math.ceil(Math.abs(delta)));
    if (deltaMode === DELTA_LINE) return this.#notches(delta / LINES_PER_NOTCH);
    if (Math.abs(delta) >= NOTCH_PX) return this.#notches(delta / PX_PER_NOTCH);
    if (Math.sign(delta) !== Math.sign(this.#travelPx)) this.#travelPx = 0;
    this.#travelPx += delta;
    const steps = Math.trunc(this.#travelPx / TRAVEL_PER_STEP_PX);
    this.#travelPx -= steps * TRAVEL_PER_STEP_PX;
    return clamp(steps);
  }

  /**
   * Returns the steps of one or more notches: at least one. Drops the remainder, so that no later notch counts
   * double.
   */
  #notches(notches: number): number {
    this.#travelPx = 0;
    return clamp(Math.sign(notches) * Math.max(1, Math.round(Math.abs(notches))));
  }
}

function clamp(steps: number): number {
  // Adding 0 turns -0, which a small upward travel leaves, into 0.
  return Math.max(-MAX_STEPS_PER_EVENT, Math.min(MAX_STEPS_PER_EVENT, steps)) + 0;
}

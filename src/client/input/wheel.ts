/** A wheel notch, or more of it, moves at least this far in one event; a touch pad's events are smaller. */
const NOTCH_PX = 50;
/** Two-finger travel that makes one step: small enough to feel direct, large enough not to race. */
const TRAVEL_PER_STEP_PX = 40;
/** What browsers report for one notch lies around this. */
const PX_PER_NOTCH = 110;
const LINES_PER_NOTCH = 3;
/** One event may not flood the desktop, however wild the device. */
const MAX_STEPS_PER_EVENT = 10;

const DELTA_LINE = 1;
const DELTA_PAGE = 2;

/** Turns one axis of wheel events into the whole steps that RFB's wheel buttons know. */
export class WheelAxis {
  #travelPx = 0;

  /** The steps that this event completes; negative is up or left. */
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

  /** A real notch is one step at least, and leaves no remainder that would make some later notch count double. */
  #notches(notches: number): number {
    this.#travelPx = 0;
    return clamp(Math.sign(notches) * Math.max(1, Math.round(Math.abs(notches))));
  }
}

function clamp(steps: number): number {
  // Adding 0 turns -0, which a small upward travel leaves, into 0.
  return Math.max(-MAX_STEPS_PER_EVENT, Math.min(MAX_STEPS_PER_EVENT, steps)) + 0;
}

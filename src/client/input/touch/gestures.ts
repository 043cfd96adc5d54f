/** A place on the page, in CSS pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Bit of a button in RFB's mask. */
const BUTTON = { left: 0, middle: 1, right: 2 } as const;
type Button = (typeof BUTTON)[keyof typeof BUTTON];

/** What fingers on the picture ask for. Distances are in CSS pixels. */
export type Action =
  /** The desktop's pointer goes to a place. */
  | { readonly kind: 'point'; readonly at: Place }
  /** The desktop's pointer moves from where it is. */
  | { readonly kind: 'nudge'; readonly dx: number; readonly dy: number }
  | { readonly kind: 'press' | 'release'; readonly button: Button }
  /** The fingers have moved this far, and what is below them follows. */
  | { readonly kind: 'scroll'; readonly dx: number; readonly dy: number }
  /** The picture grows by `factor` around `at`, and then moves with the fingers. */
  | {
      readonly kind: 'zoom';
      readonly factor: number;
      readonly at: Place;
      readonly dx: number;
      readonly dy: number;
    };

/**
 * `direct`: the pointer is where the finger is. `touchpad`: a finger anywhere moves the pointer, as on a laptop.
 */
export type TouchMode = 'direct' | 'touchpad';

/** CSS pixels that a finger may move in a tap. A larger value delays drags, a smaller one takes taps for drags. */
export const TAP_SLOP_PX = 10;
/** Milliseconds after which a finger that rests is a long press. A smaller value takes slow taps for one. */
export const LONG_PRESS_MS = 500;
/** Milliseconds for which several fingers may be down in a tap. A larger value takes hesitation for a tap. */
export const TAP_MS = 350;
/** Milliseconds and CSS pixels between two taps that are a double tap. Larger values join separate taps. */
export const DOUBLE_TAP_MS = 350;
const DOUBLE_TAP_PX = 40;
/** CSS pixels by which two fingers change their distance before they zoom. A smaller value zooms while scrolling. */
export const PINCH_SLOP_PX = 24;

const NO_ACTIONS: readonly Action[] = [];

type Phase =
  | { readonly kind: 'idle' }
  /** One finger rests: a tap, a long press or the begin of a drag. */
  | {
      readonly kind: 'resting';
      readonly from: Place;
      readonly sinceMs: number;
      readonly isSecondTap: boolean;
    }
  /** One finger holds a button. */
  | { readonly kind: 'dragging'; readonly button: Button; readonly last: Place }
  /** One finger moves the pointer of a touch-pad. */
  | { readonly kind: 'moving'; readonly last: Place }
  /** Several fingers rest. */
  | {
      readonly kind: 'several';
      readonly from: Place;
      readonly centre: Place;
      readonly spread: number;
      readonly sinceMs: number;
    }
  | { readonly kind: 'scrolling'; readonly last: Place }
  | { readonly kind: 'zooming'; readonly last: Place; readonly spread: number }
  /** The gesture is over, and fingers are still down. */
  | { readonly kind: 'spent' };

const IDLE: Phase = { kind: 'idle' };
const SPENT: Phase = { kind: 'spent' };

/**
 * Recognises what fingers mean. The caller tells what they do, with the time, and calls `tick` at `deadlineMs`.
 *
 * One finger: tap, double tap, drag, long press for the right button, which may be dragged too. Two fingers: tap for the
 * right button, scroll, pinch. Three fingers: tap for the middle button, drag with the left one.
 */
export class Gestures {
  mode: TouchMode = 'direct';
  readonly #fingers = new Map<number, Place>();
  #phase: Phase = IDLE;
  #lastTap: { readonly at: Place; readonly atMs: number } | undefined;

  /** Time at which `tick` is due, or undefined. */
  get deadlineMs(): number | undefined {
    return this.#phase.kind === 'resting' ? this.#phase.sinceMs + LONG_PRESS_MS : undefined;
  }

  /** A finger that comes during a gesture is no part of it. */
  down(finger: number, at: Place, nowMs: number): readonly Action[] {
    const phase = this.#phase;
    const isTaken = ['idle', 'resting', 'moving', 'several'].includes(phase.kind);
    if (!isTaken) return NO_ACTIONS;
    this.#fingers.set(finger, at);
    switch (phase.kind) {
      case 'idle':
        this.#phase = {
          kind: 'resting',
          from: at,
          sinceMs: nowMs,
          isSecondTap: this.#isSecondTap(at, nowMs),
        };
        break;
      case 'resting':
      case 'moving':
      case 'several':
        this.#phase = {
          kind: 'several',
          from: phase.kind === 'moving' ? at : phase.from,
          centre: this.#centre(),
          spread: this.#spread(),
          sinceMs: phase.kind === 'moving' ? nowMs : phase.sinceMs,
        };
        break;
      default:
    }
    return NO_ACTIONS;
  }

  move(finger: number, at: Place): readonly Action[] {
    if (!this.#fingers.has(finger)) return NO_ACTIONS;
    this.#fingers.set(finger, at);
    const phase = this.#phase;
    const centre = this.#centre();
    switch (phase.kind) {
      case 'resting':
        return distance(phase.from, at) > TAP_SLOP_PX
          ? this.#begin(phase.from, at, phase.isSecondTap)
          : NO_ACTIONS;
      case 'several':
        return this.#beginSeveral(phase, centre);
      case 'dragging':
        this.#phase = { ...phase, last: centre };
        return [this.#moved(phase.last, centre)];
      case 'moving':
        this.#phase = { kind: 'moving', last: centre };
        return [this.#moved(phase.last, centre)];
      case 'scrolling':
        this.#phase = { kind: 'scrolling', last: centre };
        return [{ kind: 'scroll', ...between(phase.last, centre) }];
      case 'zooming':
        return this.#zoom(phase.last, phase.spread, centre);
      default:
        return NO_ACTIONS;
    }
  }

  up(finger: number, nowMs: number): readonly Action[] {
    if (!this.#fingers.has(finger)) return NO_ACTIONS;
    const actions = this.#ended(nowMs);
    this.#fingers.delete(finger);
    this.#phase = this.#fingers.size === 0 ? IDLE : SPENT;
    return actions;
  }

  /** The browser has taken the fingers for itself. */
  cancel(): readonly Action[] {
    const phase = this.#phase;
    this.#fingers.clear();
    this.#phase = IDLE;
    return phase.kind === 'dragging' ? [{ kind: 'release', button: phase.button }] : NO_ACTIONS;
  }

  /** Time has passed. */
  tick(nowMs: number): readonly Action[] {
    const phase = this.#phase;
    if (phase.kind !== 'resting' || nowMs < phase.sinceMs + LONG_PRESS_MS) return NO_ACTIONS;
    this.#phase = { kind: 'dragging', button: BUTTON.right, last: phase.from };
    return [...this.#pointAt(phase.from), { kind: 'press', button: BUTTON.right }];
  }

  /** One finger has begun to move. */
  #begin(from: Place, at: Place, isSecondTap: boolean): readonly Action[] {
    if (this.mode === 'touchpad' && !isSecondTap) {
      this.#phase = { kind: 'moving', last: at };
      return [this.#moved(from, at)];
    }
    this.#phase = { kind: 'dragging', button: BUTTON.left, last: at };
    return [...this.#pointAt(from), { kind: 'press', button: BUTTON.left }, this.#moved(from, at)];
  }

  /** Several fingers have moved. */
  #beginSeveral(phase: Phase & { readonly kind: 'several' }, centre: Place): readonly Action[] {
    const isThree = this.#fingers.size > 2;
    const spread = this.#spread();
    const travel = distance(phase.centre, centre);
    const pinch = isThree ? 0 : Math.abs(spread - phase.spread);
    if (pinch > Math.max(PINCH_SLOP_PX, travel)) return this.#zoom(phase.centre, phase.spread, centre);
    // Of two fingers, one may rest while the other moves away: then their middle moves half as far.
    if (travel <= Math.max(TAP_SLOP_PX, pinch)) return NO_ACTIONS;
    const there = this.#pointAt(phase.centre);
    if (isThree) {
      this.#phase = { kind: 'dragging', button: BUTTON.left, last: centre };
      return [...there, { kind: 'press', button: BUTTON.left }, this.#moved(phase.centre, centre)];
    }
    this.#phase = { kind: 'scrolling', last: centre };
    return [...there, { kind: 'scroll', ...between(phase.centre, centre) }];
  }

  #zoom(last: Place, lastSpread: number, centre: Place): readonly Action[] {
    const spread = this.#spread();
    this.#phase = { kind: 'zooming', last: centre, spread };
    const factor = lastSpread > 0 ? spread / lastSpread : 1;
    return [{ kind: 'zoom', factor, at: last, ...between(last, centre) }];
  }

  /** A finger goes up, which ends every gesture. */
  #ended(nowMs: number): readonly Action[] {
    const phase = this.#phase;
    if (phase.kind === 'dragging') return [{ kind: 'release', button: phase.button }];
    if (phase.kind === 'resting') {
      const at = phase.isSecondTap ? this.#lastTap!.at : phase.from;
      // A third tap begins anew.
      this.#lastTap = phase.isSecondTap ? undefined : { at, atMs: nowMs };
      return this.#click(at, BUTTON.left);
    }
    if (phase.kind === 'several' && nowMs - phase.sinceMs <= TAP_MS) {
      return this.#click(phase.from, this.#fingers.size > 2 ? BUTTON.middle : BUTTON.right);
    }
    return NO_ACTIONS;
  }

  #click(at: Place, button: Button): readonly Action[] {
    return [...this.#pointAt(at), { kind: 'press', button }, { kind: 'release', button }];
  }

  #isSecondTap(at: Place, nowMs: number): boolean {
    const last = this.#lastTap;
    if (!last || nowMs - last.atMs > DOUBLE_TAP_MS) return false;
    return this.mode === 'touchpad' || distance(last.at, at) <= DOUBLE_TAP_PX;
  }

  /** The pointer of a touch-pad stays where it is. */
  #pointAt(at: Place): readonly Action[] {
    return this.mode === 'direct' ? [{ kind: 'point', at }] : NO_ACTIONS;
  }

  #moved(from: Place, to: Place): Action {
    return this.mode === 'direct' ? { kind: 'point', at: to } : { kind: 'nudge', ...between(from, to) };
  }

  #centre(): Place {
    const places = [...this.#fingers.values()];
    const sum = (of: (place: Place) => number): number =>
      places.reduce((total, place) => total + of(place), 0);
    return { x: sum(({ x }) => x) / places.length, y: sum(({ y }) => y) / places.length };
  }

  /** Distance of the first two fingers. */
  #spread(): number {
    const [a, b] = [...this.#fingers.values()];
    return a && b ? distance(a, b) : 0;
  }
}

const distance = (a: Place, b: Place): number => Math.hypot(a.x - b.x, a.y - b.y);

const between = (from: Place, to: Place): { dx: number; dy: number } => ({
  dx: to.x - from.x,
  dy: to.y - from.y,
});

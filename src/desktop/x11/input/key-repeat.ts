import type { RepeatControls, Xkb } from '../wire/xkb.ts';

/** A keysym that means nothing. */
const VOID_SYMBOL = 0xff_ffff;

/** Repeats by hand: the first one at once, and the next one so late that the key is up or repeated again by then. */
const BY_HAND = { delayMs: 1, intervalMs: 65_535 } as const;

/**
 * Own changes of the control that are remembered, to tell them from those of other programs. A larger value takes more
 * repeats that a slow server has not carried out.
 */
const MOST_CHANGES = 64;

export interface KeyRepeatPort {
  key(keycode: number, down: boolean): void;
  bind(keycode: number, keysyms: readonly number[]): void;
}

/**
 * Repeats a key that is down, once for each repeat of the viewer's keyboard, as the X server's own autorepeat does.
 * Programs see further presses; those that do not ask for detectable autorepeat see a release before each.
 *
 * Only the X server's timer makes such presses, and XTEST can't. So autorepeat, which is off, is switched on for a
 * moment with a delay of a millisecond, and the key is pressed again. That press starts the timer and is dropped, because
 * the key is down. The server starts its timer only if another key was the last one to repeat. That other key is a
 * spare keycode, muted by an action that does nothing.
 *
 * Does nothing on a display whose own autorepeat is on.
 */
export class KeyRepeat {
  readonly #xkb: Xkb;
  readonly #port: KeyRepeatPort;
  readonly #muteKeycode: number | undefined;
  /** Own changes: whether each request switched autorepeat on. */
  readonly #switched = new Map<number, boolean>();
  #controls: RepeatControls;
  #isMuted = false;
  #repeating: number | undefined;

  /** `controls` are those of the display. Without a keycode to mute, repeats are a release and a press. */
  constructor(xkb: Xkb, port: KeyRepeatPort, controls: RepeatControls, muteKeycode: number | undefined) {
    this.#xkb = xkb;
    this.#port = port;
    this.#controls = controls;
    this.#muteKeycode = muteKeycode;
  }

  repeat(keycode: number): void {
    if (this.#controls.isOn) return;
    const { key } = this.#port;
    if (this.#muteKeycode === undefined) {
      key(keycode, false);
      key(keycode, true);
      return;
    }
    this.#mute(this.#muteKeycode);
    this.#set({ isOn: true, ...BY_HAND });
    key(this.#muteKeycode, true);
    key(keycode, true);
    key(this.#muteKeycode, false);
    this.#set({ isOn: false, ...BY_HAND });
    this.#repeating = keycode;
  }

  /** To be called after a key was released. */
  released(keycode: number): void {
    if (this.#repeating !== keycode) return;
    this.#repeating = undefined;
    if (!this.#controls.isOn) this.#set(this.#controls);
  }

  /** The X server says whether it repeats keys by itself. */
  told(isOn: boolean, sequence: number): void {
    if (this.#switched.get(sequence) !== isOn) this.#controls = { ...this.#controls, isOn };
  }

  /** Whether a keycode is muted. */
  get hasMuted(): boolean {
    return this.#isMuted;
  }

  /** The keymap may have been replaced. */
  forgetMuted(): void {
    this.#isMuted = false;
  }

  /** Gives the muted keycode back while no key repeats. */
  giveBack(): void {
    if (!this.#isMuted || this.#muteKeycode === undefined || this.#repeating !== undefined) return;
    this.#xkb.mute(this.#muteKeycode, false);
    this.#port.bind(this.#muteKeycode, []);
    this.#isMuted = false;
  }

  #set(controls: RepeatControls): void {
    this.#switched.set(this.#xkb.setRepeats(controls), controls.isOn);
    if (this.#switched.size > MOST_CHANGES) this.#switched.delete(this.#switched.keys().next().value!);
  }

  #mute(keycode: number): void {
    if (this.#isMuted) return;
    this.#port.bind(keycode, [VOID_SYMBOL]);
    this.#xkb.mute(keycode, true);
    this.#isMuted = true;
  }
}

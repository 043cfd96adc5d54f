import type { Keymap } from './keymap.ts';
import { FIRST_KEYCODE, KEYCODE_COUNT } from './xkb-map.ts';

/**
 * Free keycodes that are left to other programs, the lowest ones: xdotool and xvkbd take the first one that is free for
 * a character that the keymap lacks.
 */
const LEFT_TO_OTHERS = 3;

/**
 * Keycodes of launcher keys and of keys of other countries' keyboards that no tested program acts on by keycode. They
 * are lent after the free ones, for long texts of characters that the keymap lacks.
 */
const SELDOM_USED = [
  98, 99, 100, 101, 102, 142, 191, 192, 193, 194, 195, 196, 199, 200, 201, 216, 221, 224, 234, 240, 241, 252,
  253, 254, 255,
];

export interface SpareKeycodes {
  /** For keysyms that the keymap lacks. */
  readonly lendable: readonly number[];
  /** Those of them that launcher keys and the like have. */
  readonly seldomUsed: ReadonlySet<number>;
  /** Free ones that are never lent. */
  readonly unused: readonly number[];
  /** To be muted, for repeats. Undefined if there is none. */
  readonly mute: number | undefined;
  /** All of these. */
  readonly all: ReadonlySet<number>;
}

/** Divides the keycodes of a keymap that mean nothing. */
export function spareKeycodes(keymap: Keymap): SpareKeycodes {
  const keycodes = Array.from({ length: KEYCODE_COUNT }, (_, i) => FIRST_KEYCODE + i);
  const free = keycodes.filter((keycode) => keymap.isFree(keycode));
  const left = Math.min(LEFT_TO_OTHERS, Math.floor(free.length / 2));
  const [mute, ...rest] = free.slice(left);
  const seldomUsed = SELDOM_USED.filter((keycode) => !free.includes(keycode));
  const lendable = [...rest, ...seldomUsed];
  return {
    lendable,
    seldomUsed: new Set(seldomUsed),
    unused: free.slice(0, left),
    mute,
    all: new Set([...lendable, ...(mute === undefined ? [] : [mute])]),
  };
}

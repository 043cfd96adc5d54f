import type { HeldKeys } from './held-keys.ts';
import { type Keymap, LEVEL3, LEVEL5, SHIFT } from './keymap.ts';
import {
  ISO_LEVEL3_SHIFT,
  ISO_LEVEL5_SHIFT,
  isAscii,
  isAsciiLetter,
  isCharacter,
  isLock,
  isModifier,
  otherSide,
} from './keysyms.ts';
import type { LockState } from './lock-state.ts';
import type { SpareKeys, SparePlace } from './spare-keys.ts';
import { FIRST_KEYCODE, KEYCODE_COUNT } from './xkb-map.ts';

/** A key that was found for a keysym. */
export type Place = SparePlace & { readonly group: number | undefined };

/** Groups that a keyboard can have. */
const MAX_GROUPS = 4;

/** Finds the key that types a keysym: one of the keymap, or a spare keycode. */
export class KeySearch {
  keymap: Keymap;
  readonly #spare: SpareKeys;
  readonly #locks: LockState;

  constructor(keymap: Keymap, spare: SpareKeys, locks: LockState) {
    this.keymap = keymap;
    this.#spare = spare;
    this.#locks = locks;
  }

  /**
   * The keysym to type for one that a viewer sent. Undefined for a key that locks: the viewer's computer has applied its
   * locks already. If the desktop's keymap has another key in its place, such as Escape, that is meant.
   */
  meaning(keysym: number, evdev: number): number | undefined {
    if (!isLock(keysym)) return keysym;
    const physical = physicalOf(evdev);
    const meant = physical && this.keymap.keysymAt(physical, 0, this.#group);
    return !meant || isLock(meant) ? undefined : meant;
  }

  /** The key for a keysym. Undefined if it needs a spare keycode first. */
  find(writer: HeldKeys, keysym: number, evdev: number): Place | undefined {
    const { level, isCommand } = writer;
    const physical = physicalOf(evdev);
    const latin = isCommand ? this.#latinKey(keysym, physical, level) : undefined;
    if (latin) return latin;
    const place = this.keymap.find(keysym, level, physical, this.#group);
    if (place && this.#isReachable(place.level, level)) {
      // Ctrl and a capital letter without Shift is Caps Lock on the viewer's side, not another command.
      return isCommand && this.#isOtherCase(keysym, place) ? { ...place, level } : place;
    }
    if (physical !== 0 && this.keymap.keysymAt(physical, 0, this.#group) !== 0) {
      // A shortcut on a keyboard of another script, or a modifier that the desktop's keymap has made another key.
      if (isCommand || isModifier(keysym)) return { keycode: physical, group: undefined, level };
    }
    if (isModifier(keysym)) return this.keymap.find(otherSide(keysym), level, physical, this.#group);
    const spare = this.#spare.find(keysym);
    return spare && { ...spare, group: undefined };
  }

  /** The keycode of a modifier, or undefined if the keymap lacks it. */
  findModifier(keysym: number): number | undefined {
    return this.keymap.find(keysym, 0, 0, this.#group)?.keycode;
  }

  /** The keysym of a key without modifiers. */
  keysymOf(keycode: number): number {
    return this.keymap.keysymAt(keycode, 0, this.#group);
  }

  /** The group that the desktop's user has chosen. */
  get #group(): number {
    return this.#locks.user.group;
  }

  /**
   * The key of a shortcut with a letter of another script: programs know their shortcuts by Latin letters. Undefined if
   * the physical key has none.
   */
  #latinKey(keysym: number, physical: number, level: number): Place | undefined {
    if (physical === 0 || !isCharacter(keysym) || isAscii(keysym)) return undefined;
    for (let group = 0; group < MAX_GROUPS; group++) {
      if (isAsciiLetter(this.keymap.keysymAt(physical, 0, group))) return { keycode: physical, group, level };
    }
    return undefined;
  }

  #isReachable(needed: number, level: number): boolean {
    const missing = needed & ~level;
    if (missing & LEVEL3 && this.findModifier(ISO_LEVEL3_SHIFT) === undefined) return false;
    return !(missing & LEVEL5) || this.findModifier(ISO_LEVEL5_SHIFT) !== undefined;
  }

  #isOtherCase(keysym: number, { keycode, level, group }: Place): boolean {
    const other = this.keymap.keysymAt(keycode, (level ?? 0) ^ SHIFT, group ?? this.#group);
    return (
      other !== 0 &&
      other !== keysym &&
      String.fromCodePoint(other & 0xffff).toLowerCase() ===
        String.fromCodePoint(keysym & 0xffff).toLowerCase()
    );
  }
}

/** The keycode of a physical key, or 0 if the viewer did not name it. */
const physicalOf = (evdev: number): number =>
  evdev > 0 && evdev < KEYCODE_COUNT ? evdev + FIRST_KEYCODE : 0;

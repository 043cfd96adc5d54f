import { ISO_LEVEL3_SHIFT, ISO_LEVEL5_SHIFT, isFunctionKey, isKeypadText, NUM_LOCK } from './keysyms.ts';
import { FIRST_KEYCODE, type KeyRow, NO_KEY, type XkbMap } from './xkb-map.ts';

/** Bits of a level: the modifiers that choose it. */
export const SHIFT = 1;
export const LEVEL3 = 2;
export const LEVEL5 = 4;
export const NUM = 8;

/** X's state of a key event: the modifiers Shift and Lock (Caps Lock). */
const SHIFT_MASK = 1;
export const LOCK_MASK = 2;
const ALL_MODIFIERS = 0xff;

/** The combinations of modifiers that are tried for a keysym, the best first. */
const LEVELS = [0, SHIFT, LEVEL3, SHIFT | LEVEL3, NUM, LEVEL5, SHIFT | LEVEL5, LEVEL3 | LEVEL5];
/** For digits of the keypad, which programs take for other keys if Shift is down. */
const KEYPAD_LEVELS = [0, NUM, SHIFT];

export interface KeyPlace {
  readonly keycode: number;
  /** The group that must be active. Undefined if the key is the same in every group. */
  readonly group: number | undefined;
  /** Modifiers that must be down for the keysym: a combination of SHIFT, LEVEL3, LEVEL5 and NUM. */
  readonly level: number;
}

/** A keyboard map, searchable by keysym. */
export class Keymap {
  /** The modifier that Num Lock sets, as in X's state of a key event; 0 if the map has no Num Lock. */
  readonly numLock: number;
  readonly #map: XkbMap;
  readonly #places = new Map<number, KeyPlace[]>();
  /** X's modifiers for each bit of a level; 0 if no key sets it. */
  readonly #masks: ReadonlyMap<number, number>;

  /** `find` ignores `reserved` keycodes. */
  constructor(map: XkbMap, reserved: ReadonlySet<number> = new Set()) {
    this.#map = map;
    this.numLock = this.#modifierOf(NUM_LOCK);
    this.#masks = new Map([
      [SHIFT, SHIFT_MASK],
      [LEVEL3, this.#modifierOf(ISO_LEVEL3_SHIFT)],
      [LEVEL5, this.#modifierOf(ISO_LEVEL5_SHIFT)],
      [NUM, this.numLock],
    ]);
    map.keys.forEach((row, i) => {
      const keycode = FIRST_KEYCODE + i;
      if (!reserved.has(keycode)) this.#addKey(keycode, row);
    });
  }

  /** The keysym of a key at a level, or 0. `group` may be one that the key does not have. */
  keysymAt(keycode: number, level: number, group: number): number {
    const row = this.#row(keycode);
    const own = groupOf(row, group);
    return own === undefined ? 0 : (row.keysyms[own]?.[this.#levelAt(row, own, this.#mask(level))] ?? 0);
  }

  isFree(keycode: number): boolean {
    return this.#row(keycode).keysyms.every((keysyms) => keysyms.every((keysym) => keysym === 0));
  }

  /** Groups of the keyboard. */
  get groups(): number {
    return Math.max(1, ...this.#map.keys.map(({ types }) => types.length));
  }

  /** Keycodes that set modifiers, with what they set. */
  get modifiers(): ReadonlyMap<number, number> {
    return this.#map.modifiers;
  }

  /** Whether a press of the key may change locks, latches or the group for the keys after it. */
  changesLocks(keycode: number): boolean {
    return this.#row(keycode).keysyms.some((keysyms) => keysyms.some(isLocking));
  }

  /** The locked modifiers that change what a key means in a group. */
  locksThatMatter(keycode: number, group: number): number {
    const row = this.#row(keycode);
    const own = groupOf(row, group);
    const mods = own === undefined ? 0 : (this.#map.types[row.types[own]!]?.mods ?? 0);
    return mods | (ALL_MODIFIERS & ~this.numLock);
  }

  /**
   * Finds a key that types `keysym` in the group `group` while the modifiers of `level` are down, or else one that does
   * with other modifiers, or else in another group. Of equal ones it takes `preferred`, the physical key that the
   * viewer's user pressed.
   */
  find(keysym: number, level: number, preferred: number, group: number): KeyPlace | undefined {
    const places = this.#places.get(keysym) ?? [];
    const rank = (place: KeyPlace): number =>
      (place.group === undefined || place.group === group ? 0 : 4) +
      (place.level === level ? 0 : 2) +
      (place.keycode === preferred ? 0 : 1);
    if (isFunctionKey(keysym)) {
      const plain = best(
        places.filter((place) => place.level === 0),
        (place) => rank({ ...place, level }),
      );
      // All modifiers that are down belong to the command, such as Shift with Tab.
      if (plain) return { ...plain, level };
    }
    return best(places, rank);
  }

  #addKey(keycode: number, row: KeyRow): void {
    const isSame = row.types.every(
      (type, group) => type === row.types[0] && sameKeysyms(row.keysyms[group]!, row.keysyms[0]!),
    );
    const groups = isSame ? row.types.slice(0, 1) : row.types;
    groups.forEach((_, group) => {
      const keysyms = new Set(row.keysyms[group]!.filter((keysym) => keysym !== 0));
      for (const keysym of keysyms) {
        const level = this.#levelFor(keysym, row, group);
        if (level === undefined) continue;
        const places = this.#places.get(keysym) ?? [];
        places.push({ keycode, group: isSame ? undefined : group, level });
        this.#places.set(keysym, places);
      }
    });
  }

  /** The best combination of modifiers with which a key types a keysym. */
  #levelFor(keysym: number, row: KeyRow, group: number): number | undefined {
    return (isKeypadText(keysym) ? KEYPAD_LEVELS : LEVELS).find((level) => {
      const canBeDown = [...this.#masks].every(([bit, mask]) => (level & bit) === 0 || mask !== 0);
      return canBeDown && row.keysyms[group]![this.#levelAt(row, group, this.#mask(level))] === keysym;
    });
  }

  /** X's modifiers of a level. */
  #mask(level: number): number {
    let mask = 0;
    for (const [bit, mods] of this.#masks) if (level & bit) mask |= mods;
    return mask;
  }

  #levelAt(row: KeyRow, group: number, mask: number): number {
    const type = this.#map.types[row.types[group]!];
    return type?.levels.get(mask & type.mods) ?? 0;
  }

  #row(keycode: number): KeyRow {
    return this.#map.keys[keycode - FIRST_KEYCODE] ?? NO_KEY;
  }

  /** The modifiers that a key with this keysym sets. */
  #modifierOf(keysym: number): number {
    for (const [keycode, mods] of this.#map.modifiers) {
      // Lock is Caps Lock, whatever else the key has.
      const own = mods & ~LOCK_MASK;
      if (own !== 0 && this.#row(keycode).keysyms.some((keysyms) => keysyms.includes(keysym))) return own;
    }
    return 0;
  }
}

const XK_ISO_LOCK = 0xfe01;
const XK_ISO_LEVEL2_LATCH = 0xfe02;
const XK_ISO_LEVEL3_LATCH = 0xfe04;
const XK_ISO_LAST_GROUP_LOCK = 0xfe0f;
const XK_ISO_LEVEL5_LATCH = 0xfe12;
const XK_ISO_LEVEL5_LOCK = 0xfe13;
const XK_MODE_SWITCH = 0xff7e;

const isLocking = (keysym: number): boolean =>
  keysym === XK_ISO_LOCK ||
  keysym === XK_ISO_LEVEL2_LATCH ||
  (keysym >= XK_ISO_LEVEL3_LATCH && keysym <= XK_ISO_LAST_GROUP_LOCK) ||
  (keysym >= XK_ISO_LEVEL5_LATCH && keysym <= XK_ISO_LEVEL5_LOCK) ||
  keysym === XK_MODE_SWITCH;

/** The group of a key that stands for a group of the keyboard. Undefined for a key without a meaning. */
function groupOf({ types, outOfRange }: KeyRow, group: number): number | undefined {
  const count = types.length;
  if (count === 0) return undefined;
  if (group < count) return group;
  if (outOfRange === 'wrap') return group % count;
  if (outOfRange === 'clamp') return count - 1;
  return outOfRange.group < count ? outOfRange.group : 0;
}

const sameKeysyms = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((keysym, level) => keysym === b[level]);

/** The first of those with the lowest rank. */
function best(places: readonly KeyPlace[], rank: (place: KeyPlace) => number): KeyPlace | undefined {
  let found: KeyPlace | undefined;
  for (const place of places) if (!found || rank(place) < rank(found)) found = place;
  return found;
}

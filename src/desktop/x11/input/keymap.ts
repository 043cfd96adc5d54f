import { isFunctionKey, isKeypadText } from './keysyms.ts';

/** The smallest X keycode. A Linux (evdev) key code is the X keycode of the same key minus 8. */
export const FIRST_KEYCODE = 8;
export const KEYCODE_COUNT = 248;

/** Bits of a level: the modifiers that choose it. */
export const SHIFT = 1;
export const LEVEL3 = 2;

/** Columns of the core keymap with the levels of the first group. Columns 2 and 3 belong to the second group. */
const LEVEL_COLUMNS = [0, 1, 4, 5] as const;

export interface KeyPlace {
  readonly keycode: number;
  /** Modifiers that must be down for the keysym: a combination of SHIFT and LEVEL3. */
  readonly level: number;
}

/** The answer to GetKeyboardMapping, searchable by keysym. */
export class Keymap {
  readonly #rows: readonly (readonly number[])[];
  readonly #places = new Map<number, KeyPlace[]>();

  /** `rows` are the keysyms of the keycodes from 8 on. `find` ignores `reserved` keycodes. */
  constructor(rows: readonly (readonly number[])[], reserved: ReadonlySet<number> = new Set()) {
    this.#rows = rows;
    rows.forEach((_, i) => {
      const keycode = FIRST_KEYCODE + i;
      if (reserved.has(keycode)) return;
      for (let level = 0; level < LEVEL_COLUMNS.length; level++) {
        const keysym = this.keysymAt(keycode, level);
        if (keysym === 0) continue;
        const places = this.#places.get(keysym) ?? [];
        if (!places.some((place) => place.keycode === keycode)) places.push({ keycode, level });
        this.#places.set(keysym, places);
      }
    });
  }

  /** The keysym of a key at a level, or 0. */
  keysymAt(keycode: number, level: number): number {
    return this.#rows[keycode - FIRST_KEYCODE]?.[LEVEL_COLUMNS[level]!] ?? 0;
  }

  isFree(keycode: number): boolean {
    return this.#rows[keycode - FIRST_KEYCODE]?.every((keysym) => keysym === 0) ?? false;
  }

  rowOf(keycode: number): readonly number[] {
    return this.#rows[keycode - FIRST_KEYCODE] ?? [];
  }

  /**
   * Finds a key that types `keysym` while the modifiers of `level` are down, or else one that does with other
   * modifiers. Of equal ones it takes `preferred`, the physical key that the viewer's user pressed.
   */
  find(keysym: number, level: number, preferred: number): KeyPlace | undefined {
    const places = this.#places.get(keysym) ?? [];
    if (isFunctionKey(keysym)) {
      const plain = places.filter((place) => place.level === 0);
      const same = plain.find((place) => place.keycode === preferred) ?? plain[0];
      // All modifiers that are down belong to the command, such as Shift with Tab.
      if (same) return { keycode: same.keycode, level };
    }
    const usable = isKeypadText(keysym) ? places.filter((place) => place.level === 0) : places;
    const fitting = usable.filter((place) => place.level === level);
    return (
      fitting.find((place) => place.keycode === preferred) ??
      fitting[0] ??
      usable.find((place) => place.keycode === preferred) ??
      usable[0]
    );
  }
}

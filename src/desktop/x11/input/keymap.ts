import { isFunctionKey, isKeypadText } from './keysyms.ts';

/** X's keycodes begin here; a Linux (evdev) key code is 8 less than the X keycode of the same key. */
export const FIRST_KEYCODE = 8;
export const KEYCODE_COUNT = 248;

/** Bits of a level: which modifiers choose it. */
export const SHIFT = 1;
export const LEVEL3 = 2;

/** Where the core keymap keeps the levels of the first group; columns 2 and 3 are the second group's. */
const LEVEL_COLUMNS = [0, 1, 4, 5] as const;

export interface KeyPlace {
  readonly keycode: number;
  /** Modifiers that must be held for it: a combination of SHIFT and LEVEL3. */
  readonly level: number;
}

/** What GetKeyboardMapping told, made searchable. */
export class Keymap {
  readonly #rows: readonly (readonly number[])[];
  readonly #places = new Map<number, KeyPlace[]>();

  /** `rows` are the keysyms of keycode 8 and on; `reserved` keycodes are never found. */
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

  /** 0 where the key has nothing there. */
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
   * The key that types `keysym` while the modifiers of `level` are held, or else one that would with others.
   * `preferred` is the key the viewer's finger is on, taken where it does as well as any.
   */
  find(keysym: number, level: number, preferred: number): KeyPlace | undefined {
    const places = this.#places.get(keysym) ?? [];
    if (isFunctionKey(keysym)) {
      const plain = places.filter((place) => place.level === 0);
      const same = plain.find((place) => place.keycode === preferred) ?? plain[0];
      // Whatever else is held is part of the command, such as Shift with Tab.
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

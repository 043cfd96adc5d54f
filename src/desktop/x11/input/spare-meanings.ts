import { type Keymap, SHIFT } from './keymap.ts';
import type { SpareKeycodes } from './spare-keycodes.ts';

/**
 * What spare keycodes mean while they are not lent. A keycode that was free, and to which another program has given a
 * meaning, is that program's until it means nothing again.
 */
export class SpareMeanings {
  readonly #keycodes: SpareKeycodes;
  /** One keysym, or two: without and with Shift, or none. */
  readonly #meanings = new Map<number, readonly number[]>();

  constructor(keycodes: SpareKeycodes, keymap: Keymap) {
    this.#keycodes = keycodes;
    for (const keycode of keycodes.all) this.#meanings.set(keycode, meaningOf(keycode, keymap));
  }

  /** Keysyms of a keycode while it is not lent. */
  of(keycode: number): readonly number[] {
    return this.#meanings.get(keycode) ?? [];
  }

  /**
   * Learns what keycodes mean that are not lent. `isReplaced`: the whole keymap may be a new one, with launcher keys of
   * its own. Returns those that other programs, or a new layout, use.
   */
  learn(keymap: Keymap, isReplaced: boolean, lent: ReadonlySet<number>): ReadonlySet<number> {
    const used = new Set<number>();
    for (const keycode of this.#keycodes.all) {
      if (lent.has(keycode)) continue;
      const meaning = meaningOf(keycode, keymap);
      const isOwn = meaning.length === 0 || (isReplaced && this.#keycodes.seldomUsed.has(keycode));
      if (isOwn) this.#meanings.set(keycode, meaning);
      else if (!isSame(meaning, this.of(keycode))) used.add(keycode);
    }
    return used;
  }
}

function meaningOf(keycode: number, keymap: Keymap): readonly number[] {
  const keysyms = [0, SHIFT].map((level) => keymap.keysymAt(keycode, level, 0));
  return [...new Set(keysyms)].filter((keysym) => keysym !== 0);
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((keysym, i) => keysym === b[i]);

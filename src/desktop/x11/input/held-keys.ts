import { LEVEL3, LEVEL5, SHIFT } from './keymap.ts';
import { isCommandModifier, isLevel3, isLevel5, isShift } from './keysyms.ts';

/** A key that is down. The keycode that was pressed is the one that will be released. */
export interface HeldKey {
  readonly keysym: number;
  readonly keycode: number;
  /** The group that the press needs. Undefined if the group changes nothing. */
  readonly group: number | undefined;
  /** Modifiers that the press needs: SHIFT, LEVEL3, LEVEL5 and NUM. Undefined if they change nothing. */
  readonly level: number | undefined;
  /** Whether the locks must differ from the user's while the key is down. */
  readonly overridesLocks: boolean;
}

/** Identifies a key of one writer: the physical key if the viewer named it, else the keysym. */
export const keyId = (keysym: number, evdev: number): number => (evdev > 0 ? -evdev : keysym);

/** The keys that one writer holds down, by `keyId`. */
export class HeldKeys {
  readonly #keys = new Map<number, HeldKey>();

  get(id: number): HeldKey | undefined {
    return this.#keys.get(id);
  }

  set(id: number, key: HeldKey): void {
    this.#keys.set(id, key);
  }

  delete(id: number): void {
    this.#keys.delete(id);
  }

  clear(): void {
    this.#keys.clear();
  }

  [Symbol.iterator](): Iterator<HeldKey> {
    return this.#keys.values();
  }

  /** The level that this writer's own modifiers choose. */
  get level(): number {
    let level = 0;
    for (const { keysym } of this) {
      if (isShift(keysym)) level |= SHIFT;
      if (isLevel3(keysym)) level |= LEVEL3;
      if (isLevel5(keysym)) level |= LEVEL5;
    }
    return level;
  }

  /** Whether this writer holds Ctrl, Alt or another modifier that makes a key a command. */
  get isCommand(): boolean {
    for (const { keysym } of this) if (isCommandModifier(keysym)) return true;
    return false;
  }

  hasKeycode(keycode: number): boolean {
    for (const key of this) if (key.keycode === keycode) return true;
    return false;
  }
}

/** No keycode changes its meaning within this time of its last tap: programs may not have read that yet. */
export const REUSE_AFTER_MS = 500;

/**
 * Keycodes lent to keysyms that the keymap lacks. A keysym keeps its keycode until all others were used since,
 * so that a text of few different letters is bound once.
 */
export class SpareKeys {
  /** Least recently used first. */
  readonly #keys: { readonly keycode: number; keysym: number; usedAt: number }[];

  constructor(keycodes: readonly number[]) {
    this.#keys = keycodes.map((keycode) => ({ keycode, keysym: 0, usedAt: -REUSE_AFTER_MS }));
  }

  /** Keycodes that have a keysym at present. */
  get bound(): ReadonlyMap<number, number> {
    return new Map(
      this.#keys.filter(({ keysym }) => keysym !== 0).map(({ keycode, keysym }) => [keycode, keysym]),
    );
  }

  find(keysym: number): number | undefined {
    return this.#keys.find((key) => key.keysym === keysym)?.keycode;
  }

  /** Marks a keycode as in use now. */
  touch(keycode: number, now: number): void {
    const at = this.#keys.findIndex((key) => key.keycode === keycode);
    if (at < 0) return;
    const [key] = this.#keys.splice(at, 1);
    key!.usedAt = now;
    this.#keys.push(key!);
  }

  /** Lends a keycode to `keysym`; undefined while all are held down or were used too lately. */
  lend(keysym: number, now: number, isHeld: (keycode: number) => boolean): number | undefined {
    const key = this.#keys.find(({ keycode, usedAt }) => now - usedAt >= REUSE_AFTER_MS && !isHeld(keycode));
    if (!key) return undefined;
    key.keysym = keysym;
    this.touch(key.keycode, now);
    return key.keycode;
  }

  /** How long until a keycode can be lent, if none is held down. */
  waitMs(now: number): number {
    const oldest = this.#keys[0];
    return oldest ? Math.max(0, oldest.usedAt + REUSE_AFTER_MS - now) : REUSE_AFTER_MS;
  }

  /** Somebody else changed what `keycode` means. */
  forget(keycode: number): void {
    const key = this.#keys.find((candidate) => candidate.keycode === keycode);
    if (key) key.keysym = 0;
  }
}

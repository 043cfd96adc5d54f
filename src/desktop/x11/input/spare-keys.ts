/**
 * Milliseconds after its last tap for which a spare keycode keeps its keysym, unless the program is known to have read
 * the tap. A program that reads the tap later than this gets the next keysym instead, so a larger value tolerates
 * busier programs. Typing speed in such a program is the number of keysyms that can be lent divided by this time: with
 * 14 keycodes about 17 characters a second.
 */
export const REUSE_AFTER_MS = 1600;

/**
 * Milliseconds without a use after which a spare keycode is given back, so that other programs can use it. A larger
 * value binds the letters of a slow typist seldom; a smaller one leaves keycodes to other programs sooner.
 */
export const GIVE_BACK_AFTER_MS = 3000;
/**
 * The same for a keycode whose taps may not have been read yet: longer than a program has for its answer, so that one which
 * is very busy gets its characters.
 */
const GIVE_BACK_UNREAD_AFTER_MS = 30_000;

/**
 * Keycodes that no single writer can use up. Another writer always finds them, so that a long text of one viewer delays
 * an accented letter of another viewer only by the time that bindings take. They are missing for the long text.
 */
const RESERVED = 5;
/** A display with few free keycodes keeps a smaller reserve: this fraction of them. */
const RESERVED_PART = 1 / 8;

interface SpareKey {
  readonly keycode: number;
  /** Keysyms without and with Shift, equal if Shift makes no difference. Empty: not lent. */
  keysyms: readonly number[];
  usedAtMs: number;
  /** Whether programs had the time to learn the keysyms. */
  isSettled: boolean;
  /** The writer that it was last lent to. */
  writer: object | undefined;
}

export interface SparePlace {
  readonly keycode: number;
  /** As in `KeyPlace`; undefined if modifiers make no difference. */
  readonly level: number | undefined;
}

/**
 * Keycodes lent to keysyms that the keymap lacks. The least recently used keycode is lent first, so that a text of few
 * different characters binds each of them once. A keycode carries one keysym, or two keysyms: the second with Shift.
 */
export class SpareKeys {
  /** Least recently used first. */
  readonly #keys: SpareKey[];
  readonly #places = new Map<number, { readonly key: SpareKey; readonly place: SparePlace }>();
  readonly #mostPerWriter: number;
  /** Keycodes that other programs use. */
  #left: ReadonlySet<number> = new Set();
  /** Programs have read all taps until then. */
  #readUntilMs = Number.NEGATIVE_INFINITY;

  constructor(keycodes: readonly number[]) {
    this.#keys = keycodes.map((keycode) => ({
      keycode,
      keysyms: [],
      usedAtMs: -REUSE_AFTER_MS,
      isSettled: false,
      writer: undefined,
    }));
    const reserved = Math.min(RESERVED, Math.floor(keycodes.length * RESERVED_PART));
    this.#mostPerWriter = keycodes.length - reserved;
  }

  /** The keysyms of the keycodes that are lent. */
  get bound(): ReadonlyMap<number, readonly number[]> {
    const lent = this.#keys.filter(({ keysyms }) => keysyms.length > 0);
    return new Map(lent.map(({ keycode, keysyms }) => [keycode, keysyms]));
  }

  /** The place of a keysym that programs know. */
  find(keysym: number): SparePlace | undefined {
    const found = this.#places.get(keysym);
    return found?.key.isSettled ? found.place : undefined;
  }

  /** Whether a keycode is lent to this keysym, known to programs or not. */
  has(keysym: number): boolean {
    return this.#places.has(keysym);
  }

  /** Makes the keysyms of lent keycodes findable, once programs know them. */
  settle(keycodes: Iterable<number>): void {
    const settled = new Set(keycodes);
    for (const key of this.#keys) if (settled.has(key.keycode)) key.isSettled = true;
  }

  /** Marks a keycode as used now. Returns whether it is a spare one. */
  touch(keycode: number, nowMs: number): boolean {
    const at = this.#keys.findIndex((key) => key.keycode === keycode);
    if (at < 0) return false;
    const [key] = this.#keys.splice(at, 1);
    key!.usedAtMs = nowMs;
    this.#keys.push(key!);
    return true;
  }

  /** Programs have read all taps until a time. */
  read(untilMs: number): void {
    this.#readUntilMs = Math.max(this.#readUntilMs, untilMs);
  }

  /** Takes back the keycodes that have not been used for a while, and returns them. */
  giveBack(nowMs: number, isHeld: (keycode: number) => boolean): number[] {
    const unneeded = this.#keys.filter((key) => {
      const afterMs = key.usedAtMs < this.#readUntilMs ? GIVE_BACK_AFTER_MS : GIVE_BACK_UNREAD_AFTER_MS;
      return key.keysyms.length > 0 && nowMs - key.usedAtMs >= afterMs && !isHeld(key.keycode);
    });
    for (const key of unneeded) this.#unbind(key);
    return unneeded.map((key) => key.keycode);
  }

  /** Marks every keycode that is lent as used now: programs may have read none of their taps yet. */
  touchAll(nowMs: number): void {
    for (const key of this.#keys) if (key.keysyms.length > 0) key.usedAtMs = nowMs;
  }

  /**
   * Lends a keycode to one keysym or a pair, which `find` finds once `settle` was called. Undefined while every keycode
   * is held down or was used too recently.
   */
  lend(
    keysyms: readonly number[],
    writer: object,
    nowMs: number,
    isHeld: (keycode: number) => boolean,
  ): number | undefined {
    const key = this.#next(writer, nowMs, isHeld);
    if (!key || this.#waitMs(key, nowMs) > 0) return undefined;
    this.#unbind(key);
    key.keysyms = keysyms;
    key.writer = writer;
    key.isSettled = false;
    const { keycode } = key;
    keysyms.forEach((keysym, level) => {
      const place = { keycode, level: keysyms.length === 1 ? undefined : level };
      this.#places.set(keysym, { key, place });
    });
    this.touch(keycode, nowMs);
    return keycode;
  }

  /** Milliseconds until `lend` succeeds. Undefined if only a release of a key can help. */
  waitMs(writer: object, nowMs: number, isHeld: (keycode: number) => boolean): number | undefined {
    const key = this.#next(writer, nowMs, isHeld);
    return key && this.#waitMs(key, nowMs);
  }

  /** Other programs use these keycodes, and no others. They are not lent. */
  leave(keycodes: ReadonlySet<number>): void {
    this.#left = keycodes;
  }

  /** Another program has changed what `keycode` means. */
  forget(keycode: number): void {
    const key = this.#keys.find((candidate) => candidate.keycode === keycode);
    if (key) this.#unbind(key);
  }

  /** The keycode to lend next: one of the writer's own once the writer has used its share. */
  #next(writer: object, nowMs: number, isHeld: (keycode: number) => boolean): SpareKey | undefined {
    const isOwn = (key: SpareKey): boolean => key.writer === writer;
    const used = this.#keys.filter(
      (key) => isOwn(key) && (this.#waitMs(key, nowMs) > 0 || isHeld(key.keycode)),
    );
    const hasShare = used.length < this.#mostPerWriter;
    const isTaken = ({ keycode }: SpareKey): boolean => this.#left.has(keycode) || isHeld(keycode);
    return this.#keys.find((key) => !isTaken(key) && (hasShare || isOwn(key)));
  }

  /** Milliseconds until a keycode may get another meaning. */
  #waitMs({ usedAtMs }: SpareKey, nowMs: number): number {
    return usedAtMs < this.#readUntilMs ? 0 : Math.max(0, usedAtMs + REUSE_AFTER_MS - nowMs);
  }

  #unbind(key: SpareKey): void {
    for (const keysym of key.keysyms) this.#places.delete(keysym);
    key.keysyms = [];
  }
}

/**
 * Own presses and releases that are remembered until the X server is known to have carried them out. A larger value takes
 * more of them that wait in a slow server; a smaller one may take an own one for that of another program.
 */
const MOST_SENT = 4096;

/** A press or a release of a key. */
export interface KeyChange {
  readonly keycode: number;
  readonly isDown: boolean;
}

/**
 * The modifier keys that are down: those pressed here, and those that other programs hold, such as `xdotool keydown
 * shift`. The X server tells every change later, also those that were made here. What it tells and what was not sent
 * from here is another program's.
 */
export class ModifierKeys {
  /** Keys that are down after the last change that the X server has told. */
  readonly #told = new Set<number>();
  /** What was sent and may not have been carried out by then, oldest first. */
  #sent: (KeyChange & { readonly sequence: number })[] = [];
  readonly #down = new Set<number>();
  readonly #ofOthers = new Set<number>();

  /** `down` are the keys that other programs hold down already. */
  constructor(down: Iterable<number> = []) {
    for (const keycode of down)
      for (const keys of [this.#told, this.#down, this.#ofOthers]) keys.add(keycode);
  }

  /** Keys that are down once the X server has carried out all requests, as far as it is known. */
  get down(): ReadonlySet<number> {
    return this.#down;
  }

  /** Keys that other programs hold down. */
  get ofOthers(): ReadonlySet<number> {
    return this.#ofOthers;
  }

  /** The request with this number presses or releases a key. */
  sent(change: KeyChange, sequence: number): void {
    apply(change, this.#down);
    this.#sent.push({ ...change, sequence });
    if (this.#sent.length > MOST_SENT) apply(this.#sent.shift()!, this.#told);
  }

  /** The X server has told of all changes until it had carried out the request with this number. */
  confirmed(sequence: number): void {
    const later = this.#sent.findIndex((change) => change.sequence > sequence);
    const done = this.#sent.splice(0, later < 0 ? this.#sent.length : later);
    for (const change of done) apply(change, this.#told);
  }

  /**
   * The X server says that a key was pressed or released after it had carried out the request with this number. Returns
   * whether another program has done that. It does not own a key that is held here (`isHeldHere`), or that was released
   * here since: it may have released that, too, which the X server would not tell.
   */
  toldOfOther(change: KeyChange, sequence: number, isHeldHere: boolean): boolean {
    this.confirmed(sequence);
    const { keycode, isDown } = change;
    if (this.#told.has(keycode) === isDown) return false;
    apply(change, this.#told);
    this.#down.clear();
    for (const down of this.#told) this.#down.add(down);
    for (const later of this.#sent) apply(later, this.#down);
    if (isDown && !isHeldHere && this.#down.has(keycode)) this.#ofOthers.add(keycode);
    else this.#ofOthers.delete(keycode);
    return true;
  }
}

function apply({ keycode, isDown }: KeyChange, keys: Set<number>): void {
  if (isDown) keys.add(keycode);
  else keys.delete(keycode);
}

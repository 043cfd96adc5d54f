/** What `latest` and `put` return for none. */
export const NONE = 0;

/**
 * Slots that are tried for a hash. With a larger value, a picture that was painted for it makes the search slower. With
 * a smaller one, more of the anchors of other pictures have no place: at 16, less than 1 % if half of the slots are
 * taken.
 */
export const MOST_PROBES = 16;

/** The last entry of each hash: numbers of 1 to 65535 by hash. */
export class AnchorTable {
  readonly #hashes: Uint32Array;
  readonly #latest: Uint16Array;
  readonly #mask: number;
  readonly #shift: number;
  readonly #factor: number;

  /**
   * Slots for that many hashes. `factor` is an odd number that the slots of a hash depend on. It is random, so that a
   * program that draws on the screen cannot choose hashes that all have the same slots.
   */
  constructor(hashes: number, factor: number = Math.floor(Math.random() * 2 ** 31) * 2 + 1) {
    // Twice as many slots as hashes, so that probes stay short.
    const bits = Math.ceil(Math.log2(hashes)) + 1;
    this.#hashes = new Uint32Array(2 ** bits);
    this.#latest = new Uint16Array(2 ** bits);
    this.#mask = 2 ** bits - 1;
    this.#shift = 32 - bits;
    this.#factor = factor;
  }

  clear(): void {
    this.#latest.fill(NONE);
  }

  /** Returns the last entry of a hash, or NONE. */
  latest(hash: number): number {
    const slot = this.#slotOf(hash);
    return slot < 0 ? NONE : this.#latest[slot]!;
  }

  /** Makes `entry` the last one of a hash and returns the one before, or NONE. Skips a hash that finds no slot. */
  put(hash: number, entry: number): number {
    const slot = this.#slotOf(hash);
    if (slot < 0) return NONE;
    const before = this.#latest[slot]!;
    this.#hashes[slot] = hash;
    this.#latest[slot] = entry;
    return before;
  }

  /** Returns -1 if the slots that are tried for the hash all hold others. */
  #slotOf(hash: number): number {
    const first = Math.imul(hash, this.#factor) >>> this.#shift;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const slot = (first + probe) & this.#mask;
      if (this.#latest[slot] === NONE || this.#hashes[slot] === hash) return slot;
    }
    return -1;
  }
}

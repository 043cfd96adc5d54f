/** Counts what is open, for each key and in total. Keeps no entry for a key of which nothing is open. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Returns 0 for no key. */
  of(key: string | undefined): number {
    return key === undefined ? 0 : (this.#counts.get(key) ?? 0);
  }

  /** Adds one, without a key to the total alone. The returned function takes it back, once. */
  add(key: string | undefined): () => void {
    this.#total++;
    if (key !== undefined) this.#counts.set(key, this.of(key) + 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#total--;
      if (key === undefined) return;
      const left = this.of(key) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    };
  }
}

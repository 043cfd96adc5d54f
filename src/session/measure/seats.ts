/**
 * Gives each connection a small number that it keeps, and that is free again when it is gone. A metric with the ids of
 * connections would have a new series for each of them for ever.
 */
export class Seats {
  #taken = new Map<string, number>();

  /** The numbers of these connections, from 1 on. Those of others are free again. */
  of(ids: readonly string[]): ReadonlyMap<string, number> {
    const before = this.#taken;
    this.#taken = new Map();
    const used = new Set<number>();
    for (const id of ids) {
      const seat = before.get(id);
      if (seat === undefined) continue;
      this.#taken.set(id, seat);
      used.add(seat);
    }
    let next = 1;
    for (const id of ids) {
      if (this.#taken.has(id)) continue;
      while (used.has(next)) next++;
      this.#taken.set(id, next);
      used.add(next);
    }
    return this.#taken;
  }
}

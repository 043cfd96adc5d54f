import type { Offset } from '../motion.ts';

/** Votes for the distances by which content may have moved. */
export class OffsetVotes {
  readonly #votes = new Map<number, number>();

  clear(): void {
    this.#votes.clear();
  }

  add(dx: number, dy: number): void {
    // A signed number of 32 bits is a fast key. X coordinates end at 32767.
    const key = (dy << 16) | (dx & 0xffff);
    this.#votes.set(key, (this.#votes.get(key) ?? 0) + 1);
  }

  /** Returns the offsets with the most votes, at most `count`, each with at least `leastVotes`. */
  best(count: number, leastVotes: number): Offset[] {
    return [...this.#votes]
      .filter(([key, votes]) => votes >= leastVotes && key !== 0)
      .sort((a, b) => b[1] - a[1])
      .slice(0, count)
      .map(([key]) => ({ dx: (key << 16) >> 16, dy: key >> 16 }));
  }
}

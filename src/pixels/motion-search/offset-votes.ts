import type { Offset } from '../motion.ts';

/** X coordinates end at 32767, so this exceeds every distance. */
const RANGE = 0x10000;
const ZERO = RANGE / 2;

/** Votes for the distances by which content may have moved. */
export class OffsetVotes {
  readonly #votes = new Map<number, number>();

  clear(): void {
    this.#votes.clear();
  }

  add(dx: number, dy: number): void {
    const key = (dy + ZERO) * RANGE + dx + ZERO;
    this.#votes.set(key, (this.#votes.get(key) ?? 0) + 1);
  }

  /** Returns the offsets with the most votes, at most `count`, each with at least `leastVotes`. */
  best(count: number, leastVotes: number): Offset[] {
    return [...this.#votes]
      .filter(([key, votes]) => votes >= leastVotes && key !== ZERO * RANGE + ZERO)
      .sort((a, b) => b[1] - a[1])
      .slice(0, count)
      .map(([key]) => ({ dx: (key % RANGE) - ZERO, dy: Math.floor(key / RANGE) - ZERO }));
  }
}

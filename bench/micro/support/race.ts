import { createRandom } from '../../painter/random.ts';

/** Times of the runs of one candidate, in milliseconds. */
export interface Took {
  /** The time with the least other load. */
  readonly leastMs: number;
  readonly medianMs: number;
}

/** Rounds that warm up compiler and caches and are not counted. */
const WARM_UP_ROUNDS = 2;

/**
 * Runs all candidates round after round, so that other load affects each of them alike. A round runs each candidate
 * once, in a new order, because the candidate before has an effect, too. Runs as many rounds as fit into `budgetMs`,
 * and at least three.
 */
export async function race<Name extends string>(
  candidates: Readonly<Record<Name, () => unknown>>,
  budgetMs: number,
): Promise<Record<Name, Took>> {
  const names = Object.keys(candidates) as Name[];
  const random = createRandom(1);
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  let endMs = Number.POSITIVE_INFINITY;
  for (let round = -WARM_UP_ROUNDS; round < 3 || performance.now() < endMs; round++) {
    if (round === 0) endMs = performance.now() + budgetMs;
    for (const name of shuffled(names, random)) {
      const startMs = performance.now();
      await candidates[name]();
      if (round >= 0) times.get(name)!.push(performance.now() - startMs);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summary(times.get(name)!)])) as Record<Name, Took>;
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const places = items.map((item) => ({ item, place: random() }));
  return places.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

function summary(timesMs: readonly number[]): Took {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return { leastMs: sorted[0]!, medianMs: sorted[Math.floor(sorted.length / 2)]! };
}

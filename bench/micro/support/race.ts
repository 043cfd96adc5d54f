import { createRandom } from '../../painter/random.ts';

/** What runs of one thing took, in milliseconds. */
export interface Took {
  /** What it takes where nothing else is in its way. */
  readonly leastMs: number;
  readonly medianMs: number;
}

/** Rounds that warm up compiler and caches and are not counted. */
const WARM_UP_ROUNDS = 2;

/**
 * Runs all candidates round after round, so that whatever else the machine does hits each of them alike. A round runs each
 * once, in an order of its own, since what ran just before counts too; there are as many rounds as fit into `budgetMs`,
 * three at least.
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

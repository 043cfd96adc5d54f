import { createRandom } from '../painter/random.ts';

/** Draws parameters. Equal seeds and equal calls give equal results. */
export interface Dice {
  /** Returns an integer from `least` to `most`, both included. */
  integer(least: number, most: number): number;
  /** Returns true with this probability. */
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
}

export function createDice(seed: number): Dice {
  const random = createRandom(seed);
  const integer = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return {
    integer,
    chance: (probability) => random() < probability,
    pick: (choices) => choices[integer(0, choices.length - 1)]!,
  };
}

/** Largest seed. Seeds are printed and typed, so they are short. */
export const MAX_SEED = 999_999;

/** Returns the seed of one round of one workload: both servers get the same, every round another. */
export function roundSeed(seed: number, workload: string, round: number): number {
  // FNV-1a.
  let hash = 0x811c9dc5;
  for (const character of `${seed} ${workload} ${round}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  }
  return hash >>> 0;
}

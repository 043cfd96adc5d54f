import type { Dice } from '../../bench/scenes/dice.ts';

/** Takes note that a case has reached a part of the product. */
export type Reached = (what: string) => void;

/** A part of the product that takes bytes from outside, for fuzzing. */
export interface FuzzTarget {
  /** Name of its corpus folder, and the argument of `npm run fuzz`. */
  readonly name: string;
  /** Cases that a test run makes. More of them find rarer faults and take longer. */
  readonly cases: number;
  /**
   * What the made cases must reach, so that they test more than the first check of the part. A test asserts that enough
   * of them do.
   */
  readonly reaches: readonly string[];
  /** Loads what `make` and `run` need. Called once, before them. */
  prepare?(): Promise<void>;
  /** Makes an input: mostly a valid one that was then damaged. Equal dice make equal inputs. */
  make(dice: Dice): Uint8Array;
  /** Gives an input to the product. Throws if the product does anything but accept it, or refuse it with a code. */
  run(input: Uint8Array, reached: Reached): void;
}

/** For callers that do not count what is reached. */
export const ignoreReached: Reached = () => undefined;

/** Runs `work`, and returns its result. Returns undefined if it throws an error that `isRefusal` expects. */
export function resultOrRefusal<T>(work: () => T, isRefusal: (error: unknown) => boolean): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }
}

/** Returns the seed of one case. Neighbouring cases get unlike seeds. */
export function caseSeed(seed: number, index: number): number {
  return (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
}

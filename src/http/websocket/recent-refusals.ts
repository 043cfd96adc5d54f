import { BoundedMap } from '../../common/bounded-map.ts';
import type { Problem } from '../problems/errors.ts';

/** Refusals that are kept. A larger number takes memory; a smaller one leaves pages without a reason in a flood. */
const MAX_REFUSALS = 256;

/**
 * Time in ms for which a refusal is kept. Our page asks at once, on a slow link after some round trips. With a larger
 * value, a page may get the reason of another one at its address; with a smaller one, slow links get none.
 */
const KEPT_MS = 5000;

/** Why the WebSockets of pages were refused, which browsers do not tell them. Each reason is told once. */
export class RecentRefusals {
  readonly #nowMs: () => number;
  readonly #refusals = new BoundedMap<string, { readonly problem: Problem; readonly atMs: number }>(
    MAX_REFUSALS,
  );

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Keeps the reason for the browser with this address and `User-Agent`. */
  add(address: string, agent: string, problem: Problem): void {
    this.#refusals.set(keyOf(address, agent), { problem, atMs: this.#nowMs() });
  }

  /** The reason of the last refusal, which is forgotten then. */
  take(address: string, agent: string): Problem | undefined {
    const key = keyOf(address, agent);
    const found = this.#refusals.get(key);
    this.#refusals.delete(key);
    return found !== undefined && this.#nowMs() - found.atMs < KEPT_MS ? found.problem : undefined;
  }
}

const keyOf = (address: string, agent: string): string => `${address}\n${agent}`;

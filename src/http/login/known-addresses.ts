import { BoundedMap } from '../../common/bounded-map.ts';

/** Pairs of a name and an address, about 200 bytes each. With a smaller number, fewer users have a reserve. */
const MAX_PAIRS = 10_000;

/** Time in ms for which an address is known after a login. A larger value keeps reserves of addresses that changed. */
const KNOWN_FOR_MS = 30 * 24 * 60 * 60 * 1000;

/** Remembers which names have logged in from which addresses, in memory only. */
export class KnownAddresses {
  readonly #nowMs: () => number;
  /** Time of the last login by name and address. */
  readonly #lastMs = new BoundedMap<string, number>(MAX_PAIRS);

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  has(name: string, address: string): boolean {
    const lastMs = this.#lastMs.get(pairOf(name, address));
    return lastMs !== undefined && this.#nowMs() - lastMs < KNOWN_FOR_MS;
  }

  add(name: string, address: string): void {
    this.#lastMs.set(pairOf(name, address), this.#nowMs());
  }

  /** Forgets the addresses of a user who was removed. */
  forget(name: string): void {
    for (const [pair] of this.#lastMs) {
      if (pair.startsWith(pairOf(name, ''))) this.#lastMs.delete(pair);
    }
  }
}

/** A name has no colon. */
const pairOf = (name: string, address: string): string => `${name}:${address}`;

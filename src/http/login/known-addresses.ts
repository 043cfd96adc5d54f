import { BoundedMap } from '../../common/bounded-map.ts';
import type { KnownAddressFile, SavedPair } from './known-address-file.ts';

/** Pairs of a name and an address, about 200 bytes each. With a smaller number, fewer users have a reserve. */
const MAX_PAIRS = 10_000;

/** Newest pairs that outlive a restart, about 50 bytes each. A larger number holds up the main thread while it saves. */
const MAX_SAVED_PAIRS = 1_000;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Time in ms for which an address is known after a login. A larger value keeps reserves of addresses that changed. */
const KNOWN_FOR_MS = 30 * DAY_MS;

/** Error in ms of the time of a login. A larger value makes addresses unknown early; a smaller one saves more often. */
const EXACT_TO_MS = DAY_MS;

/** Time in ms from a change to its save. A larger value loses more in a crash; a smaller one writes more often. */
const SAVE_AFTER_MS = 5_000;

/** Remembers which names have logged in from which addresses. With a file, also after a restart. */
export class KnownAddresses {
  readonly #nowMs: () => number;
  readonly #file: KnownAddressFile | undefined;
  /** Time of the last login by name and address. */
  readonly #lastMs = new BoundedMap<string, number>(MAX_PAIRS);
  #saveTimer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  /** `nowMs` returns the time of a clock that is never set. */
  constructor(nowMs: () => number, file?: KnownAddressFile) {
    this.#nowMs = nowMs;
    this.#file = file;
    const offsetMs = this.#offsetMs();
    for (const [name, address, savedMs] of file?.read() ?? []) {
      // The clock may have been set since.
      this.#lastMs.set(pairOf(name, address), Math.min(savedMs - offsetMs, nowMs()));
    }
  }

  has(name: string, address: string): boolean {
    const lastMs = this.#lastMs.get(pairOf(name, address));
    return lastMs !== undefined && this.#nowMs() - lastMs < KNOWN_FOR_MS;
  }

  add(name: string, address: string): void {
    const pair = pairOf(name, address);
    const beforeMs = this.#lastMs.touch(pair);
    const nowMs = this.#nowMs();
    if (beforeMs !== undefined && nowMs - beforeMs < EXACT_TO_MS) return;
    this.#lastMs.set(pair, nowMs);
    this.#saveLater();
  }

  /** Forgets the addresses of users who were removed. */
  forget(names: ReadonlySet<string>): void {
    for (const [pair] of this.#lastMs) {
      if (!names.has(partsOf(pair)[0])) continue;
      this.#lastMs.delete(pair);
      this.#saveLater();
    }
  }

  /** Saves what has changed. */
  async close(): Promise<void> {
    if (this.#saveTimer !== undefined) this.#save();
    await this.#saving;
  }

  #saveLater(): void {
    if (this.#file === undefined) return;
    this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_AFTER_MS).unref();
  }

  #save(): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    const offsetMs = this.#offsetMs();
    const pairs = [...this.#lastMs].slice(-MAX_SAVED_PAIRS).map(([pair, lastMs]): SavedPair => {
      return [...partsOf(pair), Math.round(lastMs + offsetMs)];
    });
    this.#saving = this.#saving.then(() => this.#file?.write(pairs));
  }

  /** Milliseconds from the time of `nowMs` to the date. */
  #offsetMs(): number {
    return Date.now() - this.#nowMs();
  }
}

/** A name has no colon. */
const pairOf = (name: string, address: string): string => `${name}:${address}`;

function partsOf(pair: string): [name: string, address: string] {
  const colon = pair.indexOf(':');
  return [pair.slice(0, colon), pair.slice(colon + 1)];
}

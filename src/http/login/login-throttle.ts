import { BoundedMap } from '../../common/bounded-map.ts';

/** Rule for when failed logins begin to cost time, and how much. */
interface Rule {
  /** Failures that cost nothing. A larger number gives a guesser more tries; a smaller one slows down typing errors. */
  readonly freeFailures: number;
  /** Wait after the first failure that is not free. Each further failure doubles the wait. */
  readonly firstWaitMs: number;
  /** A larger value slows down a guesser more; with a smaller one a user who finds the right password waits less. */
  readonly maxWaitMs: number;
  /**
   * Time in which the count falls by one. A larger value slows down longer after failures; a smaller one allows more.
   */
  readonly decayMs: number;
  /** Whether a success forgets the failures, or only lets the next login through. */
  readonly successForgets: boolean;
}

/** One name from one address: a guesser elsewhere does not lock the real user out. Allows 2 guesses a minute. */
const NAME_RULE: Rule = {
  freeFailures: 2,
  firstWaitMs: 500,
  maxWaitMs: 30_000,
  decayMs: Number.POSITIVE_INFINITY,
  successForgets: true,
};

/**
 * All names from one address: a guesser who tries many names cannot keep the hashing thread busy. Allows 30 guesses a
 * minute. Mild, because many users may share one address behind a router or a proxy that is not trusted: their typing
 * errors decay, and their right passwords are checked one after the other without a wait. A success forgets no
 * failures, because a guesser may have an account.
 */
const ADDRESS_RULE: Rule = {
  freeFailures: 50,
  firstWaitMs: 100,
  maxWaitMs: 2_000,
  decayMs: 20_000,
  successForgets: false,
};

/** Time without a failure after which the failures are forgotten. A larger value counts old typing errors longer. */
const FORGET_AFTER_MS = 15 * 60_000;

/**
 * Entries remembered by each rule, about 150 bytes each. A guesser with more addresses than this is not slowed down.
 */
const MAX_KEYS = 10_000;

/**
 * Slows down failed logins. A caller that is about to check a password calls `delayMs`. If the result is not 0, the
 * caller waits or refuses the login. After the check, the caller reports `failed` or `succeeded`. Callers skip the
 * throttle for logins that `Accounts.verifiedBefore` knows, so that a guesser cannot slow down a user at the same
 * address.
 */
export class LoginThrottle {
  readonly #byName: Failures;
  readonly #byAddress: Failures;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#byName = new Failures(NAME_RULE, nowMs);
    this.#byAddress = new Failures(ADDRESS_RULE, nowMs);
  }

  /**
   * Time in ms until this login may be checked. 0 means now, and reserves the check: of several logins that wait at the
   * same time one is let through and the others get a new wait. Otherwise all could guess between two reports.
   */
  delayMs(name: string, address: string): number {
    const key = nameKey(name, address);
    const delayMs = Math.max(this.#byName.leftMs(key), this.#byAddress.leftMs(address));
    if (delayMs > 0) return delayMs;
    this.#byName.reserve(key);
    this.#byAddress.reserve(address);
    return 0;
  }

  failed(name: string, address: string): void {
    this.#byName.add(nameKey(name, address));
    this.#byAddress.add(address);
  }

  /** Forgets the failures of this name, and lets the next login of the address through. */
  succeeded(name: string, address: string): void {
    this.#byName.succeed(nameKey(name, address));
    this.#byAddress.succeed(address);
  }
}

const nameKey = (name: string, address: string): string => JSON.stringify([name, address]);

interface Entry {
  /** Failures, less those that have decayed. */
  count: number;
  /** Time up to which `count` has decayed. */
  decayedAtMs: number;
  lastAtMs: number;
  /** Time until which no login is let through, because one has failed. */
  waitUntilMs: number;
  /** The same, because one is being checked. */
  reservedUntilMs: number;
}

/** The failures by key, and the waits that follow from them. */
class Failures {
  readonly #rule: Rule;
  readonly #nowMs: () => number;
  /** The count from which the wait no longer grows. More failures are not counted, so that the count decays soon. */
  readonly #maxCount: number;
  readonly #entries = new BoundedMap<string, Entry>(MAX_KEYS);

  constructor(rule: Rule, nowMs: () => number) {
    const { freeFailures, firstWaitMs, maxWaitMs } = rule;
    this.#rule = rule;
    this.#nowMs = nowMs;
    this.#maxCount = freeFailures + 1 + Math.ceil(Math.log2(maxWaitMs / firstWaitMs));
  }

  leftMs(key: string): number {
    const entry = this.#recent(key);
    if (entry === undefined) return 0;
    const untilMs = Math.max(entry.waitUntilMs, entry.reservedUntilMs);
    return Math.max(0, Math.ceil(untilMs - this.#nowMs()));
  }

  reserve(key: string): void {
    const entry = this.#recent(key);
    if (entry !== undefined) entry.reservedUntilMs = this.#nowMs() + this.#waitMs(entry.count);
  }

  add(key: string): void {
    const nowMs = this.#nowMs();
    const { count = 0, decayedAtMs = nowMs } = this.#recent(key) ?? {};
    const newCount = Math.min(count + 1, this.#maxCount);
    this.#entries.set(key, {
      count: newCount,
      decayedAtMs,
      lastAtMs: nowMs,
      waitUntilMs: nowMs + this.#waitMs(newCount),
      reservedUntilMs: nowMs,
    });
  }

  succeed(key: string): void {
    if (this.#rule.successForgets) this.#entries.delete(key);
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.reservedUntilMs = this.#nowMs();
  }

  /** The entry with its count decayed until now. Undefined if its failures no longer count. */
  #recent(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const nowMs = this.#nowMs();
    const { decayMs } = this.#rule;
    const decayed = Math.floor((nowMs - entry.decayedAtMs) / decayMs);
    if (decayed > 0) {
      entry.count -= decayed;
      entry.decayedAtMs += decayed * decayMs;
    }
    if (entry.count > 0 && nowMs - entry.lastAtMs <= FORGET_AFTER_MS) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #waitMs(count: number): number {
    const { freeFailures, firstWaitMs, maxWaitMs } = this.#rule;
    const doublings = count - freeFailures - 1;
    return doublings < 0 ? 0 : Math.min(firstWaitMs * 2 ** doublings, maxWaitMs);
  }
}

/** Mistyping a password this often costs nothing. */
const FREE_FAILURES = 3;
/** The first wait; it doubles with every failure after. */
const FIRST_WAIT_MS = 500;
/** Longest wait: a guesser gets two tries a minute, a person who finds the right password is not locked out for long. */
const MAX_WAIT_MS = 30_000;
/** Without a failure for this long, a key starts anew. */
const FORGET_AFTER_MS = 15 * 60_000;
/** Keys remembered. A guesser with more addresses than this pushes out the oldest, at 150 bytes each. */
const MAX_KEYS = 10_000;

interface Failures {
  count: number;
  lastAtMs: number;
  /** Until when no attempt is let through. */
  waitUntilMs: number;
}

/** What is slowed down: one name from one address, so that a guesser elsewhere does not lock the real user out. */
export const throttleKey = (name: string, address: string): string => JSON.stringify([name, address]);

/**
 * Slows down failed logins. A caller that is about to check a password asks `delayMs` first and turns the login away, or
 * waits, when it is not 0; afterwards it reports `failed` or `succeeded`. A login that `Accounts.verifiedBefore` knows
 * is not asked about at all, so that a guesser at the same address cannot slow down who is right.
 */
export class LoginThrottle {
  /** The least recently failed first. */
  readonly #failures = new Map<string, Failures>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /**
   * How long until this key may try, in ms; 0 lets it through now. Of several that ask at once, a key that has used up
   * its free failures gets one through and the others wait, else they could all guess between two reports.
   */
  delayMs(key: string): number {
    const failures = this.#failures.get(key);
    if (failures === undefined) return 0;
    const now = this.#nowMs();
    if (now - failures.lastAtMs > FORGET_AFTER_MS) {
      this.#failures.delete(key);
      return 0;
    }
    if (failures.waitUntilMs > now) return Math.ceil(failures.waitUntilMs - now);
    failures.waitUntilMs = now + waitMs(failures.count);
    return 0;
  }

  failed(key: string): void {
    const now = this.#nowMs();
    const before = this.#failures.get(key);
    const count = before === undefined || now - before.lastAtMs > FORGET_AFTER_MS ? 1 : before.count + 1;
    this.#failures.delete(key);
    this.#failures.set(key, { count, lastAtMs: now, waitUntilMs: now + waitMs(count) });
    if (this.#failures.size > MAX_KEYS) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}

function waitMs(failures: number): number {
  return failures < FREE_FAILURES
    ? 0
    : Math.min(FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES), MAX_WAIT_MS);
}

import { createHmac, randomBytes } from 'node:crypto';
import { BoundedMap } from '../common/bounded-map.ts';
import type { HashThread } from './hash-thread.ts';
import { decoyHash, type HashCost } from './password-hash.ts';

/**
 * Verified logins that are remembered, 44 characters each. A smaller number hashes logins again when many are in use.
 */
const MAX_REMEMBERED = 4096;

interface Check {
  readonly result: Promise<boolean>;
  readonly abort: AbortController;
  waiting: number;
}

/**
 * Verifies passwords, each login once: a valid login is remembered, and the same login in several requests at once,
 * as a browser sends them when it loads a page, is hashed once.
 */
export class LoginChecker {
  readonly #thread: HashThread;
  /** Key of the remembered logins, in this process only. */
  readonly #key = randomBytes(32);
  /** Keys of valid logins, the least recently used first. */
  readonly #remembered = new BoundedMap<string, true>(MAX_REMEMBERED);
  readonly #checks = new Map<string, Check>();
  readonly #decoy: string;

  constructor(thread: HashThread, cost: HashCost) {
    this.#thread = thread;
    this.#decoy = decoyHash(cost);
  }

  /** Whether this login was valid before. The hash is part of the key, so that a changed password is unknown. */
  remembers(name: string, password: string, hash: string): boolean {
    return this.#remembered.touch(this.#keyOf(name, password, hash)) !== undefined;
  }

  /** Without `hash`, the user is unknown: the check takes as long and is always false. */
  async check(
    name: string,
    password: string,
    hash: string | undefined,
    signal?: AbortSignal,
  ): Promise<boolean> {
    signal?.throwIfAborted();
    const key = this.#keyOf(name, password, hash ?? this.#decoy);
    if (this.#remembered.touch(key)) return true;

    let check = this.#checks.get(key);
    if (check === undefined) {
      const abort = new AbortController();
      const result = this.#thread
        .verify(password, hash ?? this.#decoy, abort.signal)
        .then((fits) => {
          if (!fits || hash === undefined) return false;
          this.#remembered.set(key, true);
          return true;
        })
        .finally(() => {
          if (this.#checks.get(key) === check) this.#checks.delete(key);
        });
      check = { result, abort, waiting: 0 };
      this.#checks.set(key, check);
    }
    return this.#wait(key, check, signal);
  }

  /** Waits for a check that several callers share. The check is aborted when the last one leaves. */
  async #wait(key: string, check: Check, signal: AbortSignal | undefined): Promise<boolean> {
    check.waiting++;
    if (signal === undefined) return check.result;
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = () => {
      reject(signal.reason);
      if (--check.waiting > 0) return;
      this.#checks.delete(key);
      check.abort.abort();
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([check.result, left]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #keyOf(name: string, password: string, hash: string): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([name, password, hash]))
      .digest('base64');
  }
}

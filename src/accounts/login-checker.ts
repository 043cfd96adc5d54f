import { createHmac, randomBytes } from 'node:crypto';
import { BoundedMap } from '../common/bounded-map.ts';
import type { HashThreads } from './hash-threads.ts';
import { LoginDecoys } from './login-decoys.ts';
import { decoyHash, type HashCost } from './password-hash.ts';
import type { StoredUser } from './store-state.ts';

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
  readonly #threads: HashThreads;
  /** Key of the remembered logins, in this process only. */
  readonly #key = randomBytes(32);
  /** Keys of valid logins, the least recently used first. */
  readonly #remembered = new BoundedMap<string, true>(MAX_REMEMBERED);
  readonly #checks = new Map<string, Check>();
  readonly #decoys: LoginDecoys;

  constructor(threads: HashThreads, cost: HashCost) {
    this.#threads = threads;
    this.#decoys = new LoginDecoys(decoyHash(cost));
  }

  /** Whether this login was valid before. The hash is part of the key, so that a changed password is unknown. */
  remembers(name: string, password: string, hash: string): boolean {
    return this.#remembered.touch(this.#keyOf(name, password, hash)) !== undefined;
  }

  /** Whether `users` has this name with this password. Takes as long for each name, also for one that it lacks. */
  async check(
    name: string,
    password: string,
    users: ReadonlyMap<string, StoredUser>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    signal?.throwIfAborted();
    const known = users.get(name)?.hash;
    const hash = known ?? this.#decoys.forUnknown;
    const key = this.#keyOf(name, password, hash);
    if (this.#remembered.touch(key)) return true;

    let check = this.#checks.get(key);
    if (check === undefined) {
      const abort = new AbortController();
      const result = this.#threads
        .verify(password, hash, abort.signal, this.#decoys.besides(hash, users))
        .then((fits) => {
          if (!fits || known === undefined) return false;
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

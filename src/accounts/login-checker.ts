import { createHmac, randomBytes } from 'node:crypto';
import { BoundedMap } from '../common/bounded-map.ts';
import type { HashThread } from './hash-thread.ts';
import { decoyHash, type HashCost } from './password.ts';

/** Logins remembered as verified. Each is 44 characters; people and scripts in use at a time are far fewer. */
const MAX_REMEMBERED = 4096;

interface Check {
  readonly result: Promise<boolean>;
  readonly abort: AbortController;
  waiting: number;
}

/**
 * Says whether a password fits a hash, and works that out once: a login that fitted is remembered, and the same login
 * asked for several times at once, as a browser does when it loads a page, is one hash.
 */
export class LoginChecker {
  readonly #thread: HashThread;
  /** Known to this process alone: what is remembered is worth nothing in a core dump without it. */
  readonly #key = randomBytes(32);
  /** Keys of logins that fitted, the least recently used first. */
  readonly #remembered = new BoundedMap<string, true>(MAX_REMEMBERED);
  readonly #checks = new Map<string, Check>();
  readonly #decoy: string;

  constructor(thread: HashThread, cost: HashCost) {
    this.#thread = thread;
    this.#decoy = decoyHash(cost);
  }

  /** Whether this login fitted before. The hash is part of the key, so another password or a new hash makes it unknown. */
  remembers(name: string, password: string, hash: string): boolean {
    return this.#remembered.touch(this.#keyOf(name, password, hash)) !== undefined;
  }

  /** `hash` undefined is an unknown user: as long in coming, and always false. */
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

  /** One asker may leave without taking the check from the others; with the last one it is dropped. */
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

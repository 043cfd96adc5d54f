import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Accounts } from '../../src/accounts/accounts.ts';
import type { User } from '../../src/accounts/user.ts';
import { Login } from '../../src/http/login/login.ts';
import { Peers } from '../../src/http/origin/peers.ts';

/** Time of one check in the tests, about that of argon2id. */
export const CHECK_MS = 25;
export const MINUTE_MS = 60_000;

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** One guess or login of a test. */
interface Try {
  readonly name: string;
  readonly password: string;
  readonly address?: string;
  readonly cookie?: string;
  readonly signal?: AbortSignal;
  /** The connection. By default each try has its own. */
  readonly socket?: object;
}

/** A login above accounts whose right password is "right", with a clock that the test sets. */
export function timedLogin() {
  let nowMs = 0;
  let sleepers: Sleeper[] = [];
  const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const sleeper = { atMs: nowMs + ms, wake: resolve };
      sleepers.push(sleeper);
      const abort = (): void => {
        sleepers = sleepers.filter((one) => one !== sleeper);
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  const limit = new AbortController();
  const clock = { nowMs: () => nowMs, sleep, timeout: () => limit.signal };
  let checkMs = CHECK_MS;
  /** The names whose passwords were checked, in order. */
  const checked: string[] = [];
  const users = new Map<string, User>();
  let comparisons = 0;
  const verifiedBefore = (name: string, password: string): User | undefined => {
    comparisons++;
    return password === 'right' ? users.get(name) : undefined;
  };
  const accounts = Object.assign(new EventEmitter(), {
    get: (name: string) => users.get(name),
    refresh: () => {},
    ifPasswordUnchanged: (user: User): User | undefined => users.get(user.name),
    verifiedBefore,
    verify: async (name: string, password: string, signal: AbortSignal): Promise<User | undefined> => {
      const remembered = verifiedBefore(name, password);
      if (remembered !== undefined) return remembered;
      checked.push(name);
      await sleep(checkMs, signal);
      if (password !== 'right') return undefined;
      const user = { name, read: true, write: true, owner: true };
      users.set(name, user);
      return user;
    },
  });
  const login = new Login(accounts as unknown as Accounts, new Peers([]), { clock });
  const requestOf = ({ name, password, address = '10.0.0.1', cookie, socket = {} }: Try): IncomingMessage => {
    const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
    return {
      headers: { authorization, cookie },
      socket: Object.assign(socket, { remoteAddress: address }),
    } as unknown as IncomingMessage;
  };
  /** Lets microtasks run. */
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 30; i++) await Promise.resolve();
  };
  return {
    login,
    accounts,
    limit,
    checked,
    /** How often a password was compared with those that were right before. */
    comparisons: () => comparisons,
    requestOf,
    settle,
    now: () => nowMs,
    stall: () => {
      checkMs = Number.POSITIVE_INFINITY;
    },
    /** Tries to log in. Resolves with 'let in' or the code of the refusal. */
    async tryIt(one: Try): Promise<string> {
      try {
        await login.byPassword(requestOf(one), one.signal);
        return 'let in';
      } catch (error) {
        const { code } = error as { code?: unknown };
        return typeof code === 'string' ? code : String(error);
      }
    },
    /** Lets time pass until `result` is there, from one waiter to the next. */
    async run<T>(result: Promise<T>): Promise<T> {
      let isOver = false;
      const over = result.finally(() => {
        isOver = true;
      });
      over.catch(() => {});
      for (;;) {
        await settle();
        if (isOver) return over;
        const atMs = Math.min(...sleepers.map((sleeper) => sleeper.atMs));
        assert.ok(Number.isFinite(atMs), 'time does not help');
        nowMs = Math.max(nowMs, atMs);
        const due = sleepers.filter((sleeper) => sleeper.atMs <= nowMs);
        sleepers = sleepers.filter((sleeper) => sleeper.atMs > nowMs);
        for (const { wake } of due) wake();
      }
    },
    /** A timer for the test itself, which `run` moves too. */
    after: (ms: number): Promise<void> => sleep(ms, new AbortController().signal),
  };
}

type TimedLogin = ReturnType<typeof timedLogin>;

export const guess = (name: string, address?: string): Try => ({
  name,
  password: `wrong ${Math.random()}`,
  ...(address !== undefined && { address }),
});
export const count = (codes: readonly string[], code: string): number =>
  codes.filter((one) => one === code).length;

/** A guesser who tries one password after the other at ada until the time is over. Counts the guesses checked. */
export async function guessFor(
  setup: TimedLogin,
  ms: number,
  address?: string,
  signal?: AbortSignal,
): Promise<number> {
  const endMs = setup.now() + ms;
  let checks = 0;
  while (setup.now() < endMs && signal?.aborted !== true) {
    const code = await setup.tryIt(guess('ada', address));
    if (code === 'HTTP_LOGIN_NEEDED') checks++;
    else await setup.after(1000);
  }
  return checks;
}

import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Accounts } from '../../accounts/accounts.ts';
import type { User, UserChanged } from '../../accounts/user.ts';
import type { Peers } from '../origin/peers.ts';
import { httpProblem, Problem } from '../problems/errors.ts';
import { parseBasic } from './basic-credentials.ts';
import { LoginCookies } from './login-cookies.ts';
import { LoginThrottle } from './login-throttle.ts';

/**
 * Longest delay after failed logins that a login waits for in the server. A login that has to wait longer is refused. A
 * larger value keeps more connections of a guesser open; a smaller one shows an error to a user who mistyped a
 * password.
 */
const MAX_DELAY_MS = 2000;

/**
 * Longest time for which a login waits in all: for its delay and for logins of the same address that are checked before
 * it. A larger value keeps more connections of a guesser open; a smaller one refuses users who log in at the same time.
 */
const MAX_WAIT_MS = 5000;

/**
 * Longest time between two looks of a waiting login at whether it may be checked: the check before it may end at any
 * time. A larger value lets several users at one address in more slowly; a smaller one costs more for a guesser who
 * keeps many logins waiting.
 */
const LOOK_AGAIN_MS = 25;

/**
 * Longest time for which a login waits and is checked. 256 checks that wait take 6 s with argon2id, and a thread that
 * hangs is replaced after 15 s. With a larger value a caller waits longer for a server that checks no password; a
 * smaller one refuses logins on a loaded machine.
 */
const LOGIN_LIMIT_MS = 20_000;

/** Time as Login needs it. */
export interface LoginClock {
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  /** Resolves after a time. Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Creates a signal that aborts after a time. */
  timeout(ms: number): AbortSignal;
}

const REAL_CLOCK: LoginClock = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  timeout: (ms) => AbortSignal.timeout(ms),
};

/** Finds the user that sends a request. */
export class Login {
  readonly #accounts: Accounts;
  readonly #peers: Peers;
  readonly #cookies = new LoginCookies();
  readonly #throttle: LoginThrottle;
  readonly #clock: LoginClock;

  constructor(accounts: Accounts, peers: Peers, clock: LoginClock = REAL_CLOCK) {
    this.#accounts = accounts;
    this.#peers = peers;
    this.#clock = clock;
    this.#throttle = new LoginThrottle(clock.nowMs);
    accounts.on('changed', this.#onChanged);
  }

  close(): void {
    this.#accounts.off('changed', this.#onChanged);
  }

  /**
   * The user whose name and password the request carries. Throws a Problem if they are missing or wrong, or if the
   * check takes too long. When `signal` aborts, the login gives up its place among the checks that wait.
   */
  async byPassword(request: IncomingMessage, signal?: AbortSignal): Promise<User> {
    const credentials = parseBasic(request.headers.authorization);
    if (credentials === undefined) throw loginNeeded(request);
    const { name, password } = credentials;
    const known = this.#accounts.verifiedBefore(name, password);
    if (known !== undefined) return known;

    const limit = this.#clock.timeout(LOGIN_LIMIT_MS);
    const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    try {
      return await this.#check(name, password, request, stop);
    } catch (error) {
      if (limit.aborted && stop.reason === limit.reason && !(error instanceof Problem)) {
        throw httpProblem('HTTP_LOGIN_TIMED_OUT', undefined, { cause: error });
      }
      throw error;
    }
  }

  /** Waits for the throttle, then checks the password. */
  async #check(name: string, password: string, request: IncomingMessage, stop: AbortSignal): Promise<User> {
    const address = this.#peers.address(request);
    await this.#wait(name, address, request, stop);
    const user = await this.#accounts.verify(name, password, stop);
    if (user === undefined) {
      this.#throttle.failed(name, address);
      throw loginNeeded(request);
    }
    this.#throttle.succeeded(name, address);
    return user;
  }

  /** The user whose login cookie the request carries. Some browsers send no password with a WebSocket. */
  byCookie(request: IncomingMessage): User | undefined {
    // Makes the cookies of users invalid whom another process has removed. The file system may give no notice of that.
    this.#accounts.refresh();
    const name = this.#cookies.userOf(request.headers.cookie, portOf(request));
    return name === undefined ? undefined : this.#accounts.get(name);
  }

  /** By cookie if there is a valid one, else by password. For the page's files and WebSockets, not for the API. */
  async byCookieOrPassword(request: IncomingMessage): Promise<User> {
    return this.byCookie(request) ?? (await this.byPassword(request));
  }

  /** A `Set-Cookie` value with which the browser logs in from now on, instead of the password. */
  cookieFor(user: User, request: IncomingMessage): string {
    return this.#cookies.issue(user.name, portOf(request));
  }

  /** Delays a login that follows failed ones. Throws a Problem if that takes too long. */
  async #wait(name: string, address: string, request: IncomingMessage, stop: AbortSignal): Promise<void> {
    const startMs = this.#clock.nowMs();
    for (;;) {
      const delayMs = this.#throttle.delayMs(name, address);
      if (delayMs === 0) return;
      const leftMs = startMs + MAX_WAIT_MS - this.#clock.nowMs();
      // A delay may end early, when the login that is being checked succeeds.
      if (delayMs > MAX_DELAY_MS || leftMs <= 0) throw tooManyLogins(request, delayMs);
      await this.#clock.sleep(Math.min(delayMs, leftMs, LOOK_AGAIN_MS), stop);
    }
  }

  #onChanged = (changes: UserChanged[]): void => {
    for (const { name, user, passwordChanged } of changes) {
      if (user === undefined || passwordChanged) this.#cookies.forget(name);
    }
  };
}

const portOf = (request: IncomingMessage): number => request.socket.localPort ?? 0;

function loginNeeded(request: IncomingMessage): Problem {
  return httpProblem('HTTP_LOGIN_NEEDED', undefined, { headers: challenge(request) });
}

/** Has status 401 as well, so that it does not tell whether the password is right, and a browser asks again. */
function tooManyLogins(request: IncomingMessage, delayMs: number): Problem {
  const seconds = String(Math.ceil(delayMs / 1000));
  const headers = { ...challenge(request), 'Retry-After': seconds };
  return httpProblem('HTTP_TOO_MANY_LOGINS', `Too many wrong passwords; try again in ${seconds} s.`, {
    headers,
  });
}

/** A navigation gets the browser's dialog. A page's own script gets no challenge, because its call would hang on it. */
function challenge(request: IncomingMessage): Record<string, string> {
  const mode = request.headers['sec-fetch-mode'];
  return mode === undefined || mode === 'navigate' ? { 'WWW-Authenticate': 'Basic realm="Deskwire"' } : {};
}

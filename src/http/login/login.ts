import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Accounts } from '../../accounts/accounts.ts';
import type { User, UserChanged } from '../../accounts/user.ts';
import type { Peers } from '../origin/peers.ts';
import { httpProblem, type Problem } from '../problems/errors.ts';
import { parseBasic } from './basic-credentials.ts';
import { LoginCookies } from './login-cookies.ts';
import { LoginThrottle } from './login-throttle.ts';

/**
 * Longest time for which a login waits in the server. A login that has to wait longer is refused. A larger value keeps
 * more connections of a guesser open; a smaller one shows an error to a user who mistyped a password.
 */
const MAX_WAIT_MS = 2000;

/** Finds the user that sends a request. */
export class Login {
  readonly #accounts: Accounts;
  readonly #peers: Peers;
  readonly #cookies = new LoginCookies();
  readonly #throttle = new LoginThrottle();

  constructor(accounts: Accounts, peers: Peers) {
    this.#accounts = accounts;
    this.#peers = peers;
    accounts.on('changed', this.#onChanged);
  }

  close(): void {
    this.#accounts.off('changed', this.#onChanged);
  }

  /** The user whose name and password the request carries. Throws a Problem if they are missing or wrong. */
  async byPassword(request: IncomingMessage, signal?: AbortSignal): Promise<User> {
    const credentials = parseBasic(request.headers.authorization);
    if (credentials === undefined) throw loginNeeded(request);
    const { name, password } = credentials;
    const known = this.#accounts.verifiedBefore(name, password);
    if (known !== undefined) return known;

    const address = this.#peers.address(request);
    await this.#wait(name, address, request, signal);
    const user = await this.#accounts.verify(name, password, signal);
    if (user === undefined) {
      this.#throttle.failed(name, address);
      throw loginNeeded(request);
    }
    this.#throttle.succeeded(name, address);
    return user;
  }

  /** The user whose login cookie the request carries. Some browsers send no password with a WebSocket. */
  byCookie(request: IncomingMessage): User | undefined {
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

  /** Delays a login that follows failed ones. Throws a Problem if the delay would exceed MAX_WAIT_MS. */
  async #wait(
    name: string,
    address: string,
    request: IncomingMessage,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let waitedMs = 0;
    for (;;) {
      const delayMs = this.#throttle.delayMs(name, address);
      if (delayMs === 0) return;
      if (waitedMs + delayMs > MAX_WAIT_MS) throw tooManyLogins(request, delayMs);
      await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
      waitedMs += delayMs;
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

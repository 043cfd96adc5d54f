import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Accounts } from '../../accounts/accounts.ts';
import type { User, UserChanged } from '../../accounts/user.ts';
import type { Peers } from '../origin/peers.ts';
import { httpProblem, type Problem } from '../problems/errors.ts';
import { parseBasic } from './basic-credentials.ts';
import { LoginCookies } from './cookies.ts';
import { LoginThrottle, throttleKey } from './throttle.ts';

/** A login that must wait no longer than this is held, so that a person who mistyped notices nothing. */
const MAX_HELD_MS = 2000;

/** Who sends a request. */
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

  /** The user whose name and password the request carries. Throws the Problem that refuses anybody else. */
  async byPassword(request: IncomingMessage, signal?: AbortSignal): Promise<User> {
    const credentials = parseBasic(request.headers.authorization);
    if (credentials === undefined) throw loginNeeded(request);
    const { name, password } = credentials;
    const known = this.#accounts.verifiedBefore(name, password);
    if (known !== undefined) return known;

    const key = throttleKey(name, this.#peers.address(request));
    await this.#wait(key, request, signal);
    const user = await this.#accounts.verify(name, password, signal);
    if (user === undefined) {
      this.#throttle.failed(key);
      throw loginNeeded(request);
    }
    this.#throttle.succeeded(key);
    return user;
  }

  /** The user whose login cookie the request carries: some browsers send no password with a WebSocket. */
  byCookie(request: IncomingMessage): User | undefined {
    const name = this.#cookies.userOf(request.headers.cookie, portOf(request));
    return name === undefined ? undefined : this.#accounts.get(name);
  }

  /** By cookie if it will do, else by password. The page's assets and WebSockets come this way, not the API. */
  async byCookieOrPassword(request: IncomingMessage): Promise<User> {
    return this.byCookie(request) ?? (await this.byPassword(request));
  }

  /** A `Set-Cookie` value that the browser shows in place of the password from now on. */
  cookieFor(user: User, request: IncomingMessage): string {
    return this.#cookies.issue(user.name, portOf(request));
  }

  /** Holds a login that follows wrong ones for a while, and turns it away where that would take long. */
  async #wait(key: string, request: IncomingMessage, signal: AbortSignal | undefined): Promise<void> {
    let heldMs = 0;
    for (;;) {
      const delayMs = this.#throttle.delayMs(key);
      if (delayMs === 0) return;
      if (heldMs + delayMs > MAX_HELD_MS) throw tooManyLogins(request, delayMs);
      await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
      heldMs += delayMs;
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

/** A 401 too: whether the password is right is not said, and a browser asks again. */
function tooManyLogins(request: IncomingMessage, delayMs: number): Problem {
  const seconds = String(Math.ceil(delayMs / 1000));
  const headers = { ...challenge(request), 'Retry-After': seconds };
  return httpProblem('HTTP_TOO_MANY_LOGINS', `Too many wrong passwords; try again in ${seconds} s.`, {
    headers,
  });
}

/** A navigation gets the browser's dialog; a page's own script must not, since its call would hang on it. */
function challenge(request: IncomingMessage): Record<string, string> {
  const mode = request.headers['sec-fetch-mode'];
  return mode === undefined || mode === 'navigate' ? { 'WWW-Authenticate': 'Basic realm="Deskwire"' } : {};
}

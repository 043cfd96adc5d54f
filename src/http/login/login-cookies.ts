import { randomBytes } from 'node:crypto';
import { BoundedMap } from '../../common/bounded-map.ts';

/** Tokens of all users; more push out the oldest. A larger number takes memory, a smaller one logs open pages out. */
const MAX_TOKENS = 10_000;

/** Tokens of one user. A larger number lets one user who reloads push out others, a smaller one logs own tabs out. */
const MAX_TOKENS_PER_USER = 100;

/** After this time the browser sends the password again, without asking the user. A stolen token is valid as long. */
const LIFETIME_MS = 24 * 60 * 60 * 1000;

interface Token {
  readonly user: string;
  readonly expiresMs: number;
}

/** Random login tokens of pages, in memory only. A token is forgotten with its user and when the password changes. */
export class LoginCookies {
  readonly #now: () => number;
  readonly #tokens = new BoundedMap<string, Token>(MAX_TOKENS);

  /** `now` returns ms of a clock that is never set. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A `Set-Cookie` value that logs `user` in at this port. */
  issue(user: string, port: number): string {
    const own: string[] = [];
    for (const [value, token] of this.#tokens) {
      if (token.expiresMs <= this.#now()) this.#tokens.delete(value);
      else if (token.user === user) own.push(value);
    }
    if (own.length >= MAX_TOKENS_PER_USER) this.#tokens.delete(own[0]!);
    const value = randomBytes(24).toString('base64url');
    this.#tokens.set(value, { user, expiresMs: this.#now() + LIFETIME_MS });
    return `${cookieName(port)}=${value}; Path=/; HttpOnly; Secure; SameSite=Strict`;
  }

  /** The user whose token for this port is in a `Cookie` header. */
  userOf(header: string | undefined, port: number): string | undefined {
    if (header === undefined) return undefined;
    const name = cookieName(port);
    for (const pair of header.split(';')) {
      const equals = pair.indexOf('=');
      if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
      const token = this.#tokens.get(pair.slice(equals + 1).trim());
      if (token !== undefined && token.expiresMs > this.#now()) return token.user;
    }
    return undefined;
  }

  /** Makes all tokens of a user invalid. */
  forget(user: string): void {
    for (const [value, token] of this.#tokens) {
      if (token.user === user) this.#tokens.delete(value);
    }
  }
}

/** Has the port in it, because browsers send a cookie to all ports of a host, and another may serve a desktop too. */
const cookieName = (port: number): string => `__Host-deskwire-${port}`;

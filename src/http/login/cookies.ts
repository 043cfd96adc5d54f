import { randomBytes } from 'node:crypto';

/** More tokens than this push out the oldest: enough for every tab of a large class, little enough to keep. */
const MAX_TOKENS = 10_000;
/** One user's share, so that nobody pushes out the others by reloading. */
const MAX_TOKENS_PER_USER = 100;
/** After this a page must show a password again, which a browser does by itself. */
const LIFETIME_MS = 24 * 60 * 60 * 1000;

interface Token {
  readonly user: string;
  readonly expiresMs: number;
}

/** Login tokens of pages: random, in memory only, forgotten when the user's password changes or the user goes. */
export class LoginCookies {
  readonly #now: () => number;
  /** By insertion, so the first is the oldest. */
  readonly #tokens = new Map<string, Token>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A `Set-Cookie` value that logs `user` in at this port. */
  issue(user: string, port: number): string {
    let own = 0;
    let oldestOwn: string | undefined;
    for (const [value, token] of this.#tokens) {
      if (token.expiresMs <= this.#now()) this.#tokens.delete(value);
      else if (token.user === user) {
        own += 1;
        oldestOwn ??= value;
      }
    }
    if (own >= MAX_TOKENS_PER_USER && oldestOwn !== undefined) this.#tokens.delete(oldestOwn);
    else if (this.#tokens.size >= MAX_TOKENS) {
      const oldest = this.#tokens.keys().next().value;
      if (oldest !== undefined) this.#tokens.delete(oldest);
    }
    const value = randomBytes(24).toString('base64url');
    this.#tokens.set(value, { user, expiresMs: this.#now() + LIFETIME_MS });
    return `${cookieName(port)}=${value}; Path=/; HttpOnly; Secure; SameSite=Strict`;
  }

  /** Whose token for this port a `Cookie` header carries. */
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

  forget(user: string): void {
    for (const [value, token] of this.#tokens) {
      if (token.user === user) this.#tokens.delete(value);
    }
  }
}

/** Browsers share cookies among all ports of a host, where another desktop may be served. */
const cookieName = (port: number): string => `__Host-deskwire-${port}`;

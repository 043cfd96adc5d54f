import { randomBytes } from 'node:crypto';
import type { Pass } from '../../accounts/pass.ts';
import { BoundedMap } from '../../common/bounded-map.ts';
import type { BrowserIdentity } from './browser-identity.ts';
import { cookieValues, setCookie } from './cookie-form.ts';
import type { CookieHolder, Cookies } from './sessions.ts';

/** Tokens of all users; more push out the oldest. A larger number takes memory, a smaller one logs open pages out. */
const MAX_TOKENS = 10_000;

/**
 * Tokens of one user, or of one link. A larger number lets one user who reloads push out others, a smaller one logs own
 * tabs out.
 */
const MAX_TOKENS_PER_USER = 100;

/**
 * Time in ms for which a cookie is valid. Then the browser sends the password again, without asking the user. A stolen
 * cookie is valid as long. With a smaller value, viewers of other makes that reconnect by cookie are logged out sooner.
 */
const LIFETIME_MS = 30 * 60 * 1000;

/** Age in ms from which a cookie is renewed when it is used. A smaller value makes more tokens. */
const RENEW_AFTER_MS = LIFETIME_MS / 2;

/** Time in ms for which a cookie remains valid after it was renewed, for requests that are under way. */
const OVERLAP_MS = 60 * 1000;

/** Time in ms after a password was sent for which its cookie is renewed. Limits what a thief can renew. */
const RENEWED_FOR_MS = 24 * 60 * 60 * 1000;

/** Time in ms for which a browser is known by its last cookie. A larger value keeps old reserves for guesses. */
const KNOWN_FOR_MS = 30 * 24 * 60 * 60 * 1000;

/** Times of a cookie of a browser that sent its password at `loggedInMs`, or sends it now. */
export function newCookieTimes(
  nowMs: number,
  loggedInMs = nowMs,
): Pick<CookieToken, 'loggedInMs' | 'issuedMs' | 'expiresMs'> {
  const expiresMs = Math.min(nowMs + LIFETIME_MS, loggedInMs + RENEWED_FOR_MS);
  return { loggedInMs, issuedMs: nowMs, expiresMs };
}

/** What the server knows of a cookie that it gave to a browser. */
export interface CookieToken {
  readonly user: string;
  /** What the browser logged in with, if not with the password: the cookie is worth no more, and lasts no longer. */
  readonly pass?: Pass | undefined;
  readonly address: string;
  readonly agent: string;
  /** Number of the browser, which renewed cookies keep. */
  readonly browser: string;
  /** When the password was sent that led to this cookie. */
  readonly loggedInMs: number;
  readonly issuedMs: number;
  readonly expiresMs: number;
  /** The browser shows the page in a frame of another site. */
  readonly isFramed: boolean;
}

/** `due`: valid, and to be renewed. `known`: no longer valid, but from a browser that was logged in before. */
export type CookieVerdict = 'valid' | 'due' | 'known' | 'forgotten';

/** Decides what a cookie is good for. It logs in only from the address and with the browser that it was given to. */
export function judgeCookie(
  token: Pick<CookieToken, 'address' | 'agent' | 'issuedMs' | 'expiresMs'>,
  { address, agent }: Pick<BrowserIdentity, 'address' | 'agent'>,
  nowMs: number,
): CookieVerdict {
  if (nowMs - token.issuedMs >= KNOWN_FOR_MS) return 'forgotten';
  if (nowMs >= token.expiresMs || address !== token.address || agent !== token.agent) return 'known';
  return nowMs - token.issuedMs < RENEW_AFTER_MS ? 'valid' : 'due';
}

/** Random login tokens of pages, in memory only. A token is forgotten with its user and when the password changes. */
export class LoginCookies implements Cookies {
  readonly #nowMs: () => number;
  readonly #tokens = new BoundedMap<string, CookieToken>(MAX_TOKENS);
  #browsers = 0;

  /** `nowMs` returns the time of a clock that is never set. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The user whose valid token is in a `Cookie` header, and the pass that came before the cookie. */
  holderOf(header: string | undefined, identity: BrowserIdentity): CookieHolder | undefined {
    const found = this.#find(header, identity, ['valid', 'due']);
    return found && { name: found.token.user, pass: found.token.pass };
  }

  /** The browser's number, if its `Cookie` header has a token of this user, valid or not. */
  browserOf(header: string | undefined, identity: BrowserIdentity, user: string): string | undefined {
    const found = this.#find(header, identity, ['valid', 'due', 'known']);
    return found?.token.user === user ? found.token.browser : undefined;
  }

  /**
   * A `Set-Cookie` value that logs the user in with this browser. Undefined if the browser has a cookie of this user
   * that is valid and not due. `isFramed` is for a page in a frame of another site; a renewed cookie stays as it was.
   */
  issue(
    { name: user, pass }: CookieHolder,
    header: string | undefined,
    identity: BrowserIdentity,
    isFramed = false,
  ): string | undefined {
    const nowMs = this.#nowMs();
    const found = this.#find(header, identity, ['valid', 'due']);
    const isOwn = found?.token.user === user && found.token.pass?.id === pass?.id;
    const old = isOwn ? found : undefined;
    if (old?.verdict === 'valid') return undefined;
    if (old !== undefined) {
      const expiresMs = Math.min(old.token.expiresMs, nowMs + OVERLAP_MS);
      this.#tokens.set(old.value, { ...old.token, expiresMs });
    }
    const browser = this.browserOf(header, identity, user) ?? String(++this.#browsers);
    this.#makeRoom(user, pass);
    const value = randomBytes(24).toString('base64url');
    this.#tokens.set(value, {
      user,
      pass,
      address: identity.address,
      agent: identity.agent,
      browser,
      ...newCookieTimes(nowMs, old?.token.loggedInMs),
      isFramed: isFramed || old?.token.isFramed === true,
    });
    return setCookie(identity.cookie, value, isFramed || old?.token.isFramed === true);
  }

  /** Makes the tokens of a `Cookie` header invalid. */
  end(header: string | undefined, identity: BrowserIdentity): void {
    for (const value of cookieValues(header, identity.cookie)) this.#tokens.delete(value);
  }

  /** Makes all tokens of these users invalid. */
  forget(users: ReadonlySet<string>): void {
    for (const [value, token] of this.#tokens) {
      if (users.has(token.user)) this.#tokens.delete(value);
    }
  }

  #makeRoom(user: string, pass: Pass | undefined): void {
    const own: string[] = [];
    for (const [value, token] of this.#tokens) {
      if (this.#nowMs() - token.issuedMs >= KNOWN_FOR_MS) this.#tokens.delete(value);
      else if (token.user === user && token.pass?.id === pass?.id) own.push(value);
    }
    if (own.length >= MAX_TOKENS_PER_USER) this.#tokens.delete(own[0]!);
  }

  /** The first token in a `Cookie` header that has one of these verdicts. */
  #find(
    header: string | undefined,
    identity: BrowserIdentity,
    verdicts: readonly CookieVerdict[],
  ): { readonly value: string; readonly token: CookieToken; readonly verdict: CookieVerdict } | undefined {
    for (const value of cookieValues(header, identity.cookie)) {
      const token = this.#tokens.get(value);
      if (token === undefined) continue;
      const verdict = judgeCookie(token, identity, this.#nowMs());
      if (verdicts.includes(verdict)) return { value, token, verdict };
    }
    return undefined;
  }
}

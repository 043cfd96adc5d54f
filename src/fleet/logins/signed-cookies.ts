import { randomBytes } from 'node:crypto';
import type { Accounts } from '../../accounts/accounts.ts';
import type { BrowserIdentity } from '../../http/login/browser-identity.ts';
import { cookieValues, setCookie } from '../../http/login/cookie-form.ts';
import { type CookieVerdict, judgeCookie, newCookieTimes } from '../../http/login/login-cookies.ts';
import type { CookieHolder, Cookies } from '../../http/login/sessions.ts';
import type { FleetStore } from '../store/store.ts';
import { type SignedBrowser, signedBrowser } from './browser.ts';
import { passOf, refOf } from './fleet-pass.ts';
import type { LoginKeys } from './login-keys.ts';
import { hasLoggedOut, logOut } from './logouts.ts';
import type { PassRef, SessionRef } from './refs.ts';

const ID_BYTES = 8;

/** What a cookie says. Times are milliseconds since 1970. */
interface CookieText extends SignedBrowser {
  /** The cookie as a session, so that it can be logged out. Renewed cookies keep it. */
  readonly ref: SessionRef;
  /** What the browser logged in with, if not with the password. */
  readonly inner: PassRef | undefined;
  readonly loggedInMs: number;
  readonly issuedMs: number;
  readonly expiresMs: number;
  readonly isFramed: boolean;
}

interface SignedCookiesOptions {
  readonly store: FleetStore;
  readonly keys: LoginKeys;
  readonly accounts: Pick<Accounts, 'passwordIdOf'>;
}

/** Login cookies of browsers that send passwords or tokens themselves, for all edges of a fleet. */
export class SignedCookies implements Cookies {
  readonly #options: SignedCookiesOptions;

  constructor(options: SignedCookiesOptions) {
    this.#options = options;
  }

  holderOf(header: string | undefined, identity: BrowserIdentity): CookieHolder | undefined {
    const text = this.#find(header, identity, ['valid', 'due'])?.text;
    if (text === undefined || !this.#isGood(text)) return undefined;
    return { name: text.ref.user, pass: text.inner && passOf(this.#options.store, text.inner) };
  }

  browserOf(header: string | undefined, identity: BrowserIdentity, user: string): string | undefined {
    const ref = this.#find(header, identity, ['valid', 'due', 'known'])?.text.ref;
    return ref?.user === user ? `cookie ${ref.id}` : undefined;
  }

  issue(
    { name: user, pass }: CookieHolder,
    header: string | undefined,
    identity: BrowserIdentity,
    isFramed = false,
  ): string | undefined {
    const { store, accounts, keys } = this.#options;
    const found = this.#find(header, identity, ['valid', 'due']);
    const inner = refOf(pass);
    const isOwn = found?.text.ref.user === user && found.text.inner?.id === inner?.id;
    const old = found !== undefined && isOwn && this.#isGood(found.text) ? found : undefined;
    if (old?.verdict === 'valid') return undefined;
    const login = { by: 'password', passwordId: accounts.passwordIdOf(user) ?? '' } as const;
    const id = randomBytes(ID_BYTES).toString('hex');
    const text: CookieText = {
      ...signedBrowser(identity),
      ref: old?.text.ref ?? { by: 'session', id, user, began: store.state.version, login },
      inner,
      ...newCookieTimes(Date.now(), old?.text.loggedInMs),
      isFramed: isFramed || old?.text.isFramed === true,
    };
    return setCookie(identity.cookie, keys.sign('cookie', text), text.isFramed);
  }

  async end(header: string | undefined, identity: BrowserIdentity): Promise<void> {
    const text = this.#find(header, identity, ['valid', 'due'])?.text;
    if (text === undefined) return;
    // Renewed ones may be good for longer.
    const expiresMs = newCookieTimes(Date.now(), undefined).expiresMs;
    await this.#options.store.transact((state) => logOut(state, text.ref, expiresMs));
  }

  /** A cookie names its password. */
  forget(): void {}

  #isGood({ ref, inner }: CookieText): boolean {
    if (hasLoggedOut(this.#options.store.state, ref)) return false;
    const isSamePassword =
      ref.login.by === 'password' && this.#options.accounts.passwordIdOf(ref.user) === ref.login.passwordId;
    return inner !== undefined || isSamePassword;
  }

  #find(
    header: string | undefined,
    identity: BrowserIdentity,
    verdicts: readonly CookieVerdict[],
  ): { readonly text: CookieText; readonly verdict: CookieVerdict } | undefined {
    for (const value of cookieValues(header, identity.cookie)) {
      const text = this.#options.keys.read('cookie', value) as CookieText | undefined;
      if (text === undefined) continue;
      const verdict = judgeCookie(text, signedBrowser(identity), Date.now());
      if (verdicts.includes(verdict)) return { text, verdict };
    }
    return undefined;
  }
}

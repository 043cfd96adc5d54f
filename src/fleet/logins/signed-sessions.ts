import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Accounts } from '../../accounts/accounts.ts';
import { digestOf, hasDigest } from '../../accounts/bearer-secret.ts';
import type { Caller } from '../../accounts/pass.ts';
import type { BrowserIdentity } from '../../http/login/browser-identity.ts';
import { cookieValues, setCookie } from '../../http/login/cookie-form.ts';
import { judgeSession, SESSION_MS, STAYS_MS } from '../../http/login/page-sessions.ts';
import type { NewSession, SessionHolder, Sessions } from '../../http/login/sessions.ts';
import type { FleetState } from '../store/fleet-state.ts';
import type { FleetStore } from '../store/store.ts';
import { type SignedBrowser, signedBrowser } from './browser.ts';
import { passOf, refOf } from './fleet-pass.ts';
import type { LoginKeys } from './login-keys.ts';
import { logOut } from './logouts.ts';
import type { LoginRef, SessionRef } from './refs.ts';

/**
 * Age in ms of the last proof from which the cookie is made anew. A smaller value sends more cookies; with a larger
 * one, the cookie alone opens viewers for a shorter time.
 */
const PROOF_EACH_MS = 5 * 60_000;

/** Random bytes of a page's key. 256 bits cannot be guessed. */
const KEY_BYTES = 32;
const ID_BYTES = 8;

/** What a session's cookie says. Times are milliseconds since 1970. */
interface SessionText {
  readonly ref: SessionRef;
  /** SHA-256 of the page's key, in hex. */
  readonly keyDigest: string;
  readonly expiresMs: number;
  readonly stays: boolean;
  readonly isFramed: boolean;
  /** The browser that had the key when the cookie was made, and when that was. */
  readonly proof: SignedBrowser & { readonly atMs: number };
}

interface SignedSessionsOptions {
  readonly store: FleetStore;
  readonly keys: LoginKeys;
  readonly accounts: Pick<Accounts, 'passwordIdOf'>;
}

/**
 * Sessions of pages whose users have logged in to a fleet. All that an edge has to know of one is signed in its cookie;
 * the store has those that were logged out. Emits `ended` when some were.
 */
export class SignedSessions extends EventEmitter<{ ended: [] }> implements Sessions {
  readonly #options: SignedSessionsOptions;

  constructor(options: SignedSessionsOptions) {
    super();
    this.#options = options;
    options.store.on('changed', this.#changed);
  }

  async close(): Promise<void> {
    this.#options.store.off('changed', this.#changed);
  }

  begin(
    { name: user, pass }: Caller,
    identity: BrowserIdentity,
    { stays, isFramed }: NewSession,
  ): { readonly cookie: string; readonly key: string } {
    const key = randomBytes(KEY_BYTES).toString('base64url');
    const { version: began } = this.#options.store.state;
    const id = randomBytes(ID_BYTES).toString('hex');
    const text: SessionText = {
      ref: { by: 'session', id, user, began, login: this.#loginOf(user, pass) },
      keyDigest: digestOf(key),
      expiresMs: Date.now() + (stays ? STAYS_MS : SESSION_MS),
      ...{ stays, isFramed, proof: proofOf(identity) },
    };
    return { cookie: this.#cookie(text, identity), key };
  }

  holderOf(
    header: string | undefined,
    key: string | undefined,
    identity: BrowserIdentity,
  ): SessionHolder | undefined {
    const text = this.#find(header, identity)?.text;
    if (text === undefined) return undefined;
    const hasKey = key !== undefined && hasDigest(key, text.keyDigest);
    const use = { hasKey, expiresMs: text.expiresMs, lastProof: text.proof };
    const verdict = judgeSession(use, signedBrowser(identity), Date.now());
    const pass = passOf(this.#options.store, text.ref);
    const user = pass.user();
    if (verdict === 'refused' || user === undefined) return undefined;
    return { caller: { ...user, pass }, isProven: verdict === 'proven' };
  }

  renewed(
    header: string | undefined,
    identity: BrowserIdentity,
    key: string | undefined,
  ): string | undefined {
    const found = this.#find(header, identity);
    if (found === undefined) return undefined;
    const { text, value } = found;
    const { proof, stays, isFramed } = text;
    const maxAgeS = stays ? STAYS_MS / 1000 : undefined;
    if (key === undefined || !hasDigest(key, text.keyDigest))
      return stays ? setCookie(identity.cookie, value, isFramed, maxAgeS) : undefined;
    const now = proofOf(identity);
    const isSame = now.address === proof.address && now.agent === proof.agent;
    if (isSame && now.atMs - proof.atMs < PROOF_EACH_MS) return undefined;
    const expiresMs = stays ? now.atMs + STAYS_MS : text.expiresMs;
    return this.#cookie({ ...text, expiresMs, proof: now }, identity);
  }

  browserOf(header: string | undefined, identity: BrowserIdentity, user: string): string | undefined {
    const ref = this.#find(header, identity)?.text.ref;
    return ref?.user === user ? `session ${ref.id}` : undefined;
  }

  async end(header: string | undefined, identity: BrowserIdentity): Promise<void> {
    const text = this.#find(header, identity)?.text;
    if (text === undefined || text.expiresMs <= Date.now()) return;
    // One that stays may have a cookie that is good for longer.
    const expiresMs = text.stays ? Date.now() + STAYS_MS : text.expiresMs;
    await this.#options.store.transact((state) => logOut(state, text.ref, expiresMs));
  }

  /** A session names its password. */
  forget(): void {}

  #loginOf(user: string, pass: Caller['pass']): LoginRef {
    const ref = refOf(pass);
    if (ref?.by === 'ticket') return { by: 'ticket', id: ref.id };
    return { by: 'password', passwordId: this.#options.accounts.passwordIdOf(user) ?? '' };
  }

  #cookie(text: SessionText, { cookie }: BrowserIdentity): string {
    const value = this.#options.keys.sign('session', text);
    return setCookie(cookie, value, text.isFramed, text.stays ? STAYS_MS / 1000 : undefined);
  }

  #find(
    header: string | undefined,
    { cookie }: BrowserIdentity,
  ): { readonly text: SessionText; readonly value: string } | undefined {
    for (const value of cookieValues(header, cookie)) {
      // An edge has signed it, so that its form is right.
      const text = this.#options.keys.read('session', value) as SessionText | undefined;
      if (text !== undefined) return { text, value };
    }
    return undefined;
  }

  #changed = (before: FleetState, after: FleetState): void => {
    if (before.logout !== after.logout) this.emit('ended');
  };
}

const proofOf = (identity: BrowserIdentity): SessionText['proof'] => ({
  ...signedBrowser(identity),
  atMs: Date.now(),
});

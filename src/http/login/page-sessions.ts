import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Accounts } from '../../accounts/accounts.ts';
import { digestOf, hasDigest, newSecret, parseSecret } from '../../accounts/bearer-secret.ts';
import type { Caller, Pass } from '../../accounts/pass.ts';
import type { User } from '../../accounts/user.ts';
import type { BrowserIdentity } from './browser-identity.ts';
import { cookieValues, setCookie } from './cookie-form.ts';
import type { SavedSession, SessionFile } from './session-file.ts';
import type { NewSession, SessionHolder, Sessions } from './sessions.ts';

/**
 * Sessions of all users; more end the one that was used longest ago. A larger number takes memory, 600 bytes each, and
 * time of the main thread when the file is written, 1 ms for a thousand.
 */
const MAX_SESSIONS = 4_000;

/**
 * Sessions of one user, or of one link. A larger number lets one user who logs in again and again end sessions of
 * others; a smaller one logs out people who share a login.
 */
export const MAX_SESSIONS_PER_USER = 1_000;

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Time in ms from the login in which a page can connect. A larger value gives a thief of the browser more time. */
export const SESSION_MS = DAY_MS;

/** The same for a user who wants to stay logged in, from the last use. */
export const STAYS_MS = 30 * DAY_MS;

/**
 * Time in ms for which the cookie opens viewers without the key, after a request with the key. A larger value gives
 * more time to other services of the host, which are sent the cookie, too; with a smaller one, viewers of other makes
 * that reconnect by cookie are logged out sooner.
 */
const ALONE_MS = HOUR_MS / 2;

/** Uses of a session that stays are noted once in so many ms. A smaller value writes the file more often. */
const EXACT_TO_MS = DAY_MS;

/** Random bytes of a page's key. 256 bits cannot be guessed. */
const KEY_BYTES = 32;

/** Where the session was last used with its key. */
interface Proof extends Pick<BrowserIdentity, 'address' | 'agent'> {
  readonly atMs: number;
}

/** What a request has of a session. */
interface SessionUse {
  readonly hasKey: boolean;
  readonly expiresMs: number;
  readonly lastProof: Proof | undefined;
}

/**
 * What a request that has the cookie may do: everything with the key as well; open viewers, from the address and with
 * the browser that last had the key; nothing.
 */
export type SessionVerdict = 'proven' | 'alone' | 'refused';

export function judgeSession(
  { hasKey, expiresMs, lastProof }: SessionUse,
  { address, agent }: Pick<BrowserIdentity, 'address' | 'agent'>,
  nowMs: number,
): SessionVerdict {
  if (nowMs >= expiresMs) return 'refused';
  if (hasKey) return 'proven';
  const isFresh = lastProof !== undefined && nowMs - lastProof.atMs < ALONE_MS;
  return isFresh && lastProof.address === address && lastProof.agent === agent ? 'alone' : 'refused';
}

interface KeptSession extends Omit<SavedSession, 'passwordId' | 'expiresMs'> {
  /** Undefined for someone who came by a link. */
  readonly passwordId: string | undefined;
  readonly pass: Pass;
  /** Of the clock that is never set. */
  expiresMs: number;
  lastProof: Proof | undefined;
  hasEnded: boolean;
}

/**
 * Sessions of pages whose users have logged in by the page's form or by a link. A session has two secrets: a cookie,
 * which the browser sends to every service of the host, and a key, which the page keeps in the storage of its origin,
 * where no other service can read it. The cookie alone opens viewers, for a short time. Emits `ended` when a session
 * has ended before its time.
 */
export class PageSessions extends EventEmitter<{ ended: [] }> implements Sessions {
  readonly #accounts: Pick<Accounts, 'get' | 'passwordIdOf'>;
  readonly #nowMs: () => number;
  readonly #file: SessionFile | undefined;
  /** By id, the one that was used longest ago first. */
  readonly #sessions = new Map<string, KeptSession>();
  #saving: Promise<void> = Promise.resolve();
  #isSaving = false;
  /** Whether something has changed since the last write began. */
  #isDirty = false;

  /** `nowMs` returns the time of a clock that is never set. */
  constructor(accounts: Pick<Accounts, 'get' | 'passwordIdOf'>, nowMs: () => number, file?: SessionFile) {
    super();
    this.#accounts = accounts;
    this.#nowMs = nowMs;
    this.#file = file;
    const offsetMs = Date.now() - nowMs();
    for (const saved of file?.read() ?? []) {
      // The clock may have been set since.
      const expiresMs = Math.min(saved.expiresMs - offsetMs, nowMs() + STAYS_MS);
      if (expiresMs > nowMs()) this.#keep({ ...saved, expiresMs }, undefined);
    }
  }

  /** Saves what has changed. */
  async close(): Promise<void> {
    await this.#saving;
  }

  /** Begins a session of a user who has just logged in. Returns its cookie, as a `Set-Cookie` value, and its key. */
  begin(
    { name: user, pass: inner }: Caller,
    identity: BrowserIdentity,
    { stays, isFramed }: NewSession,
  ): { readonly cookie: string; readonly key: string } {
    this.#makeRoom(user, inner);
    const { id, text, digest } = newSecret('session');
    const key = randomBytes(KEY_BYTES).toString('base64url');
    const expiresMs = this.#nowMs() + (stays ? STAYS_MS : SESSION_MS);
    const passwordId = inner === undefined ? this.#accounts.passwordIdOf(user) : undefined;
    const session = this.#keep(
      { id, user, passwordId, digest, keyDigest: digestOf(key), expiresMs, stays, isFramed },
      inner,
    );
    session.lastProof = this.#proofOf(identity);
    this.#save();
    return { cookie: setCookie(identity.cookie, text, isFramed, maxAgeS(session)), key };
  }

  /** Whose session a `Cookie` header names, if that still opens anything. Notes that it was used. */
  holderOf(
    header: string | undefined,
    key: string | undefined,
    identity: BrowserIdentity,
  ): SessionHolder | undefined {
    const session = this.#find(header, identity);
    if (session === undefined) return undefined;
    const nowMs = this.#nowMs();
    const hasKey = key !== undefined && hasDigest(key, session.keyDigest);
    const verdict = judgeSession({ ...session, hasKey }, identity, nowMs);
    const user = session.pass.user();
    if (verdict === 'refused' || user === undefined) return undefined;
    if (verdict === 'proven') this.#use(session, identity, nowMs);
    return { caller: { ...user, pass: session.pass }, isProven: verdict === 'proven' };
  }

  /** A `Set-Cookie` value that has the browser keep the cookie for longer. Undefined unless the session stays. */
  renewed(header: string | undefined, identity: BrowserIdentity): string | undefined {
    const found = this.#findValue(header, identity);
    if (found === undefined || !found.session.stays) return undefined;
    const { session, value } = found;
    return setCookie(identity.cookie, value, session.isFramed, maxAgeS(session));
  }

  /** Names the browser, if its `Cookie` header has a session of this user, which may have expired. */
  browserOf(header: string | undefined, identity: BrowserIdentity, user: string): string | undefined {
    const session = this.#find(header, identity);
    return session?.user === user ? `session ${session.id}` : undefined;
  }

  /** Ends the session of a `Cookie` header, with its viewers and calls. Resolves when a restart does not bring it back. */
  async end(header: string | undefined, identity: BrowserIdentity): Promise<void> {
    const session = this.#find(header, identity);
    if (session === undefined) return;
    this.#drop(session);
    this.#save();
    this.emit('ended');
    await this.#saving;
  }

  /** Forgets the sessions of users who were removed or have another password. */
  forget(users: ReadonlySet<string>): void {
    const ended = [...this.#sessions.values()].filter(({ user }) => users.has(user));
    for (const session of ended) this.#drop(session);
    if (ended.length > 0) this.#save();
  }

  #find(header: string | undefined, identity: BrowserIdentity): KeptSession | undefined {
    return this.#findValue(header, identity)?.session;
  }

  /** The session that a `Cookie` header names, and the cookie's value that does. */
  #findValue(
    header: string | undefined,
    { cookie }: BrowserIdentity,
  ): { readonly session: KeptSession; readonly value: string } | undefined {
    for (const value of cookieValues(header, cookie)) {
      const parsed = parseSecret('session', value);
      const session = parsed && this.#sessions.get(parsed.id);
      if (parsed && session && hasDigest(parsed.secret, session.digest)) return { session, value };
    }
    return undefined;
  }

  #keep(saved: Omit<KeptSession, 'pass' | 'lastProof' | 'hasEnded'>, inner: Pass | undefined): KeptSession {
    const kept: KeptSession = {
      ...saved,
      pass: {
        kind: 'session',
        id: saved.id,
        allows: (scope) => inner === undefined || inner.allows(scope),
        user: () => this.#userOf(kept, inner),
      },
      lastProof: undefined,
      hasEnded: false,
    };
    this.#sessions.set(kept.id, kept);
    return kept;
  }

  /** The user with the rights of this moment. A session that has expired goes on for viewers that are connected. */
  #userOf({ user, passwordId, hasEnded }: KeptSession, inner: Pass | undefined): User | undefined {
    if (hasEnded) return undefined;
    if (inner !== undefined) return inner.user();
    return this.#accounts.passwordIdOf(user) === passwordId ? this.#accounts.get(user) : undefined;
  }

  #use(session: KeptSession, identity: BrowserIdentity, nowMs: number): void {
    session.lastProof = this.#proofOf(identity);
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    if (!session.stays || nowMs + STAYS_MS - session.expiresMs < EXACT_TO_MS) return;
    session.expiresMs = nowMs + STAYS_MS;
    this.#save();
  }

  #proofOf({ address, agent }: BrowserIdentity): Proof {
    return { address, agent, atMs: this.#nowMs() };
  }

  #makeRoom(user: string, inner: Pass | undefined): void {
    const nowMs = this.#nowMs();
    const own: KeptSession[] = [];
    for (const session of this.#sessions.values()) {
      // One that has expired still names the browser for a while.
      if (nowMs - session.expiresMs >= STAYS_MS) this.#sessions.delete(session.id);
      else if (session.user === user && (session.passwordId === undefined) === (inner !== undefined))
        own.push(session);
    }
    const [oldest] = own.length >= MAX_SESSIONS_PER_USER ? own : this.#sessions.values();
    if (oldest === undefined || (own.length < MAX_SESSIONS_PER_USER && this.#sessions.size < MAX_SESSIONS))
      return;
    this.#drop(oldest);
    this.emit('ended');
  }

  #drop(session: KeptSession): void {
    session.hasEnded = true;
    this.#sessions.delete(session.id);
  }

  /** Has the file written, once more if that is in progress. */
  #save(): void {
    if (this.#file === undefined) return;
    this.#isDirty = true;
    if (this.#isSaving) return;
    this.#isSaving = true;
    this.#saving = this.#write(this.#file);
  }

  async #write(file: SessionFile): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false;
      await file.write(this.#lasting());
    }
    this.#isSaving = false;
  }

  /** The sessions that a restart can bring back. Those that came by a link end with the server. */
  #lasting(): SavedSession[] {
    const nowMs = this.#nowMs();
    const offsetMs = Date.now() - nowMs;
    const saved: SavedSession[] = [];
    for (const session of this.#sessions.values()) {
      const { id, user, passwordId, digest, keyDigest, stays, isFramed } = session;
      if (passwordId === undefined || session.expiresMs <= nowMs) continue;
      const expiresMs = Math.round(session.expiresMs + offsetMs);
      saved.push({ id, user, passwordId, digest, keyDigest, expiresMs, stays, isFramed });
    }
    return saved;
  }
}

/** A browser forgets the cookie of a session that does not stay when it is closed. */
const maxAgeS = ({ stays }: Pick<KeptSession, 'stays'>): number | undefined =>
  stays ? STAYS_MS / 1000 : undefined;

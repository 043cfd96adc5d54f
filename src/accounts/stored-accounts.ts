import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { firstAbort } from '../common/first-abort.ts';
import { applyChanges, isValidPassword, type Secret } from './account-changes.ts';
import type { Accounts, AccountsEvents } from './accounts.ts';
import { AccountsError, refusal } from './errors.ts';
import { type HashingCall, HashThreads } from './hash-threads.ts';
import type { KasmUser } from './kasm-password-file.ts';
import { LoginChecker } from './login-checker.ts';
import { DEFAULT_COST, type HashCost, hasCost } from './password-hash.ts';
import { difference, isOwner, publicUser, type StoredUser, type StoreState } from './store-state.ts';
import type { User, UserChange } from './user.ts';

/** Where users and their passwords are kept. */
export interface UserStore {
  readonly state: StoreState;
  /** Reads the users again if another process has changed them. */
  refresh(): void;
  /** Replaces the state by the one that `change` returns, under a lock. An error that it throws changes nothing. */
  update(change: (state: StoreState) => StoreState, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface StoredAccountsOptions {
  /** Cost of new hashes. */
  readonly cost?: HashCost | undefined;
  /** Called with errors outside of calls. */
  readonly onProblem?: ((error: unknown) => void) | undefined;
  /** Opens the store, which is closed with the accounts. It tells of each change, by this process or another. */
  readonly openStore: (onChange: (before: StoreState, after: StoreState) => void) => UserStore;
}

/** The users of a store, and their logins. */
export class StoredAccounts extends EventEmitter<AccountsEvents> implements Accounts {
  readonly #store: UserStore;
  readonly #threads = new HashThreads();
  readonly #logins: LoginChecker;
  readonly #cost: HashCost;
  readonly #onProblem: (error: unknown) => void;
  /** What was stored of each user when it was returned. */
  readonly #stored = new WeakMap<User, StoredUser>();
  /** Users whom a fleet's edge has named. */
  readonly #vouched = new WeakSet<User>();
  /** Names whose hash is being replaced, so that two logins do not do it twice. */
  readonly #renewing = new Map<string, Promise<void>>();

  constructor({ cost = DEFAULT_COST, onProblem = () => {}, openStore }: StoredAccountsOptions) {
    super();
    this.#cost = cost;
    this.#onProblem = onProblem;
    this.#logins = new LoginChecker(this.#threads, cost);
    this.#store = openStore((before, after) => {
      const changes = difference(before, after);
      if (changes.length > 0) this.emit('changed', changes);
    });
  }

  list(): User[] {
    const { state } = this.#store;
    return [...state.users.values()].map((user) => publicUser(state, user));
  }

  get(name: string): User | undefined {
    const user = this.#store.state.users.get(name);
    return user && this.#returned(user);
  }

  refresh(): void {
    this.#store.refresh();
  }

  isStillOwner(user: User): boolean {
    return this.#isOwnerIn(this.#store.state, user);
  }

  vouch(user: User): void {
    this.#vouched.add(user);
  }

  passwordIdOf(name: string): string | undefined {
    return this.#store.state.users.get(name)?.passwordId;
  }

  ifPasswordUnchanged(user: User): User | undefined {
    this.#store.refresh();
    const before = this.#stored.get(user);
    const now = this.#store.state.users.get(user.name);
    if (now === undefined || now.hash !== before?.hash || now.passwordId !== before.passwordId)
      return undefined;
    return this.#returned(now);
  }

  verifiedBefore(name: string, password: string): User | undefined {
    this.#store.refresh();
    const user = this.#store.state.users.get(name);
    return user && this.#logins.remembers(name, password, user.hash) ? this.#returned(user) : undefined;
  }

  async verify(name: string, password: string, signal?: AbortSignal): Promise<User | undefined> {
    if (!isValidPassword(password)) return undefined;
    this.#store.refresh();
    const { users } = this.#store.state;
    const asked = users.get(name);
    const isRemembered = this.#logins.remembers(name, password, asked?.hash ?? '');
    if (!isRemembered && !(await this.#logins.check(name, password, users, signal))) return undefined;

    // The account may have changed during the hashing.
    this.#store.refresh();
    const now = this.#store.state.users.get(name);
    if (now === undefined || now.passwordId !== asked?.passwordId) return undefined;
    // Not again with each login, for example on a read-only data folder.
    if (!isRemembered && !hasCost(now.hash, this.#cost)) this.#renewHash(now, password);
    return this.#returned(now);
  }

  async apply(changes: readonly UserChange[], signal?: AbortSignal, caller?: User): Promise<void> {
    signal?.throwIfAborted();
    this.#store.refresh();
    const next = (state: StoreState, secretOf: (index: number) => Secret): StoreState => {
      if (caller !== undefined && !this.#isOwnerIn(state, caller))
        throw new AccountsError('ACCOUNTS_CALLER_CHANGED');
      return accepted(state, changes, secretOf);
    };
    // Checked before the hashing, which may take half a minute, and again under the lock, because others may have
    // written.
    next(this.#store.state, () => NO_SECRET);
    const secrets = await this.#secretsOf(changes, signal);
    await this.#store.update((state) => next(state, (index) => secrets[index] ?? NO_SECRET), signal);
  }

  async importUsers(users: readonly KasmUser[]): Promise<void> {
    const isNew = (state: StoreState, { name }: KasmUser) =>
      !state.users.has(name) && !state.removed.has(name);
    if (!users.some((user) => isNew(this.#store.state, user))) return;
    await this.#store.update((state) => {
      const added = users
        .filter((user) => isNew(state, user))
        .map((user): [string, StoredUser] => [user.name, { ...user, passwordId: newPasswordId() }]);
      return { ...state, users: new Map([...state.users, ...added]) };
    });
  }

  async close(): Promise<void> {
    // The threads first: they reject hashes that a write may be waiting for.
    await this.#threads.close();
    await Promise.all(this.#renewing.values());
    await this.#store.close();
  }

  #returned(stored: StoredUser): User {
    const user = publicUser(this.#store.state, stored);
    this.#stored.set(user, stored);
    return user;
  }

  #isOwnerIn(state: StoreState, user: User): boolean {
    if (this.#vouched.has(user)) return user.owner;
    const now = state.users.get(user.name);
    if (now === undefined || !isOwner(state, now)) return false;
    return now.passwordId === this.#stored.get(user)?.passwordId;
  }

  /** Hashes all new passwords. The first failure and an abort remove the waiting ones from the threads. */
  async #secretsOf(
    changes: readonly UserChange[],
    signal: AbortSignal | undefined,
  ): Promise<(Secret | undefined)[]> {
    const call: HashingCall = { hashes: changes.filter(needsHash).length };
    const failed = new AbortController();
    const stop = signal === undefined ? failed.signal : firstAbort([signal, failed.signal]);
    const secretOf = async (change: UserChange): Promise<Secret | undefined> => {
      if (!needsHash(change)) return undefined;
      const hash = await this.#threads.hash(change.password, this.#cost, stop, call);
      return { hash, passwordId: newPasswordId() };
    };
    try {
      return await Promise.all(changes.map(secretOf));
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  }

  /** Replaces a hash that has not the cost of new ones, while the password is known. The login does not wait for it. */
  #renewHash(user: StoredUser, password: string): void {
    if (this.#renewing.has(user.name)) return;
    const renew = async () => {
      const hash = await this.#threads.hash(password, this.#cost);
      await this.#store.update((state) => {
        const now = state.users.get(user.name);
        if (now?.passwordId !== user.passwordId) return state;
        return { ...state, users: new Map(state.users).set(user.name, { ...now, hash }) };
      });
    };
    const renewing = renew()
      .catch((error: unknown) => {
        if (!(error instanceof AccountsError && error.code === 'ACCOUNTS_CLOSED')) this.#onProblem(error);
      })
      .finally(() => this.#renewing.delete(user.name));
    this.#renewing.set(user.name, renewing);
  }
}

const needsHash = (
  change: UserChange,
): change is Exclude<UserChange, { kind: 'remove' }> & { password: string } =>
  change.kind !== 'remove' && change.password !== undefined;

/** Takes the place of a secret while a list is only checked. */
const NO_SECRET: Secret = { hash: '', passwordId: '' };

const newPasswordId = (): string => randomBytes(9).toString('base64url');

/** Returns the state after the changes. Throws an AccountsError if one is refused. */
function accepted(
  state: StoreState,
  changes: readonly UserChange[],
  secretOf: (index: number) => Secret,
): StoreState {
  const outcome = applyChanges(state, changes, secretOf);
  if (outcome.errors.length > 0) throw refusal(outcome.errors);
  return changes.length === 0 ? state : outcome.state;
}

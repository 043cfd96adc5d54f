import { EventEmitter } from 'node:events';
import { hasDigest, newSecret, parseSecret } from '../../accounts/bearer-secret.ts';
import { AccountsError } from '../../accounts/errors.ts';
import { MAX_TOKEN_LIFE_S, MAX_TOKENS_PER_USER } from '../../accounts/file-tokens.ts';
import type { Caller } from '../../accounts/pass.ts';
import type { Scope } from '../../accounts/scopes.ts';
import { isValidTokenName } from '../../accounts/token-file.ts';
import { fleetProblem } from '../store/errors.ts';
import type { FleetChange, FleetState } from '../store/fleet-state.ts';
import type { FleetToken, Limit } from '../store/logins.ts';
import type { FleetStore } from '../store/store.ts';
import { type FleetPass, grantedOf, isValidToken, passOf } from './fleet-pass.ts';

/** Longest time in ms after which tokens are looked at for their expiry, also if the clock was set. */
const EXPIRY_LOOK_MS = 60_000;

/** Tokens that are no longer good which one new token removes. A larger number makes it slower. */
const DROPPED_A_TIME = 100;

interface NewFleetToken {
  readonly name: string;
  /** By default the caller. */
  readonly user: string | undefined;
  readonly scopes: readonly Scope[];
  readonly limit: Limit | undefined;
  readonly expiresS: number;
}

/** The bearer tokens of a fleet's users. Emits `ended` when one expires. */
export class FleetTokens extends EventEmitter<{ ended: [] }> {
  readonly #store: FleetStore;
  #expiry: NodeJS.Timeout | undefined;

  constructor(store: FleetStore) {
    super();
    this.#store = store;
    store.on('changed', this.#changed);
    this.#expireLater();
  }

  close(): void {
    clearTimeout(this.#expiry);
    this.#store.off('changed', this.#changed);
  }

  /** Whether a text is that of a token of this fleet. A desktop may have tokens of its own. */
  knows(text: string): boolean {
    const id = parseSecret('token', text)?.id;
    return id !== undefined && this.#store.state.token.has(id);
  }

  /** The pass of a bearer who sends this text. Undefined if it is no valid token. */
  passOf(text: string): FleetPass | undefined {
    const parsed = parseSecret('token', text);
    const { state } = this.#store;
    const token = parsed && state.token.get(parsed.id);
    if (!parsed || !token || !hasDigest(parsed.secret, token.digest) || !isValidToken(state, token))
      return undefined;
    return passOf(this.#store, { by: 'token', id: token.id });
  }

  /** The valid tokens that a caller may see, oldest first: the own ones, and all of them for an admin. */
  listFor(caller: Caller): FleetToken[] {
    const { state } = this.#store;
    const granted = grantedOf(state, caller);
    const tokens = [...state.token.values()].filter((token) => isValidToken(state, token));
    const shown = granted?.owner === true ? tokens : tokens.filter(({ user }) => user === granted?.name);
    return shown.sort((one, other) => one.createdMs - other.createdMs);
  }

  /** Makes a token. `text` is what its bearer sends; it is not kept. Throws an AccountsError or a Problem. */
  async create(
    request: NewFleetToken,
    caller: Caller,
  ): Promise<{ readonly token: FleetToken; readonly text: string; readonly version: number }> {
    const { name, scopes, limit, expiresS } = request;
    if (!isValidTokenName(name)) throw new AccountsError('ACCOUNTS_TOKEN_NAME_INVALID');
    if (scopes.length === 0) throw new AccountsError('ACCOUNTS_TOKEN_SCOPES_MISSING');
    if (expiresS < 1 || expiresS > MAX_TOKEN_LIFE_S) throw new AccountsError('ACCOUNTS_TOKEN_LIFE_INVALID');
    const { id, text, digest } = newSecret('token');
    const createdMs = Date.now();
    const { version, token: tokens } = await this.#store.transact((state) => {
      const user = this.#userFor(state, request.user, caller);
      const passwordId = state.user.get(user)?.passwordId;
      if (passwordId === undefined) throw new AccountsError('ACCOUNTS_NO_SUCH_USER');
      const own = [...state.token.values()].filter((one) => one.user === user && isValidToken(state, one));
      if (own.length >= MAX_TOKENS_PER_USER) throw new AccountsError('ACCOUNTS_USER_TOKENS_FULL');
      const value: FleetToken = {
        ...{ id, name, user, scopes: [...new Set(scopes)], ...(limit && { limit }) },
        ...{ createdMs, expiresMs: createdMs + expiresS * 1000, digest, passwordId },
      };
      return [...dropped(state), { kind: 'token', name: id, value }];
    });
    return { token: tokens.get(id)!, text, version };
  }

  /** Ends a token. Throws ACCOUNTS_NO_SUCH_TOKEN if there is none that the caller may see. Resolves with the version. */
  async revoke(id: string, caller: Caller): Promise<number> {
    const { version } = await this.#store.transact((state) => {
      const granted = grantedOf(state, caller);
      const token = state.token.get(id);
      if (token === undefined || (granted?.owner !== true && token.user !== granted?.name))
        throw new AccountsError('ACCOUNTS_NO_SUCH_TOKEN');
      return [{ kind: 'token', name: id, value: undefined }];
    });
    return version;
  }

  /** Whose token a caller may make: an own one, or that of any user for an admin. */
  #userFor(state: FleetState, user: string | undefined, caller: Caller): string {
    const granted = grantedOf(state, caller);
    if (granted === undefined || granted.limit !== undefined)
      throw fleetProblem('FLEET_NO_RIGHT', 'A login for some desktops makes no tokens.');
    if (user !== undefined && user !== granted.name && !granted.owner)
      throw fleetProblem('FLEET_NO_RIGHT', 'Only an admin makes tokens of others.');
    return user ?? granted.name;
  }

  #changed = (before: FleetState, after: FleetState): void => {
    if (before.token !== after.token) this.#expireLater();
  };

  #expireLater(): void {
    clearTimeout(this.#expiry);
    const nowMs = Date.now();
    let firstMs = Number.POSITIVE_INFINITY;
    for (const { expiresMs } of this.#store.state.token.values())
      if (expiresMs > nowMs && expiresMs < firstMs) firstMs = expiresMs;
    if (firstMs === Number.POSITIVE_INFINITY) return;
    const look = (): void => {
      if (Date.now() >= firstMs) this.emit('ended');
      this.#expireLater();
    };
    this.#expiry = setTimeout(look, Math.min(firstMs - nowMs, EXPIRY_LOOK_MS)).unref();
  }
}

/** Removes tokens that are no longer good. */
function dropped(state: FleetState): FleetChange[] {
  const changes: FleetChange[] = [];
  for (const token of state.token.values()) {
    if (!isValidToken(state, token)) changes.push({ kind: 'token', name: token.id, value: undefined });
    if (changes.length >= DROPPED_A_TIME) break;
  }
  return changes;
}

import { EventEmitter } from 'node:events';
import type { Accounts } from './accounts.ts';
import { hasDigest, newSecret, parseSecret } from './bearer-secret.ts';
import { AccountsError } from './errors.ts';
import type { Pass } from './pass.ts';
import { allows } from './scopes.ts';
import { SharedFile } from './shared-file.ts';
import {
  isValidTokenName,
  MAX_TOKENS,
  type StoredToken,
  TOKEN_CONTENTS,
  type Token,
  type TokenState,
} from './token-file.ts';
import type { TokenChange, TokenRequest, Tokens, TokensEvents } from './tokens.ts';
import type { User } from './user.ts';

/** Tokens of one user. A larger number lets one user take the place of others; a smaller one refuses tokens. */
export const MAX_TOKENS_PER_USER = 100;

/**
 * Longest life of a token in s: five years. With a larger one, a token that is forgotten is valid for longer; a smaller
 * one has people renew the tokens of programs more often.
 */
export const MAX_TOKEN_LIFE_S = 5 * 366 * 24 * 60 * 60;

/**
 * Time in ms between two writes of last uses. A larger value loses more of them when the server is killed; a smaller
 * one writes the file more often.
 */
const USES_WRITTEN_MS = 10 * 60_000;

/**
 * Longest time in ms after which tokens are looked at for their expiry, also if the clock was set. A larger value lets
 * a token live longer after that; a smaller one wakes an idle process more often.
 */
const EXPIRY_LOOK_MS = 60_000;

const MINUTE_MS = 60_000;

interface FileTokensOptions {
  /** Folder of the token file. */
  readonly folder: string;
  readonly accounts: Pick<Accounts, 'get' | 'refresh' | 'passwordIdOf' | 'isStillOwner' | 'on' | 'off'>;
  /** Milliseconds since 1970. By default the system's clock. */
  readonly nowMs?: () => number;
  /** Called with errors outside of calls, such as a file that was damaged by an edit. Once for each such state. */
  readonly onProblem?: (error: unknown) => void;
  /** Called when a file that could not be used can be used again. */
  readonly onRecovery?: () => void;
  readonly onWarning?: (warning: string) => void;
}

/** The tokens of a folder, which several processes may change. */
export class FileTokens extends EventEmitter<TokensEvents> implements Tokens {
  readonly #accounts: FileTokensOptions['accounts'];
  readonly #nowMs: () => number;
  readonly #file: SharedFile<TokenState>;
  /** The tokens that were valid at the last look. */
  #valid: ReadonlyMap<string, Token>;
  /** Uses that the file does not have yet. */
  readonly #uses = new Map<string, number>();
  readonly #usesWritten: NodeJS.Timeout;
  #expiry: NodeJS.Timeout | undefined;

  /** Throws ACCOUNTS_STORE_BROKEN, _UNREADABLE or _UNSAFE, or _UNWRITABLE if the folder cannot be created. */
  constructor({ folder, accounts, nowMs = Date.now, ...options }: FileTokensOptions) {
    super();
    this.#accounts = accounts;
    this.#nowMs = nowMs;
    const { onProblem = () => {}, onRecovery, onWarning } = options;
    this.#file = new SharedFile(TOKEN_CONTENTS, {
      folder,
      onProblem,
      ...(onRecovery && { onRecovery }),
      ...(onWarning && { onWarning }),
      onChange: () => this.#look(),
    });
    this.#valid = this.#allValid();
    this.#expireLater();
    accounts.on('changed', this.#look);
    this.#usesWritten = setInterval(() => void this.#writeUses(), USES_WRITTEN_MS).unref();
  }

  list(): Token[] {
    this.#file.refresh();
    return [...this.#allValid().values()].map((token) => this.#shown(token));
  }

  async create(
    { name, user, scopes, expiresS }: TokenRequest,
    caller?: User,
    signal?: AbortSignal,
  ): Promise<{ readonly token: Token; readonly text: string }> {
    if (!isValidTokenName(name)) throw new AccountsError('ACCOUNTS_TOKEN_NAME_INVALID');
    if (scopes.length === 0) throw new AccountsError('ACCOUNTS_TOKEN_SCOPES_MISSING');
    if (!Number.isSafeInteger(expiresS) || expiresS < 1 || expiresS > MAX_TOKEN_LIFE_S)
      throw new AccountsError('ACCOUNTS_TOKEN_LIFE_INVALID');
    const { id, text, digest } = newSecret('token');
    const createdMs = this.#nowMs();
    await this.#file.update((state) => {
      this.#refuseStranger(caller);
      const passwordId = this.#accounts.passwordIdOf(user);
      if (passwordId === undefined) throw new AccountsError('ACCOUNTS_NO_SUCH_USER');
      const kept = new Map([...state].filter(([, token]) => this.#isValid(token)));
      if (kept.size >= MAX_TOKENS) throw new AccountsError('ACCOUNTS_TOKENS_FULL');
      const own = [...kept.values()].filter((token) => token.user === user);
      if (own.length >= MAX_TOKENS_PER_USER) throw new AccountsError('ACCOUNTS_USER_TOKENS_FULL');
      const expiresMs = createdMs + expiresS * 1000;
      const given = { id, name, user, scopes: [...new Set(scopes)], createdMs, expiresMs, usedMs: undefined };
      return kept.set(id, { ...given, digest, passwordId });
    }, signal);
    const token = this.#file.state.get(id);
    // Another process may have revoked it meanwhile.
    if (token === undefined) throw new AccountsError('ACCOUNTS_NO_SUCH_TOKEN');
    return { token: this.#shown(token), text };
  }

  async revoke(id: string, caller?: User, signal?: AbortSignal): Promise<void> {
    await this.#file.update((state) => {
      this.#refuseStranger(caller);
      const token = state.get(id);
      if (token === undefined || !this.#isValid(token)) throw new AccountsError('ACCOUNTS_NO_SUCH_TOKEN');
      const kept = new Map(state);
      kept.delete(id);
      return kept;
    }, signal);
  }

  passOf(text: string): Pass | undefined {
    const parsed = parseSecret('token', text);
    if (parsed === undefined) return undefined;
    this.#accounts.refresh();
    this.#file.refresh();
    const { id, secret } = parsed;
    const token = this.#file.state.get(id);
    if (token === undefined || !hasDigest(secret, token.digest) || !this.#isValid(token)) return undefined;
    this.#uses.set(id, this.#nowMs());
    const { scopes } = token;
    return { kind: 'token', id, allows: (scope) => allows(scopes, scope), user: () => this.#userOf(id) };
  }

  /** Writes the last uses, then stops watching the file. */
  async close(): Promise<void> {
    clearInterval(this.#usesWritten);
    clearTimeout(this.#expiry);
    this.#accounts.off('changed', this.#look);
    await this.#writeUses();
    await this.#file.close();
  }

  /** The user of a token with no more rights than its scopes leave. */
  #userOf(id: string): User | undefined {
    const token = this.#file.state.get(id);
    const user = token && this.#isValid(token) ? this.#accounts.get(token.user) : undefined;
    if (token === undefined || user === undefined) return undefined;
    const write = user.write && allows(token.scopes, 'control');
    return { name: user.name, read: user.read && allows(token.scopes, 'view'), write, owner: user.owner };
  }

  #isValid({ user, passwordId, expiresMs }: StoredToken): boolean {
    return expiresMs > this.#nowMs() && this.#accounts.passwordIdOf(user) === passwordId;
  }

  #allValid(): ReadonlyMap<string, StoredToken> {
    return new Map([...this.#file.state].filter(([, token]) => this.#isValid(token)));
  }

  #shown({ id, name, user, scopes, createdMs, expiresMs, usedMs = 0 }: Token): Token {
    const used = Math.max(usedMs, this.#uses.get(id) ?? 0);
    return { id, name, user, scopes, createdMs, expiresMs, usedMs: used === 0 ? undefined : used };
  }

  /** Throws if the one who asks is no longer an owner. */
  #refuseStranger(caller: User | undefined): void {
    this.#accounts.refresh();
    if (caller !== undefined && !this.#accounts.isStillOwner(caller))
      throw new AccountsError('ACCOUNTS_CALLER_CHANGED');
  }

  /** Emits what has changed since the last look. */
  #look = (): void => {
    const before = this.#valid;
    const now = this.#allValid();
    this.#valid = now;
    const missing = (from: ReadonlyMap<string, Token>, other: ReadonlyMap<string, Token>) =>
      [...from.values()].filter(({ id }) => !other.has(id));
    const changes: TokenChange[] = [
      ...missing(before, now).map((token) => ({ kind: 'ended', token: this.#shown(token) }) as const),
      ...missing(now, before).map((token) => ({ kind: 'made', token: this.#shown(token) }) as const),
    ];
    this.#expireLater();
    if (changes.length > 0) this.emit('changed', changes);
  };

  #expireLater(): void {
    clearTimeout(this.#expiry);
    if (this.#valid.size === 0) return;
    const first = Math.min(...[...this.#valid.values()].map(({ expiresMs }) => expiresMs));
    const inMs = Math.min(Math.max(0, first - this.#nowMs()), EXPIRY_LOOK_MS);
    this.#expiry = setTimeout(this.#look, inMs).unref();
  }

  /** Adds last uses to the file. They are not worth an error: a folder may be read-only. */
  async #writeUses(): Promise<void> {
    const uses = new Map(this.#uses);
    if (uses.size === 0) return;
    const written = this.#file.update((state) => {
      const newer = [...uses].flatMap(([id, usedMs]): [string, StoredToken][] => {
        const token = state.get(id);
        const minuteMs = usedMs - (usedMs % MINUTE_MS);
        return token && (token.usedMs ?? 0) < minuteMs ? [[id, { ...token, usedMs: minuteMs }]] : [];
      });
      return newer.length === 0 ? state : new Map([...state, ...newer]);
    });
    await written.then(
      () => {
        for (const [id, usedMs] of uses) if (this.#uses.get(id) === usedMs) this.#uses.delete(id);
      },
      () => undefined,
    );
  }
}

import type { EventEmitter } from 'node:events';
import type { Pass } from './pass.ts';
import type { Scope } from './scopes.ts';
import type { Token } from './token-file.ts';
import type { User } from './user.ts';

/** A token that was made, or that has ended: it was revoked or has expired, or its user was removed or changed. */
export interface TokenChange {
  readonly kind: 'made' | 'ended';
  readonly token: Token;
}

export interface TokensEvents {
  /** Emitted after each change, by this process or another. Not for the time of the last use. */
  changed: [TokenChange[]];
}

/** What a new token shall be. */
export interface TokenRequest {
  readonly name: string;
  readonly user: string;
  readonly scopes: readonly Scope[];
  readonly expiresS: number;
}

/** The bearer tokens of the users. */
export interface Tokens extends EventEmitter<TokensEvents> {
  /** The valid tokens, oldest first. */
  list(): Token[];
  /**
   * Makes a token. `text` is what its bearer sends; it is not kept. Throws an AccountsError. `caller` is the owner who
   * asks; without it, the one who asks is the account that runs this program.
   */
  create(
    request: TokenRequest,
    caller?: User,
    signal?: AbortSignal,
  ): Promise<{ readonly token: Token; readonly text: string }>;
  /** Ends a token. Throws ACCOUNTS_NO_SUCH_TOKEN. */
  revoke(id: string, caller?: User, signal?: AbortSignal): Promise<void>;
  /** The pass of a bearer who sends this text. Undefined if it is no valid token. Takes note of the use. */
  passOf(text: string): Pass | undefined;
  close(): Promise<void>;
}

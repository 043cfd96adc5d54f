/** The meaning of each error code of accounts. The codes are stable. */
export const ACCOUNT_ERRORS = {
  ACCOUNTS_NAME_INVALID: 'A user name has 1 to 127 characters, none of them a colon or a control character.',
  ACCOUNTS_PASSWORD_INVALID: 'A password has 1 to 1024 bytes.',
  ACCOUNTS_USER_EXISTS: 'There is already a user of this name.',
  ACCOUNTS_NO_SUCH_USER: 'There is no user of this name.',
  ACCOUNTS_USER_TWICE: 'The same user is named twice in one call.',
  ACCOUNTS_LAST_OWNER: 'The last owner can be neither removed nor demoted.',
  ACCOUNTS_NO_SUCH_TOKEN: 'There is no valid token of this id.',
  ACCOUNTS_TOKEN_NAME_INVALID: 'A token name has 1 to 64 characters, none of them a control character.',
  ACCOUNTS_TOKEN_SCOPES_MISSING: 'A token needs at least one scope.',
  ACCOUNTS_TOKEN_LIFE_INVALID: 'A token is valid for 1 s to 5 years.',
  ACCOUNTS_TOKENS_FULL: 'There are as many tokens as there may be. Revoke one.',
  ACCOUNTS_USER_TOKENS_FULL: 'This user has as many tokens as a user may have. Revoke one.',
  ACCOUNTS_CHANGES_REFUSED: 'Nothing was changed, because some of the changes are refused.',
  ACCOUNTS_CALLER_CHANGED:
    'The owner who made this call was changed or removed, or the token ended, before the call was finished.',
  ACCOUNTS_BUSY: 'Too many passwords are waiting to be checked or hashed.',
  ACCOUNTS_CLOSED: 'The users and tokens are no longer in use, because the server stops.',
  ACCOUNTS_STORE_BROKEN: 'The file of users or tokens is not what Deskwire wrote; it is left as it is.',
  ACCOUNTS_STORE_UNREADABLE: 'The file of users or tokens cannot be read.',
  ACCOUNTS_STORE_UNWRITABLE: 'The file of users or tokens cannot be written.',
  ACCOUNTS_STORE_MOUNTED:
    'The file of users or tokens is mounted by itself, so that it cannot be replaced; mount its folder instead.',
  ACCOUNTS_STORE_UNSAFE: 'The file of users or tokens belongs to another user, or every user may write it.',
  ACCOUNTS_STORE_FULL: 'The file of users or tokens has no room for more.',
  ACCOUNTS_STORE_LOCKED: 'Another process has held the lock of the file of users or tokens for too long.',
  ACCOUNTS_KASM_FILE: 'The KasmVNC password file cannot be read.',
  ACCOUNTS_HASH_FAILED: 'A password could not be hashed.',
} as const;

export type AccountErrorCode = keyof typeof ACCOUNT_ERRORS;

/** One refused change of a list. */
export interface RefusedChange {
  /** Position in the list that was given to `apply`. */
  readonly index: number;
  readonly user: string;
  readonly code: AccountErrorCode;
  readonly detail: string;
}

/** An error of accounts. Neither its message nor its details have a password in them. */
export class AccountsError extends Error {
  readonly code: AccountErrorCode;
  /** The refused changes. Empty if the error concerns no particular change. */
  readonly errors: readonly RefusedChange[];

  constructor(
    code: AccountErrorCode,
    detail?: string,
    options: ErrorOptions & { errors?: readonly RefusedChange[] } = {},
  ) {
    super(detail ?? ACCOUNT_ERRORS[code], options);
    this.name = 'AccountsError';
    this.code = code;
    this.errors = options.errors ?? [];
  }
}

/** Makes the error for a refused list. It has the code of the refusal, or the code for lists if there are several. */
export function refusal(errors: readonly RefusedChange[]): AccountsError {
  const [first] = errors;
  if (errors.length === 1 && first !== undefined)
    return new AccountsError(first.code, first.detail, { errors });
  return new AccountsError('ACCOUNTS_CHANGES_REFUSED', undefined, { errors });
}

/** The meaning of each error code of accounts. The codes are stable. */
export const ACCOUNT_ERRORS = {
  ACCOUNTS_NAME_INVALID: 'A user name has 1 to 127 characters, none of them a colon or a control character.',
  ACCOUNTS_PASSWORD_INVALID: 'A password has 1 to 1024 bytes.',
  ACCOUNTS_USER_EXISTS: 'There is already a user of this name.',
  ACCOUNTS_NO_SUCH_USER: 'There is no user of this name.',
  ACCOUNTS_USER_TWICE: 'The same user is named twice in one call.',
  ACCOUNTS_LAST_OWNER: 'The last owner can be neither removed nor demoted.',
  ACCOUNTS_CHANGES_REFUSED: 'Nothing was changed, because some of the changes are refused.',
  ACCOUNTS_CALLER_CHANGED: 'The owner who made this call was changed or removed before it was finished.',
  ACCOUNTS_BUSY: 'Too many passwords are waiting to be checked or hashed.',
  ACCOUNTS_CLOSED: 'The user store is closed.',
  ACCOUNTS_STORE_BROKEN: 'The user file is not what Deskwire wrote; it is left as it is.',
  ACCOUNTS_STORE_UNREADABLE: 'The user file cannot be read.',
  ACCOUNTS_STORE_UNWRITABLE: 'The user file cannot be written.',
  ACCOUNTS_STORE_MOUNTED:
    'The user file is mounted by itself, so that it cannot be replaced; mount the folder that it is in instead.',
  ACCOUNTS_STORE_UNSAFE: 'The user file belongs to another user, or every user may write it.',
  ACCOUNTS_STORE_FULL: 'The user file has no room for more users.',
  ACCOUNTS_STORE_LOCKED: 'Another process has held the lock of the user file for too long.',
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

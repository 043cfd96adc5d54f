import { randomInt } from 'node:crypto';
import type { Accounts } from './accounts.ts';
import { AccountsError } from './errors.ts';

/** Without characters that look alike: 0 O, 1 l I. */
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** Characters, 116 bits in all. A larger number is harder to type, a smaller one easier to guess. */
const PASSWORD_LENGTH = 20;

const DEFAULT_OWNER_NAME = 'owner';

export interface FirstOwner {
  /** Default: `owner`. */
  readonly name: string | undefined;
  /** Generated if undefined. */
  readonly password: string | undefined;
}

export interface MadeOwner {
  readonly name: string;
  /** The password if it was generated. The caller shows it once. */
  readonly password: string | undefined;
}

/**
 * Creates the first owner if there is none, else does nothing and returns undefined. A user of that name who is not an
 * owner becomes one, with the new password.
 */
export async function ensureOwner(
  accounts: Accounts,
  { name = DEFAULT_OWNER_NAME, password }: FirstOwner,
): Promise<MadeOwner | undefined> {
  const given = password ?? generatePassword();
  const made = { name, password: password === undefined ? given : undefined };
  const rights = { read: true, write: true, owner: true };
  if (hasOwner(accounts)) return undefined;
  try {
    await accounts.apply([{ kind: 'create', name, password: given, rights, overwrite: false }]);
    return made;
  } catch (error) {
    if (!(error instanceof AccountsError && error.code === 'ACCOUNTS_USER_EXISTS')) throw error;
    // Another server that starts on the same folder may have created the owner, and shown the password.
    if (hasOwner(accounts)) return undefined;
  }
  await accounts.apply([{ kind: 'update', name, password: given, rights }]);
  return made;
}

const hasOwner = (accounts: Accounts): boolean => accounts.list().some(({ owner }) => owner);

function generatePassword(): string {
  return Array.from({ length: PASSWORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

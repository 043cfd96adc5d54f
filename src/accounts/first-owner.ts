import { randomInt } from 'node:crypto';
import type { Accounts } from './accounts.ts';
import { AccountsError } from './errors.ts';

/** Without the characters that look like another one: 0 O, 1 l I. */
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** 116 bits: nobody guesses it, and it still can be typed. */
const PASSWORD_LENGTH = 20;

const DEFAULT_OWNER_NAME = 'owner';

export interface FirstOwner {
  /** `owner` where undefined. */
  readonly name: string | undefined;
  /** Generated where undefined. */
  readonly password: string | undefined;
}

export interface MadeOwner {
  readonly name: string;
  /** Only where it was generated, to be shown once. */
  readonly password: string | undefined;
}

/**
 * Makes the first owner where there is none, else does nothing and returns undefined. A user of that name who is not an
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
    // Another server that starts on the same folder may have been faster: then that one has shown its password.
    if (hasOwner(accounts)) return undefined;
  }
  await accounts.apply([{ kind: 'update', name, password: given, rights }]);
  return made;
}

const hasOwner = (accounts: Accounts): boolean => accounts.list().some(({ owner }) => owner);

function generatePassword(): string {
  return Array.from({ length: PASSWORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

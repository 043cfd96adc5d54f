import { ACCOUNT_ERRORS, type AccountErrorCode, type RefusedChange } from './errors.ts';
import { isOwner, type StoredUser, type StoreState } from './store-state.ts';
import type { Rights, UserChange } from './user.ts';

/** Characters (code points) of a name, as in the API contract. */
export const MAX_NAME_LENGTH = 127;
export const MAX_PASSWORD_BYTES = 1024;

const NO_RIGHTS: Rights = { read: false, write: false, owner: false };

/**
 * Characters that a name must not have. A colon ends the name in HTTP's Basic login and in KasmVNC's file. A control
 * character may start a new line there. Half a surrogate pair has no UTF-8, so that two such names would be stored
 * alike.
 */
export function isValidName(name: string): boolean {
  if (name.length === 0 || name.length > 2 * MAX_NAME_LENGTH) return false;
  return [...name].length <= MAX_NAME_LENGTH && name.isWellFormed() && !/[:\p{Cc}]/u.test(name);
}

export function isValidPassword(password: string): boolean {
  if (password.length === 0 || password.length > MAX_PASSWORD_BYTES || !password.isWellFormed()) return false;
  return new TextEncoder().encode(password).length <= MAX_PASSWORD_BYTES;
}

/**
 * Rights after a change. `write` implies `read`, even with `read: false`. Taking `read` from a writer takes `write`.
 */
export function changeRights(current: Rights, change: Partial<Rights>): Rights {
  const owner = change.owner ?? current.owner;
  if (change.write === true) return { read: true, write: true, owner };
  if (change.read === false) return { read: false, write: false, owner };
  const write = change.write ?? current.write;
  return { read: (change.read ?? current.read) || write, write, owner };
}

/** The stored form of a password: its hash, and an id that changes with the password. */
export type Secret = Pick<StoredUser, 'hash' | 'passwordId'>;

export interface Outcome {
  readonly state: StoreState;
  /** Refused changes in the order of the list. If there are any, `state` must not be used. */
  readonly errors: readonly RefusedChange[];
}

/**
 * Names of removed users that are kept, the last ones, so that an import does not create them again. A larger number
 * takes up to 200 bytes of the user file for each; with a smaller one, a user who was removed long ago comes back if a
 * password file of KasmVNC still has it.
 */
const MOST_REMOVED = 10_000;

/**
 * Applies a list of changes to a state. `secretOf(index)` returns the hash of the password that change `index` gives,
 * and is called only for changes that give one.
 */
export function applyChanges(
  before: StoreState,
  changes: readonly UserChange[],
  secretOf: (index: number) => Secret,
): Outcome {
  const users = new Map(before.users);
  const removed = new Set(before.removed);
  const after: StoreState = { ...before, users, removed };
  const errors: RefusedChange[] = [];
  const seen = new Set<string>();

  for (const [index, change] of changes.entries()) {
    const code = seen.has(change.name) ? 'ACCOUNTS_USER_TWICE' : refusalOf(change, users);
    seen.add(change.name);
    if (code !== undefined) {
      errors.push(refused(index, change.name, code));
      continue;
    }
    const current = users.get(change.name);
    if (change.kind === 'remove') {
      users.delete(change.name);
      removed.delete(change.name);
      removed.add(change.name);
    } else if (change.kind === 'create') {
      users.set(change.name, {
        name: change.name,
        ...changeRights(NO_RIGHTS, change.rights),
        ...secretOf(index),
        ...(change.grants && { grants: change.grants }),
        ...(change.groups && { groups: change.groups }),
      });
      removed.delete(change.name);
    } else if (current !== undefined) {
      const secret = change.password === undefined ? current : secretOf(index);
      const grants = change.grants ?? current.grants;
      const groups = change.groups ?? current.groups;
      users.set(change.name, {
        name: change.name,
        ...changeRights(current, change.rights),
        hash: secret.hash,
        passwordId: secret.passwordId,
        ...(grants && { grants }),
        ...(groups && { groups }),
      });
    }
  }

  // Checked after the whole list, so that one call may pass ownership from one user to another.
  if (errors.length === 0 && hasOwner(before) && !hasOwner(after)) {
    const wasOwner = (user: StoredUser | undefined): boolean => user !== undefined && isOwner(before, user);
    const index = changes.findLastIndex(({ name }) => wasOwner(before.users.get(name)));
    errors.push(refused(index, changes[index]?.name ?? '', 'ACCOUNTS_LAST_OWNER'));
  }
  for (const name of removed) {
    if (removed.size <= MOST_REMOVED) break;
    removed.delete(name);
  }
  return { state: after, errors };
}

function refusalOf(change: UserChange, users: ReadonlyMap<string, StoredUser>): AccountErrorCode | undefined {
  const exists = users.has(change.name);
  if (change.kind === 'create') {
    if (!isValidName(change.name)) return 'ACCOUNTS_NAME_INVALID';
    if (exists && !change.overwrite) return 'ACCOUNTS_USER_EXISTS';
  } else if (!exists) return 'ACCOUNTS_NO_SUCH_USER';
  if (change.kind !== 'remove' && change.password !== undefined && !isValidPassword(change.password))
    return 'ACCOUNTS_PASSWORD_INVALID';
  return undefined;
}

const refused = (index: number, user: string, code: AccountErrorCode): RefusedChange => ({
  index,
  user,
  code,
  detail: ACCOUNT_ERRORS[code],
});

function hasOwner(state: StoreState): boolean {
  for (const user of state.users.values()) if (isOwner(state, user)) return true;
  return false;
}

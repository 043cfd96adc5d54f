import { isValidName } from './account-changes.ts';
import { isKnownHash } from './password-hash.ts';
import { brokenFile } from './shared-file.ts';
import type { StoredUser, StoreState } from './store-state.ts';

/** What messages call the file. */
export const USER_FILE = 'user file';

/** Version of the file's format. Raised when older programs cannot read the new format. */
const VERSION = 1;

/**
 * Bytes of a user file: room for about 30,000 users. Reading one of this size takes the main thread about 0.2 s, so a
 * larger limit would hold up all viewers for longer; a smaller one would refuse users.
 */
export const MAX_STORE_BYTES = 8 * 1024 * 1024;

/** Formats the user file, one line for each user, so that people can read and compare it. */
export function formatStore(state: StoreState): string {
  const users = [...state.users.values()].map(({ name, read, write, owner, hash, passwordId }) =>
    JSON.stringify({ user: name, read, write, owner, hash, passwordId }),
  );
  const removed = JSON.stringify([...state.removed]);
  return `{\n"version": ${VERSION},\n"users": [\n${users.join(',\n')}\n],\n"removed": ${removed}\n}\n`;
}

/** Parses the user file. Throws ACCOUNTS_STORE_BROKEN with the place of the fault. */
export function parseStore(text: string, path: string): StoreState {
  const broken = (what: string, cause?: unknown) => brokenFile(USER_FILE, path, what, cause);

  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw broken('it is not JSON', cause);
  }
  if (!isRecord(file) || !Array.isArray(file.users) || !isStrings(file.removed))
    throw broken('it lacks the lists "users" and "removed"');
  if (file.version !== VERSION) throw broken(`its version is not ${VERSION}`);

  const users = new Map<string, StoredUser>();
  for (const [index, entry] of file.users.entries()) {
    const user = storedUser(entry);
    if (user === undefined)
      throw broken(
        `entry ${index + 1} of "users" is not a user, or its hash is of a form or cost that is not accepted`,
      );
    if (users.has(user.name))
      throw broken(`entry ${index + 1} of "users" has the name of an entry before it`);
    users.set(user.name, user);
  }
  return { users, removed: new Set(file.removed) };
}

function storedUser(entry: unknown): StoredUser | undefined {
  if (!isRecord(entry)) return undefined;
  const { user: name, read, write, owner, hash, passwordId } = entry;
  if (typeof name !== 'string' || !isValidName(name)) return undefined;
  if (typeof read !== 'boolean' || typeof write !== 'boolean' || typeof owner !== 'boolean') return undefined;
  if (typeof hash !== 'string' || !isKnownHash(hash) || typeof passwordId !== 'string') return undefined;
  return { name, read: read || write, write, owner, hash, passwordId };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

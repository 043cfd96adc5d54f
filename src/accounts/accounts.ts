import type { EventEmitter } from 'node:events';
import type { User, UserChange, UserChanged } from './user.ts';

export interface AccountsEvents {
  /** Emitted after each change of the store, by this process or another, with the users that it concerns. */
  changed: [UserChanged[]];
}

/** The users of the desktop. */
export interface Accounts extends EventEmitter<AccountsEvents> {
  list(): User[];
  get(name: string): User | undefined;
  /**
   * Reads the users again if another process has changed them, and then emits `changed`. Costs one stat. For callers
   * that trust something older than a login, where the file system may give no notice of changes.
   */
  refresh(): void;
  /** The user if this login was verified before and is still valid. Returns at once, without hashing. */
  verifiedBefore(name: string, password: string): User | undefined;
  /** Returns the user if the password is right, else undefined. Hashes on a separate thread. Caches valid logins. */
  verify(name: string, password: string, signal?: AbortSignal): Promise<User | undefined>;
  /**
   * Applies all changes or none, with one lock and one write. Hashes new passwords on a separate thread. Throws an
   * AccountsError whose `errors` have the index of each refused change. An aborted call changes nothing.
   */
  apply(changes: readonly UserChange[], signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

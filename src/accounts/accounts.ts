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
  /**
   * Whether a user that these accounts returned is still an owner, with the same password. False for a user of that
   * name who was created again.
   */
  isStillOwner(user: User): boolean;
  /**
   * Takes the word of a fleet's edge for a user whom these accounts do not have. If that is an owner, it counts as one
   * that these accounts returned, for as long as the object is used.
   */
  vouch(user: User): void;
  /**
   * Names the password of a user: another one gets another id, and so does a user of that name who was created again.
   * Undefined if there is no such user.
   */
  passwordIdOf(name: string): string | undefined;
  /**
   * The user as they are now, if their password and its hash are still those that they had when these accounts returned
   * `user`: a login that was right then is right now. Reads the users again if another process has changed them.
   */
  ifPasswordUnchanged(user: User): User | undefined;
  /** The user if this login was verified before and is still valid. Returns at once, without hashing. */
  verifiedBefore(name: string, password: string): User | undefined;
  /** Returns the user if the password is right, else undefined. Hashes on a separate thread. Caches valid logins. */
  verify(name: string, password: string, signal?: AbortSignal): Promise<User | undefined>;
  /**
   * Applies all changes or none, with one lock and one write. Hashes new passwords on a separate thread. Throws an
   * AccountsError whose `errors` have the index of each refused change. An aborted call changes nothing.
   *
   * `caller` is the owner who asks for the changes, as these accounts returned it. Throws ACCOUNTS_CALLER_CHANGED,
   * unless `isStillOwner` holds under the lock. Without it, the one who asks is the account that runs this program.
   */
  apply(changes: readonly UserChange[], signal?: AbortSignal, caller?: User): Promise<void>;
  close(): Promise<void>;
}

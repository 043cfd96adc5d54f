import type { EventEmitter } from 'node:events';
import type { User, UserChange, UserChanged } from './user.ts';

export interface AccountsEvents {
  /** After every change of the store, by this process or another: what it means for whom. */
  changed: [UserChanged[]];
}

/** Who may use the desktop. */
export interface Accounts extends EventEmitter<AccountsEvents> {
  list(): User[];
  get(name: string): User | undefined;
  /** The user, where this very login was verified before and still holds: at once, without hashing. */
  verifiedBefore(name: string, password: string): User | undefined;
  /** The user whose password this is, else undefined. Hashes on a thread of its own; verified logins are cached. */
  verify(name: string, password: string, signal?: AbortSignal): Promise<User | undefined>;
  /**
   * Applies all changes, or none. One lock, one hash run away from the main thread, one write.
   * Throws AccountsError, whose `errors` name each refused change by its index. An aborted call changes nothing.
   */
  apply(changes: readonly UserChange[], signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

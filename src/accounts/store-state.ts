import type { User, UserChanged } from './user.ts';

/** A user as the store keeps one. */
export interface StoredUser extends User {
  /** PHC string, or an imported `$5$…` hash until the first login. */
  readonly hash: string;
  /** Another one for each password that is set; the same one while only the way of hashing changes. */
  readonly passwordId: string;
}

/** What the store holds. Never changed in place: a change makes another one. */
export interface StoreState {
  readonly users: ReadonlyMap<string, StoredUser>;
  /** Names that once were here and were removed, so that an import does not bring them back. */
  readonly removed: ReadonlySet<string>;
}

export const EMPTY_STATE: StoreState = { users: new Map(), removed: new Set() };

/** The user as the rest of the program may see it. */
export const publicUser = ({ name, read, write, owner }: StoredUser): User => ({ name, read, write, owner });

/** What became of whom between two states. Created users count as changed too. */
export function difference(before: StoreState, after: StoreState): UserChanged[] {
  const changes: UserChanged[] = [];
  for (const [name, was] of before.users) {
    const is = after.users.get(name);
    if (is === undefined) {
      changes.push({ name, user: undefined, passwordChanged: false });
      continue;
    }
    const passwordChanged = is.passwordId !== was.passwordId;
    if (passwordChanged || is.read !== was.read || is.write !== was.write || is.owner !== was.owner)
      changes.push({ name, user: publicUser(is), passwordChanged });
  }
  for (const [name, is] of after.users) {
    if (!before.users.has(name)) changes.push({ name, user: publicUser(is), passwordChanged: true });
  }
  return changes;
}

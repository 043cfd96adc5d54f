import type { Grant, User, UserChanged } from './user.ts';

/** A user as the store keeps one. */
export interface StoredUser extends User {
  /** A PHC string. Until the first login of an imported user, a `$5$…` hash. */
  readonly hash: string;
  /** Changes with the password. Does not change when the same password is hashed with another cost. */
  readonly passwordId: string;
  /** In a fleet. A desktop's own users have none. */
  readonly grants?: readonly Grant[];
  /** Names of groups of a fleet. */
  readonly groups?: readonly string[];
}

/** Contents of the store. Immutable: a change makes a new state. */
export interface StoreState {
  readonly users: ReadonlyMap<string, StoredUser>;
  /** Names of removed users, so that an import does not create them again. */
  readonly removed: ReadonlySet<string>;
  /** Groups of a fleet whose members are owners. */
  readonly ownerGroups?: ReadonlySet<string>;
}

export const EMPTY_STATE: StoreState = { users: new Map(), removed: new Set() };

type Groups = Pick<StoreState, 'ownerGroups'>;

/** Whether a user is an owner, as such or by a group. */
export const isOwner = ({ ownerGroups }: Groups, { owner, groups }: Pick<StoredUser, 'owner' | 'groups'>) =>
  owner || (ownerGroups !== undefined && groups?.some((group) => ownerGroups.has(group)) === true);

/** A user without password data. */
export const publicUser = (state: Groups, user: StoredUser): User => {
  const { name, read, write } = user;
  return { name, read, write, owner: isOwner(state, user) };
};

/** Lists the users that differ between two states, including created and removed ones. */
export function difference(before: StoreState, after: StoreState): UserChanged[] {
  const changes: UserChanged[] = [];
  for (const [name, was] of before.users) {
    const is = after.users.get(name);
    if (is === undefined) {
      changes.push({ name, user: undefined, passwordChanged: false });
      continue;
    }
    const passwordChanged = is.passwordId !== was.passwordId;
    const wasOwner = isOwner(before, was);
    const hasOtherRights = is.read !== was.read || is.write !== was.write || isOwner(after, is) !== wasOwner;
    const hasOtherGrants = is.grants !== was.grants || is.groups !== was.groups;
    if (passwordChanged || hasOtherRights || hasOtherGrants)
      changes.push({ name, user: publicUser(after, is), passwordChanged });
  }
  for (const [name, is] of after.users) {
    if (before.users.has(name)) continue;
    changes.push({ name, user: publicUser(after, is), isNew: true, passwordChanged: true });
  }
  return changes;
}

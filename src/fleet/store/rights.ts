import { isOwner, type StoredUser } from '../../accounts/store-state.ts';
import type { Grant, Rights } from '../../accounts/user.ts';
import type { Desktop, FleetState } from './fleet-state.ts';
import type { Limit } from './logins.ts';

type Named = Pick<Desktop, 'name' | 'labels'>;

/** All that a caller has been granted, by the groups too. */
export interface Granted {
  readonly name: string;
  /** An admin of the fleet. */
  readonly owner: boolean;
  readonly grants: readonly Grant[];
  /** The desktops for which this login is. By default all. */
  readonly limit?: Limit;
}

/** What a user of the fleet has been granted, without a limit. Undefined if there is no such user. */
export function grantedTo(state: FleetState, name: string): Granted | undefined {
  const user = state.user.get(name);
  return user && grantedBy(state.group, user);
}

/** The same for a user as stored. */
function grantedBy(groups: FleetState['group'], user: StoredUser): Granted {
  const { name, owner, grants = [], groups: names = [] } = user;
  if (names.length === 0) return { name, owner, grants };
  const own = names.flatMap((group) => groups.get(group) ?? []);
  return {
    name,
    owner: owner || own.some(({ admin }) => admin),
    grants: [...grants, ...own.flatMap((group) => group.grants)],
  };
}

/** Whether a fleet has an admin, by a group or as such. */
export function hasAdmin({ user: users, group: groups }: FleetState): boolean {
  const ownerGroups = new Set([...groups.values()].filter(({ admin }) => admin).map(({ name }) => name));
  for (const user of users.values()) if (isOwner({ ownerGroups }, user)) return true;
  return false;
}

/** What a caller may do with a desktop. Admins may everything. */
export function rightsOn(
  { owner: isAdmin, grants = [], limit }: Partial<Granted> & Pick<Granted, 'owner'>,
  desktop: Named,
): Rights {
  if (limit !== undefined && !concerns(limit, desktop)) return NO_RIGHTS;
  const given = new Set<Grant['right']>();
  for (const grant of grants) if (concerns(grant, desktop)) given.add(grant.right);
  const owner = isAdmin || given.has('owner');
  const write = owner || given.has('write');
  return { owner, write, read: write || given.has('read') };
}

export const NO_RIGHTS: Rights = { owner: false, write: false, read: false };

export const isSameRights = (one: Rights, other: Rights): boolean =>
  one.read === other.read && one.write === other.write && one.owner === other.owner;

/** Whether a grant or a limit is for a desktop. */
export const concerns = (grant: Limit, { name, labels = [] }: Named): boolean =>
  grant.desktop === undefined
    ? grant.labels !== undefined &&
      grant.labels.length > 0 &&
      grant.labels.every((label) => labels.includes(label))
    : grant.desktop === name;

/** Whether a change concerns who may do what, other than by labels. */
export const concernsRights = (before: FleetState, after: FleetState): boolean =>
  before.user !== after.user ||
  before.group !== after.group ||
  before.token !== after.token ||
  before.ticket !== after.ticket ||
  before.logout !== after.logout;

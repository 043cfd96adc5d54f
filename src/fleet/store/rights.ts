import type { StoredUser } from '../../accounts/store-state.ts';
import type { Grant, Rights } from '../../accounts/user.ts';
import type { Desktop } from './fleet-state.ts';

type Named = Pick<Desktop, 'name' | 'labels'>;

/** What a user of a fleet may do with a desktop. Admins may everything. */
export function rightsOn(user: Pick<StoredUser, 'owner' | 'grants'>, desktop: Named): Rights {
  const given = new Set<Grant['right']>();
  for (const grant of user.grants ?? []) if (concerns(grant, desktop)) given.add(grant.right);
  const owner = user.owner || given.has('owner');
  const write = owner || given.has('write');
  return { owner, write, read: write || given.has('read') };
}

const concerns = (grant: Grant, { name, labels = [] }: Named): boolean =>
  grant.desktop === undefined
    ? grant.labels !== undefined &&
      grant.labels.length > 0 &&
      grant.labels.every((label) => labels.includes(label))
    : grant.desktop === name;

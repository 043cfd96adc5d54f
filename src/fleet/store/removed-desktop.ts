import type { StoredUser } from '../../accounts/store-state.ts';
import type { FleetChange, FleetState } from './fleet-state.ts';
import { type FleetStore, MAX_CHANGES } from './store.ts';

/**
 * Removes a desktop from the store, and with it all grants that name it: they would be good for the next desktop of the
 * name. The desktop goes in the same transaction as the last of them. More grants than a transaction can change go
 * before it.
 */
export async function removeFromStore(store: FleetStore, name: string): Promise<void> {
  for (;;) {
    const { desktop } = await store.transact((state) => changesOfRemoval(state, name));
    if (!desktop.has(name)) return;
  }
}

/** The next changes by which a desktop and all grants that name it go. Its own is the last one. */
export function changesOfRemoval(state: FleetState, name: string): FleetChange[] {
  if (!state.desktop.has(name)) return [];
  const changes: FleetChange[] = [];
  for (const group of state.group.values()) {
    const grants = group.grants.filter((grant) => grant.desktop !== name);
    if (grants.length < group.grants.length)
      changes.push({ kind: 'group', name: group.name, value: { ...group, grants } });
  }
  if (changes.length === MAX_CHANGES) return changes;
  for (const user of state.user.values()) {
    const grants = user.grants?.filter((grant) => grant.desktop !== name);
    if (grants === undefined || grants.length === user.grants?.length) continue;
    const value: StoredUser = { ...user, grants };
    changes.push({ kind: 'user', name: user.name, value });
    if (changes.length === MAX_CHANGES) return changes;
  }
  return [...changes, { kind: 'desktop', name, value: undefined }];
}

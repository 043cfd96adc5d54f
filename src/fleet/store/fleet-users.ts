import type { StoredUser, StoreState } from '../../accounts/store-state.ts';
import type { UserStore } from '../../accounts/stored-accounts.ts';
import type { FleetChange, FleetState } from './fleet-state.ts';
import type { FleetStore } from './store.ts';

/** The groups of admins, found out once for each set of groups. */
const adminGroups = new WeakMap<FleetState['group'], ReadonlySet<string>>();

/** No users are imported into a fleet, so that it need not know who was removed. */
const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * The users of a fleet, as the accounts keep them. An admin of the fleet is an `owner` there, also one by a group. All of them have `read`,
 * which lets them in; what they may do with desktops is in their grants.
 */
export class FleetUsers implements UserStore {
  readonly #store: FleetStore;
  readonly #onChange: (before: StoreState, after: StoreState) => void;

  constructor(store: FleetStore, onChange: (before: StoreState, after: StoreState) => void) {
    this.#store = store;
    this.#onChange = onChange;
    store.on('changed', this.#changed);
  }

  get state(): StoreState {
    return stateOf(this.#store.state);
  }

  refresh(): void {
    // A store that does not answer is read again with the next change.
    void this.#store.refresh().catch(() => {});
  }

  async update(change: (state: StoreState) => StoreState, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.#store.transact((state) => {
      const { users } = change(stateOf(state));
      return users === state.user ? [] : changesBetween(state.user, users);
    });
  }

  /** Leaves the store open: it has more than users. */
  async close(): Promise<void> {
    this.#store.off('changed', this.#changed);
  }

  #changed = (before: FleetState, after: FleetState): void => {
    if (before.user !== after.user || before.group !== after.group)
      this.#onChange(stateOf(before), stateOf(after));
  };
}

function stateOf({ user, group }: FleetState): StoreState {
  let ownerGroups = adminGroups.get(group);
  if (ownerGroups === undefined) {
    const ofAdmins = [...group.values()].filter(({ admin }) => admin);
    ownerGroups = new Set(ofAdmins.map(({ name }) => name));
    adminGroups.set(group, ownerGroups);
  }
  return { users: user, removed: NO_NAMES, ownerGroups };
}

function changesBetween(
  before: ReadonlyMap<string, StoredUser>,
  after: ReadonlyMap<string, StoredUser>,
): FleetChange[] {
  const changes: FleetChange[] = [];
  for (const [name, value] of after)
    if (before.get(name) !== value) changes.push({ kind: 'user', name, value });
  for (const name of before.keys())
    if (!after.has(name)) changes.push({ kind: 'user', name, value: undefined });
  return changes;
}

import type { EventEmitter } from 'node:events';
import type { FleetChange, FleetState } from './fleet-state.ts';

/** Changes of one transaction: those of a list with 1,000 entries. */
export const MAX_CHANGES = 1000;

/**
 * Entries of each kind. A larger number takes memory, 1 KiB for each; a smaller one refuses users and desktops.
 */
export const MAX_ENTRIES = { user: 30_000, desktop: 10_000, template: 1000 } as const;

export interface FleetStoreEvents {
  /** Emitted after each change, by this process or another, before the call that made the change returns. */
  changed: [before: FleetState, after: FleetState];
}

/**
 * What all parts of a fleet share. Each transaction with changes gets the next version, in the order in which the
 * transactions become visible. Times are those of the store's machine.
 */
export interface FleetStore extends EventEmitter<FleetStoreEvents> {
  /** As this process last saw it. */
  readonly state: FleetState;
  /** Reads what other processes have changed since. */
  refresh(): void;
  /**
   * Applies the changes that `decide` returns for the newest state, all or none, and writes them to the disk. No other
   * transaction comes between. An error of `decide` changes nothing, and is the error of this call. Resolves with the
   * state after the changes. Throws FLEET_TOO_MANY_CHANGES, FLEET_STORE_FULL and
   * FLEET_STORE_UNWRITABLE.
   */
  transact(decide: (state: FleetState) => readonly FleetChange[]): Promise<FleetState>;
  close(): Promise<void>;
}

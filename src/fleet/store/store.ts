import type { EventEmitter } from 'node:events';
import type { FleetChange, FleetState } from './fleet-state.ts';
import type { FleetNode, NodeReport } from './nodes.ts';

/** Changes of one transaction: those of a list with 1,000 entries. */
export const MAX_CHANGES = 1000;

/**
 * Entries of each kind. A larger number takes memory, 1 KiB for each; a smaller one refuses users and desktops.
 */
export const MAX_ENTRIES = {
  ...{ user: 30_000, desktop: 10_000, template: 1000, host: 1000 },
  ...{ group: 1000, token: 20_000, ticket: 20_000, logout: 60_000, keys: 1 },
} as const;

/** Nodes that are kept. More than this are refused. Each takes some 100 bytes, and 50 for each desktop with viewers. */
export const MAX_NODES = 200;

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
  /** Time in ms since this process last had an answer of the store. 0 for a store on this machine. */
  readonly silentMs: number;
  /** Reads what other processes have changed since. Throws FLEET_STORE_UNAVAILABLE. */
  refresh(): Promise<void>;
  /**
   * Applies the changes that `decide` returns for the newest state, all or none, and writes them to the disk. No other
   * transaction comes between. `decide` may be called again. An error of `decide` changes nothing, and is the error of
   * this call. Resolves with the state after the changes. Throws FLEET_TOO_MANY_CHANGES, FLEET_STORE_FULL,
   * FLEET_STORE_UNWRITABLE and FLEET_STORE_UNAVAILABLE, and FLEET_STORE_UNSURE if the store has stopped answering
   * during the commit and does not come back.
   */
  transact(
    decide: (state: FleetState, nodes: readonly FleetNode[]) => readonly FleetChange[],
  ): Promise<FleetState>;
  /**
   * Writes a node's report in place of its last one, and resolves with the reports of all nodes. Makes no version and
   * tells nobody. Throws FLEET_STORE_FULL and FLEET_STORE_UNAVAILABLE.
   */
  beat(report: NodeReport): Promise<readonly FleetNode[]>;
  /** Forgets a node, which has ended or will not come back. */
  leave(id: string): Promise<void>;
  /** Whether this process is the one of all that looks after lost nodes. One process keeps it until it ends. */
  lead(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Time in ms between two reports of a node. A smaller value shows viewers and lost nodes sooner, and writes to the store
 * more often: 300 bytes for each node.
 */
export const BEAT_MS = 2000;

/**
 * Time in ms for which a host owns its desktops after a report. A larger value finds lost hosts later; with a smaller
 * one, a host that stands still for a while, or a store that fails over, costs desktops.
 */
export const LEASE_MS = 10_000;

/** Age in ms of its last report from which on a host gets no new desktops: two reports are missing. */
export const SILENT_MS = 5000;

/** A process of a fleet, as it reports itself. */
export interface NodeReport {
  readonly id: string;
  readonly kind: 'edge' | 'host';
  /** Version of the state that it acts on. */
  readonly version: number;
  /** Viewers that pass through it now, by desktop. */
  readonly viewers: Readonly<Record<string, number>>;
}

/** A node, and how long ago it has reported. */
export interface FleetNode extends NodeReport {
  /** By the clock of the store. */
  readonly ageMs: number;
}

/** Whether a node has reported within its lease. */
export const isLive = (node: FleetNode | undefined): boolean => node !== undefined && node.ageMs < LEASE_MS;

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

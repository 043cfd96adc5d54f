/** What the server has measured of a connection, in the lists that it answers with. */
export interface Measured {
  readonly kind: 'bottleneck' | 'network';
  readonly numbers: readonly number[];
}

/** The numbers of a list in brackets. */
export const numbersIn = (text: string): number[] => (text.match(/[\d.]+/g) ?? []).map(Number);

/** What the page has counted since a connection began. */
export interface Totals {
  readonly bytes: number;
  /** Updates that were drawn. */
  readonly updates: number;
  /** From the first byte of each of them to its last one, in milliseconds. */
  readonly receivingMs: number;
  /** From there until it was drawn. */
  readonly drawingMs: number;
}

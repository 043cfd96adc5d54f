/** A period in microseconds on the monotonic clock, which all threads share. */
export interface Interval {
  readonly startUs: number;
  readonly endUs: number;
}

/** Returns the time covered by at least one interval: what two threads did at the same time counts once. */
export function unionUs(intervals: readonly Interval[]): number {
  let total = 0;
  let coveredUpTo = Number.NEGATIVE_INFINITY;
  for (const { startUs, endUs } of intervals.toSorted((a, b) => a.startUs - b.startUs)) {
    total += Math.max(0, endUs - Math.max(startUs, coveredUpTo));
    coveredUpTo = Math.max(coveredUpTo, endUs);
  }
  return total;
}

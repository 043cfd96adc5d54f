/** Returns the value that `share` (0-1) of the values are at or below, by nearest rank. Undefined without values. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Returns the middle value, or the mean of the two middle ones. Undefined without values. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)];
  return sorted.length ? (sorted[middle - 1]! + sorted[middle]!) / 2 : undefined;
}

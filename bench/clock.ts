/**
 * Milliseconds of CLOCK_MONOTONIC, which is the same clock in every process of the machine: a time taken in
 * the painter may be subtracted from one taken in the viewer.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

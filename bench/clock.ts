/**
 * Returns milliseconds of CLOCK_MONOTONIC. All processes of the machine share this clock, so a time taken in the
 * painter can be subtracted from one taken in the viewer.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

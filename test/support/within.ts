/** Largest share, and largest number of milliseconds, by which a reported time may differ from a measured one. */
const SHARE = 0.2;
const LEAST_MS = 2;

/**
 * Returns what is wrong with a reported time, or undefined. It may differ by 20 % or 2 ms, whichever is more, times
 * `slack`.
 */
export function wrongTime(
  what: string,
  reportedMs: number,
  measuredMs: number,
  slack = 1,
): string | undefined {
  const mostMs = Math.max(LEAST_MS, measuredMs * SHARE) * slack;
  return Math.abs(reportedMs - measuredMs) <= mostMs
    ? undefined
    : `${what} is ${reportedMs.toFixed(1)} ms; ${measuredMs.toFixed(1)} ms were measured`;
}

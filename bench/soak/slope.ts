import { median } from '../statistics.ts';

/** A measurement of memory. */
export interface MemorySample {
  readonly atMs: number;
  readonly bytes: number;
}

/** The slope of memory, in MiB per minute, and the interval in which the true one is with a confidence of 95 %. */
export interface Slope {
  readonly mibPerMinute: number;
  readonly low: number;
  readonly high: number;
}

const MIB = 1 << 20;
const MINUTE_MS = 60_000;

/** Standard deviations of the normal distribution around which 95 % of it lie. */
const DEVIATIONS = 1.96;

/**
 * Returns the slope by Theil and Sen: the median of the slopes between all pairs, which single peaks do not move. Its
 * interval is that of Sen (1968), from the variance of Kendall's rank correlation: it assumes nothing about how the
 * noise is distributed. Few samples have no limits: with six, the interval is all slopes, and below that, infinite.
 */
export function slopeOf(samples: readonly MemorySample[]): Slope {
  const slopes: number[] = [];
  for (const [i, from] of samples.entries()) {
    for (const to of samples.slice(i + 1)) {
      if (to.atMs > from.atMs)
        slopes.push((to.bytes - from.bytes) / MIB / ((to.atMs - from.atMs) / MINUTE_MS));
    }
  }
  slopes.sort((a, b) => a - b);
  const n = samples.length;
  const spread = DEVIATIONS * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const low = Math.floor((slopes.length - spread) / 2);
  return {
    mibPerMinute: median(slopes) ?? 0,
    low: slopes[low] ?? Number.NEGATIVE_INFINITY,
    high: slopes[slopes.length - 1 - low] ?? Number.POSITIVE_INFINITY,
  };
}

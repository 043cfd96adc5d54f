import { median } from '../statistics.ts';

/** A measurement of memory. */
export interface MemorySample {
  readonly atMs: number;
  readonly bytes: number;
}

const MIB = 1 << 20;
const MINUTE_MS = 60_000;

/**
 * Returns the least memory of each span of `spanMs`. Garbage collections make memory rise and fall within seconds by
 * more than a leak does in an hour. What is left after them is what a leak raises.
 */
export function lowsOf(samples: readonly MemorySample[], spanMs: number): MemorySample[] {
  const lows = new Map<number, MemorySample>();
  for (const sample of samples) {
    const span = Math.floor((sample.atMs - samples[0]!.atMs) / spanMs);
    const low = lows.get(span);
    if (low === undefined || sample.bytes < low.bytes) lows.set(span, sample);
  }
  return [...lows.values()];
}

/**
 * Returns the slope in MiB per minute: the median of the slopes between all pairs (Theil-Sen), which single peaks do not
 * move. Returns 0 for fewer than two samples.
 */
export function slopeMibPerMinute(samples: readonly MemorySample[]): number {
  const slopes: number[] = [];
  for (const [i, from] of samples.entries()) {
    for (const to of samples.slice(i + 1)) {
      if (to.atMs > from.atMs)
        slopes.push((to.bytes - from.bytes) / MIB / ((to.atMs - from.atMs) / MINUTE_MS));
    }
  }
  return median(slopes) ?? 0;
}

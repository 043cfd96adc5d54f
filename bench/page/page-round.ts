import { percentile } from '../statistics.ts';

/** What a page showed of what was painted, in one run of one picture. */
export interface ShownRecord {
  readonly startMs: number;
  readonly endMs: number;
  /** Frame number and time of painting, in order. */
  readonly painted: readonly (readonly [number, number])[];
  /** Frame number and time of the animation frame that first showed it. */
  readonly seen: readonly (readonly [number, number])[];
  readonly browserCpuSeconds: number;
  readonly serverCpuSeconds: number;
}

/** A run in numbers. */
export interface ShownNumbers {
  /** Frames that were shown in a second. */
  readonly fps: number;
  /** From just before the request to paint to the animation frame that showed it. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly browserCpuMs: number | undefined;
  readonly serverCpuMs: number | undefined;
}

/** Computes a run's numbers. Frames count if they were shown within it; latency covers those painted within it. */
export function shownNumbers(record: ShownRecord): ShownNumbers {
  const { startMs, endMs, painted, browserCpuSeconds, serverCpuSeconds } = record;
  const within = (ms: number): boolean => ms >= startMs && ms < endMs;
  const paintedAt = new Map(painted);
  const seenAt = new Map(record.seen);
  const frames = record.seen.filter(([number, ms]) => within(ms) && paintedAt.has(number)).length;
  const latencies = painted.flatMap(([number, ms]) => {
    const seenMs = seenAt.get(number);
    return within(ms) && seenMs !== undefined ? [seenMs - ms] : [];
  });
  const perFrame = (seconds: number): number | undefined => (frames ? (seconds * 1000) / frames : undefined);
  return {
    fps: frames / ((endMs - startMs) / 1000),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    browserCpuMs: perFrame(browserCpuSeconds),
    serverCpuMs: perFrame(serverCpuSeconds),
  };
}

/**
 * Computes the times from keys to what they changed: the n-th key makes the painter paint its n-th frame. Throws if a
 * key or a frame is missing, because a page that loses keys would be called quick.
 */
export function keyTimes(
  keys: readonly number[],
  painted: readonly (readonly [number, number])[],
  seen: readonly (readonly [number, number])[],
): number[] {
  if (keys.length !== painted.length)
    throw new Error(`Of ${keys.length} keys in the page, ${painted.length} came to the desktop.`);
  const seenAt = new Map(seen);
  return keys.map((ms, i) => {
    const seenMs = seenAt.get(painted[i]![0]);
    if (seenMs === undefined) throw new Error(`The page did not show what key ${i + 1} changed.`);
    return seenMs - ms;
  });
}

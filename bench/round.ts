import type { PictureQuality } from './picture-quality.ts';
import { percentile } from './statistics.ts';

/** Everything that one round recorded. Times are monotonic milliseconds. */
export interface RoundRecord {
  readonly startMs: number;
  readonly endMs: number;
  /** Frame number and time of painting, in order. */
  readonly painted: readonly (readonly [number, number])[];
  readonly viewer: ViewerRecord;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** Seconds of CPU used by programs outside the bench. */
  readonly othersSeconds: number;
  /** Undefined if there were no samples. */
  readonly quality: PictureQuality | undefined;
  /**
   * Time when the viewer showed exactly what X did, after the last frame. Undefined if it did not while it was
   * watched.
   */
  readonly exactAtMs: number | undefined;
}

export interface ViewerRecord {
  /** Frame number and time when it was first shown whole, in order. */
  readonly seen: readonly (readonly [number, number])[];
  /** Time when each update was complete, and its number of bytes. */
  readonly updates: readonly (readonly [number, number])[];
  /** Times when an update left the picture showing parts of two frames. */
  readonly torn: readonly number[];
}

/** A round in numbers. A number that the round could not provide is undefined. */
export interface RoundNumbers {
  readonly fps: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly bytesPerFrame: number | undefined;
  readonly bytes: number;
  readonly cpuMsPerFrame: number | undefined;
  /** In per cent of one core. */
  readonly cpuPercent: number;
  readonly memoryMiB: number;
  readonly painted: number;
  readonly lost: number;
  readonly torn: number;
  /** Mean SSIM of the samples' luma, at best 1. */
  readonly ssim: number | undefined;
  /** PSNR of the two chroma planes. Infinite if nothing was lost. */
  readonly chromaDb: number | undefined;
  /** Samples that equal what was painted, in per cent. */
  readonly exactPercent: number | undefined;
  /** Time from the last paint until the viewer showed exactly what X did. Infinite if it never did. */
  readonly exactAfterMs: number | undefined;
  /** CPU used by other programs meanwhile, in per cent of one core. A high value makes the round worthless. */
  readonly othersPercent: number;
}

/**
 * Computes a round's numbers. Frames count if they were seen within the round. Latency covers frames painted within
 * it. Frames painted in its last moments may be seen after its end; they do not count as lost.
 */
export function roundNumbers(record: RoundRecord): RoundNumbers {
  const { startMs, endMs, viewer } = record;
  const within = (ms: number): boolean => ms >= startMs && ms < endMs;
  const seconds = (endMs - startMs) / 1000;
  const seenAt = new Map(viewer.seen);
  const paintedAt = new Map(record.painted);
  const painted = record.painted.filter(([, ms]) => within(ms));
  const frames = viewer.seen.filter(([number, ms]) => within(ms) && paintedAt.has(number)).length;
  const latencies = painted.flatMap(([number, ms]) => {
    const seenMs = seenAt.get(number);
    return seenMs === undefined ? [] : [seenMs - ms];
  });
  const bytes = viewer.updates.reduce((sum, [ms, size]) => sum + (within(ms) ? size : 0), 0);
  return {
    fps: frames / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    bytesPerFrame: frames ? bytes / frames : undefined,
    bytes,
    cpuMsPerFrame: frames ? (record.cpuSeconds * 1000) / frames : undefined,
    cpuPercent: (record.cpuSeconds / seconds) * 100,
    memoryMiB: record.memoryBytes / 2 ** 20,
    painted: painted.length,
    lost: painted.length - latencies.length,
    torn: viewer.torn.filter(within).length,
    ssim: record.quality?.ssim,
    chromaDb: record.quality?.chromaDb,
    exactPercent: record.quality?.exactPercent,
    exactAfterMs: exactAfterMs(record),
    othersPercent: (record.othersSeconds / seconds) * 100,
  };
}

function exactAfterMs({ painted, exactAtMs }: RoundRecord): number | undefined {
  const last = painted.at(-1);
  if (!last) return undefined;
  return exactAtMs === undefined ? Number.POSITIVE_INFINITY : exactAtMs - last[1];
}

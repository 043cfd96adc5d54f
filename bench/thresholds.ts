import type { Size } from '../src/pixels/rect.ts';
import type { Medians, WorkloadResult } from './comparison.ts';
import type { FanoutResult } from './fanout.ts';
import type { WorkloadName } from './workloads.ts';

/** One promise of Deskwire, relative to TigerVNC in the same run if it says so. */
interface Threshold {
  readonly workload: WorkloadName;
  readonly promise: string;
  /** Returns what was measured and whether it keeps the promise. Undefined if the run did not measure it. */
  judge(measured: Measured): Verdict | undefined;
}

interface Measured {
  readonly deskwire: Medians;
  readonly tigervnc: Medians | undefined;
  /** Deskwire's medians divided by TigerVNC's. */
  readonly ratios: Medians | undefined;
}

interface Verdict {
  readonly measured: number;
  readonly kept: boolean;
}

export interface Judgement extends Verdict {
  readonly workload: WorkloadName;
  readonly promise: string;
}

const atMost = (measured: number | undefined, limit: number): Verdict | undefined =>
  measured === undefined ? undefined : { measured, kept: measured <= limit };

const atLeast = (measured: number | undefined, limit: number): Verdict | undefined =>
  measured === undefined ? undefined : { measured, kept: measured >= limit };

/** Tolerance of SSIM: smaller than the difference between two rounds of one server. */
const SSIM_TOLERANCE = 0.005;

/** Requires pictures of equal quality. Without this, the other promises could be kept by a worse picture. */
function similarity({ deskwire, tigervnc }: Measured): Verdict | undefined {
  if (deskwire.ssim === undefined || tigervnc?.ssim === undefined) return undefined;
  return atLeast(deskwire.ssim - tigervnc.ssim, -SSIM_TOLERANCE);
}

const movingAt30 = (workload: WorkloadName): Threshold[] => [
  { workload, promise: `SSIM less TigerVNC's at least -${SSIM_TOLERANCE}`, judge: similarity },
  {
    workload,
    promise: 'p50 latency at most 0.8 x TigerVNC',
    judge: ({ ratios }) => atMost(ratios?.p50Ms, 0.8),
  },
  {
    workload,
    promise: 'p50 latency at most 0.6 x TigerVNC',
    judge: ({ ratios }) => atMost(ratios?.p50Ms, 0.6),
  },
  {
    workload,
    promise: 'CPU per frame at most that of TigerVNC',
    judge: ({ ratios }) => atMost(ratios?.cpuMsPerFrame, 1),
  },
];

const movingAt60 = (workload: WorkloadName): Threshold[] => [
  { workload, promise: 'at least 50 fps', judge: ({ deskwire }) => atLeast(deskwire.fps, 50) },
  { workload, promise: 'no fewer frames than TigerVNC', judge: ({ ratios }) => atLeast(ratios?.fps, 1) },
];

/** Promises for 1920×1080. */
const THRESHOLDS: readonly Threshold[] = [
  ...movingAt30('moving-30'),
  ...movingAt60('moving-60'),
  ...movingAt30('video-30'),
  ...movingAt60('video-60'),
  {
    workload: 'scroll-30',
    promise: 'all 30 fps delivered, which 29 count as',
    judge: ({ deskwire }) => atLeast(deskwire.fps, 29),
  },
  {
    workload: 'scroll-30',
    promise: 'bytes per frame at most 0.4 x TigerVNC',
    judge: ({ ratios }) => atMost(ratios?.bytesPerFrame, 0.4),
  },
  {
    workload: 'scroll-30',
    promise: 'p50 latency at most 0.4 x TigerVNC',
    judge: ({ ratios }) => atMost(ratios?.p50Ms, 0.4),
  },
  {
    workload: 'scroll-30',
    promise: 'CPU per frame at most 0.6 x TigerVNC',
    judge: ({ ratios }) => atMost(ratios?.cpuMsPerFrame, 0.6),
  },
  {
    workload: 'scroll-30',
    promise: 'text lossless: 100 % of the samples exact',
    judge: ({ deskwire }) => atLeast(deskwire.exactPercent, 100),
  },
  {
    workload: 'small-30',
    promise: 'p50 latency at most that of TigerVNC',
    judge: ({ ratios }) => atMost(ratios?.p50Ms, 1),
  },
  {
    workload: 'small-30',
    promise: 'p50 latency at most 0.8 x TigerVNC',
    judge: ({ ratios }) => atMost(ratios?.p50Ms, 0.8),
  },
  {
    workload: 'small-30',
    promise: 'CPU per frame at most 1.5 x TigerVNC',
    judge: ({ ratios }) => atMost(ratios?.cpuMsPerFrame, 1.5),
  },
  {
    workload: 'idle',
    promise: 'under 1 % of a core with one viewer',
    judge: ({ deskwire: { cpuPercent } }) =>
      cpuPercent === undefined ? undefined : { measured: cpuPercent, kept: cpuPercent < 1 },
  },
  { workload: 'idle', promise: '0 bytes', judge: ({ deskwire }) => atMost(deskwire.bytes, 0) },
];

/** Promises for 3840×2160. */
const LARGE_THRESHOLDS: readonly Threshold[] = (['moving-30', 'video-30'] as const).map((workload) => ({
  workload,
  promise: 'at least 20 fps',
  judge: ({ deskwire }) => atLeast(deskwire.fps, 20),
}));

/** Judges the promises for screens of `size`. There are none for sizes other than 1920×1080 and 3840×2160. */
export function judge(results: readonly WorkloadResult[], size: Size): Judgement[] {
  return thresholdsAt(size).flatMap(({ workload, promise, judge: judgeOne }) => {
    const result = results.find((candidate) => candidate.workload === workload);
    const deskwire = result?.peers.deskwire;
    const { tigervnc } = result?.peers ?? {};
    const verdict = deskwire && judgeOne({ deskwire, tigervnc, ratios: result.ratios });
    return verdict ? [{ workload, promise, ...verdict }] : [];
  });
}

function thresholdsAt({ width, height }: Size): readonly Threshold[] {
  if (width === 1920 && height === 1080) return THRESHOLDS;
  return width === 3840 && height === 2160 ? LARGE_THRESHOLDS : [];
}

/** Least frames per second of 10 that are painted: a round's edges may cut one off. */
const LEAST_FANOUT_FPS = 9.5;

/** Judges the promises for many viewers, at 1920×1080. */
export function judgeFanout(fanouts: readonly FanoutResult[], size: Size): Judgement[] {
  if (size.width !== 1920 || size.height !== 1080) return [];
  return fanouts
    .filter(({ peer }) => peer === 'deskwire')
    .flatMap(({ workload, viewers, leastFps, cpuRatio, memoryMBPerViewer }) => [
      {
        workload,
        promise: `${viewers} viewers all get 10 fps, which ${LEAST_FANOUT_FPS} count as`,
        ...atLeast(leastFps, LEAST_FANOUT_FPS)!,
      },
      {
        workload,
        promise: `${viewers} viewers for at most 2.5 x the CPU of one`,
        ...atMost(cpuRatio, 2.5)!,
      },
      {
        workload,
        promise: `at most 10 MB for each further viewer`,
        ...atMost(memoryMBPerViewer, 10)!,
      },
    ]);
}

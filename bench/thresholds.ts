import type { Size } from '../src/pixels/rect.ts';
import type { ApiResult, ApiResults } from './api/api.ts';
import type { Medians, WorkloadResult } from './comparison.ts';
import type { DensityResult } from './density.ts';
import type { FanoutResult } from './fanout.ts';
import type { HopResult } from './hop.ts';
import { COMPOSED, type KeyboardResult } from './keyboard/keyboard.ts';
import type { LinkResult } from './links.ts';
import type { MemoryResult } from './memory.ts';
import type { MemoryNow } from './rig.ts';
import type { StartResult } from './start.ts';
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
  /** The least favourable rounds of a drawn picture. */
  readonly worst: WorkloadResult['worst'];
}

interface Verdict {
  readonly measured: number;
  readonly kept: boolean;
}

export interface Judgement extends Verdict {
  readonly workload:
    | WorkloadName
    | 'memory'
    | 'links'
    | 'api'
    | 'keyboard'
    | 'page'
    | 'hop'
    | 'density'
    | 'start';
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

const similar = (workload: WorkloadName): Threshold => ({
  workload,
  promise: `SSIM less TigerVNC's at least -${SSIM_TOLERANCE}`,
  judge: similarity,
});

const lossless = (workload: WorkloadName): Threshold => ({
  workload,
  promise: 'text lossless: 100 % of the samples exact',
  judge: ({ deskwire }) => atLeast(deskwire.exactPercent, 100),
});

const frames = (workload: WorkloadName, fps: number): Threshold => ({
  workload,
  promise: `at least ${fps} fps`,
  judge: ({ deskwire }) => atLeast(deskwire.fps, fps),
});

/** Numbers that are promised as ratios, and what the promises call them. */
const NUMBERS = {
  p50Ms: 'p50 latency',
  p99Ms: 'p99 latency',
  cpuMsPerFrame: 'CPU per frame',
  bytesPerFrame: 'bytes per frame',
} as const;
type Limits = { readonly [K in keyof typeof NUMBERS]?: number };

/** Promises about the medians of rounds. */
const ratios = (workload: WorkloadName, limits: Limits): Threshold[] =>
  keysOf(limits).map((key) => ({
    workload,
    promise: `${NUMBERS[key]} at most ${limits[key]} x TigerVNC`,
    judge: (measured) => atMost(measured.ratios?.[key], limits[key]!),
  }));

/** Promises about the least favourable of the drawn pictures. */
const worstRatios = (workload: WorkloadName, limits: Limits): Threshold[] =>
  keysOf(limits).map((key) => ({
    workload,
    promise: `${NUMBERS[key]} at most ${limits[key]} x TigerVNC in the worst round`,
    judge: ({ worst }) => atMost(worst?.ratios[key]?.value, limits[key]!),
  }));

const keysOf = (limits: Limits): (keyof Limits)[] => Object.keys(limits) as (keyof Limits)[];

const noFewerFrames = (workload: WorkloadName): Threshold => ({
  workload,
  promise: 'no fewer frames than TigerVNC',
  judge: (measured) => atLeast(measured.ratios?.fps, LEAST_FPS_RATIO),
});
/** A ratio of 1, less the frame per second that a round's edges may cut off. */
const LEAST_FPS_RATIO = 29 / 30;

const SCROLLS = ['scroll-lines-30', 'scroll-smooth-30', 'scroll-pane-30', 'scroll-across-30'] as const;
const PROGRAMS = [
  ...(['terminal-30', 'editor-30', 'sheet-30', 'web-30', 'windows-30'] as const),
  ...(['xterm-30', 'chromium-60', 'calc-30'] as const),
] as const;

/** Promises about the tail. They hold beside a busy core too. */
const TAILS: readonly Threshold[] = (
  ['moving-30', 'moving-60', 'video-30', 'video-60', 'pages-30', ...SCROLLS, ...PROGRAMS, 'small-30'] as const
).flatMap((workload) => ratios(workload, { p99Ms: 1 }));

/** Promises for 1920×1080. */
const THRESHOLDS: readonly Threshold[] = [
  similar('moving-30'),
  ...ratios('moving-30', { p50Ms: 0.6, cpuMsPerFrame: 1 }),
  noFewerFrames('moving-60'),
  similar('video-30'),
  ...ratios('video-30', { p50Ms: 0.55, cpuMsPerFrame: 1.1 }),
  frames('video-60', 55),
  frames('pages-30', 29),
  ...ratios('pages-30', { p50Ms: 0.7, cpuMsPerFrame: 1, bytesPerFrame: 1 }),
  lossless('pages-30'),
  ...SCROLLS.flatMap((workload) => [
    {
      workload,
      promise: 'all 30 fps, which 29 count as, in the worst round',
      judge: ({ worst }: Measured) => atLeast(worst?.fps, 29),
    },
    ...worstRatios(workload, { p50Ms: 0.3, cpuMsPerFrame: 0.6, bytesPerFrame: 0.3 }),
    lossless(workload),
  ]),
  ...PROGRAMS.flatMap((workload) => [
    noFewerFrames(workload),
    ...ratios(workload, { p50Ms: 1, cpuMsPerFrame: 1, bytesPerFrame: 1 }),
    similar(workload),
  ]),
  ...ratios('small-30', { p50Ms: 0.4, cpuMsPerFrame: 3 }),
  ...TAILS,
  {
    workload: 'idle',
    promise: 'under 1 % of a core with one viewer',
    judge: ({ deskwire: { cpuPercent } }) =>
      cpuPercent === undefined ? undefined : { measured: cpuPercent, kept: cpuPercent < 1 },
  },
  { workload: 'idle', promise: '0 bytes', judge: ({ deskwire }) => atMost(deskwire.bytes, 0) },
];

/** Promises for 3840×2160. 29 frames count as 30: a round's edges may cut one off. */
const LARGE_THRESHOLDS: readonly Threshold[] = [frames('video-30', 29), frames('pages-30', 15)];

/**
 * Judges the promises for screens of `size`. There are none for sizes other than 1920×1080 and 3840×2160. Beside a
 * busy core, only those about the tail hold.
 */
export function judge(results: readonly WorkloadResult[], size: Size, isBusy = false): Judgement[] {
  return thresholdsAt(size, isBusy).flatMap(({ workload, promise, judge: judgeOne }) => {
    const result = results.find((candidate) => candidate.workload === workload);
    const deskwire = result?.peers.deskwire;
    const { tigervnc } = result?.peers ?? {};
    const verdict = deskwire && judgeOne({ deskwire, tigervnc, ratios: result.ratios, worst: result.worst });
    return verdict ? [{ workload, promise, ...verdict }] : [];
  });
}

const isFullHd = ({ width, height }: Size): boolean => width === 1920 && height === 1080;

function thresholdsAt(size: Size, isBusy: boolean): readonly Threshold[] {
  if (isFullHd(size)) return isBusy ? TAILS : THRESHOLDS;
  return size.width === 3840 && size.height === 2160 && !isBusy ? LARGE_THRESHOLDS : [];
}

/** Least frames per second of 10 that are painted: a round's edges may cut one off. */
const LEAST_FANOUT_FPS = 9.5;

/** Judges the promises for many viewers, at 1920×1080. */
export function judgeFanout(fanouts: readonly FanoutResult[], size: Size): Judgement[] {
  if (!isFullHd(size)) return [];
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
        promise: `${viewers} viewers for at most 1.4 x the CPU of one`,
        ...atMost(cpuRatio, 1.4)!,
      },
      {
        workload,
        promise: `at most 10 MB for each further viewer`,
        ...atMost(memoryMBPerViewer, 10)!,
      },
    ]);
}

/**
 * Judges the promises about memory, in MiB, at 1920×1080. Unchanged pages of OpenGL's libraries do not count: the system
 * drops them when memory is short, and all programs that use OpenGL share them.
 */
export function judgeMemory(memories: readonly MemoryResult[], size: Size): Judgement[] {
  const deskwire = memories.find(({ peer }) => peer === 'deskwire');
  if (!deskwire || !isFullHd(size)) return [];
  const { idle, viewed, left, afterScreenshots } = deskwire;
  const limit = (what: string, memory: MemoryNow | undefined, most: number): Judgement[] => {
    const verdict = atMost(memory && memory.mib - memory.openGlMiB, most);
    return verdict ? [{ workload: 'memory', promise: `at most ${most} MiB ${what}`, ...verdict }] : [];
  };
  return [
    ...limit('without a viewer', idle, 140),
    ...limit('with one viewer of a film', viewed, 200),
    ...limit('ten seconds after it has left', left, 160),
    ...limit('ten seconds after 100 screenshots', afterScreenshots, 160),
  ];
}

/** Judges the promises about slow links. */
export function judgeLinks(links: readonly LinkResult[]): Judgement[] {
  const judgeAge = (
    mbit: number,
    control: string,
    lossShare: number,
    key: keyof LinkResult['ageMs'],
    most: number,
  ) => {
    const found = links.find(
      (link) => link.mbit === mbit && link.congestionControl === control && link.lossShare === lossShare,
    );
    const verdict = atMost(found?.ageMs[key], most);
    const promise = `${key} at most ${most} ms over ${mbit} Mbit/s with ${lossShare * 100} % loss under ${control}`;
    return verdict ? [{ workload: 'links' as const, promise, ...verdict }] : [];
  };
  return [
    ...judgeAge(5, 'cubic', 0, 'p95', 250),
    ...judgeAge(5, 'bbr', 0, 'p95', 250),
    ...judgeAge(2.4, 'bbr', 0.02, 'p99', 300),
  ];
}

/** Judges the promises about API calls. */
export function judgeApi(results: ApiResults | undefined): Judgement[] {
  if (results === undefined) return [];
  const { calls, bulk } = results;
  const of = (name: string): ApiResult | undefined => calls.find((call) => call.name === name);
  const api = (promise: string, verdict: Verdict | undefined): Judgement[] =>
    verdict ? [{ workload: 'api', promise, ...verdict }] : [];
  const rate = (name: string, least: number, what: string): Judgement[] =>
    api(`at least ${least} ${what} a second`, atLeast(of(name)?.callsPerSecond, least));
  return [
    ...rate('bottleneck', 4000, 'calls of get_bottleneck_stats'),
    ...rate('screenshot', 500, 'screenshots of a still screen'),
    ...rate('screenshot-moving', 100, 'screenshots of a moving screen at a width of 480'),
    ...api('p99 of these below 40 ms', atMost(of('screenshot-moving')?.p99Ms, 40)),
    ...api('p99 of statistics below 10 ms beside viewers of a film', atMost(of('statistics')?.p99Ms, 10)),
    ...api('p50 of get_frame_stats below 40 ms beside a film', atMost(of('frame-stats')?.p50Ms, 40)),
    ...api('bulk calls take at most 1.2 x their hashes on all cores', atMost(bulk?.overHashes, 1.2)),
    ...api('bulk calls delay no frame by more than 20 ms', atMost(bulk?.frameDelayMs, 20)),
  ];
}

/** Judges the promises about idle desktops of a fleet. */
export function judgeDensity(density: DensityResult | undefined): Judgement[] {
  if (density === undefined) return [];
  const { memoryMB, corePercent } = density;
  return [
    { workload: 'density', promise: 'at most 110 MB for each desktop', ...atMost(memoryMB, 110)! },
    { workload: 'density', promise: 'at most 5 % of a core for all', ...atMost(corePercent, 5)! },
  ];
}

/** Judges the promises about new desktops of a fleet. */
export function judgeStarts(starts: StartResult | undefined): Judgement[] {
  if (starts === undefined) return [];
  const { pictureMs, lastPictureMs } = starts;
  return [
    { workload: 'start', promise: 'the picture of a new desktop within 2 s', ...atMost(pictureMs, 2000)! },
    { workload: 'start', promise: 'that of the last of ten within 3 s', ...atMost(lastPictureMs, 3000)! },
  ];
}

/** Judges the promises about the way through the edge of a fleet. */
export function judgeHop(hops: readonly HopResult[]): Judgement[] {
  return hops.flatMap(({ subject, direct, edge }) => {
    const hop = (promise: string, measured: number, most: number): Judgement => ({
      workload: 'hop',
      promise: `${subject}: ${promise}`,
      ...atMost(measured, most)!,
    });
    const times = [
      hop('p50 at most 1 ms more through the edge', edge.p50Ms - direct.p50Ms, 1),
      hop('p99 at most 3 ms more', edge.p99Ms - direct.p99Ms, 3),
    ];
    // A fence costs little but the way itself.
    if (subject === 'fence') return times;
    return [...times, hop('CPU at most 1.25 x', edge.cpuMs / direct.cpuMs, 1.25)];
  });
}

/** Least characters per second, by whether each of them needs a new keycode. */
const LEAST_CHARACTERS_PER_SECOND = { new: 30, none: 300 } as const;

/** Judges the promises about typed text. They hold beside a busy core too. A program that does not run breaks them. */
export function judgeKeyboard({ typed, composed, failed }: KeyboardResult): Judgement[] {
  return [
    ...typed.flatMap(({ program, keycodes, lost, swapped, doubled, other, charactersPerSecond }) => {
      const least = LEAST_CHARACTERS_PER_SECOND[keycodes];
      const where = `in ${program} where ${keycodes === 'new' ? 'each needs a new keycode' : 'none needs a new keycode'}`;
      return [
        {
          workload: 'keyboard' as const,
          promise: `no character lost, swapped or doubled ${where}`,
          ...atMost(lost + swapped + doubled + other, 0)!,
        },
        {
          workload: 'keyboard' as const,
          promise: `at least ${least} characters per second ${where}`,
          ...atLeast(charactersPerSecond, least)!,
        },
      ];
    }),
    ...composed.map(({ program, got }) => ({
      workload: 'keyboard' as const,
      promise: `pinyin makes ${COMPOSED} in ${program}, where it made "${got}"`,
      measured: got.length,
      kept: got === COMPOSED,
    })),
    ...failed.map(({ program, reason }) => ({
      workload: 'keyboard' as const,
      promise: `${program} can be typed into, but: ${reason.split('\n')[0]}`,
      measured: 0,
      kept: false,
    })),
  ];
}

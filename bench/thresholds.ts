import type { Medians, WorkloadResult } from './comparison.ts';
import type { WorkloadName } from './workloads.ts';

/** What Deskwire promises, against TigerVNC in the same run where it says so. */
interface Threshold {
  readonly workload: WorkloadName;
  readonly promise: string;
  /** What was measured, and whether it keeps the promise; undefined where the run did not measure it. */
  judge(deskwire: Medians, ratios: Medians | undefined): Verdict | undefined;
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

const THRESHOLDS: readonly Threshold[] = [
  {
    workload: 'moving-30',
    promise: 'p50 latency at most 0.8 x TigerVNC',
    judge: (_deskwire, ratios) => atMost(ratios?.p50Ms, 0.8),
  },
  {
    workload: 'moving-60',
    promise: 'no fewer frames than TigerVNC',
    judge: (_deskwire, ratios) => atLeast(ratios?.fps, 1),
  },
  {
    workload: 'small-30',
    promise: 'p50 latency at most that of TigerVNC',
    judge: (_deskwire, ratios) => atMost(ratios?.p50Ms, 1),
  },
  {
    workload: 'idle',
    promise: 'under 1 % of a core with one viewer',
    judge: ({ cpuPercent }) =>
      cpuPercent === undefined ? undefined : { measured: cpuPercent, kept: cpuPercent < 1 },
  },
  { workload: 'idle', promise: '0 bytes', judge: ({ bytes }) => atMost(bytes, 0) },
];

export function judge(results: readonly WorkloadResult[]): Judgement[] {
  return THRESHOLDS.flatMap(({ workload, promise, judge: judgeOne }) => {
    const result = results.find((candidate) => candidate.workload === workload);
    const deskwire = result?.peers.deskwire;
    const verdict = deskwire && judgeOne(deskwire, result.ratios);
    return verdict ? [{ workload, promise, ...verdict }] : [];
  });
}

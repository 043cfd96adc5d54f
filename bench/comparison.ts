import type { RoundNumbers } from './round.ts';
import { median } from './statistics.ts';
import type { WorkloadName } from './workloads.ts';

/** Medians over the rounds of one workload on one peer. */
export type Medians = { readonly [K in keyof RoundNumbers]: number | undefined };

export interface WorkloadResult {
  readonly workload: WorkloadName;
  /** Medians by the peer's name. */
  readonly peers: Readonly<Record<string, Medians>>;
  /** Deskwire's median divided by TigerVNC's. Absent if either is absent or infinite. */
  readonly ratios?: Medians;
}

const KEYS = [
  'fps',
  'p50Ms',
  'p99Ms',
  'bytesPerFrame',
  'bytes',
  'cpuMsPerFrame',
  'cpuPercent',
  'memoryMiB',
  'painted',
  'lost',
  'torn',
  'ssim',
  'chromaDb',
  'exactPercent',
  'exactAfterMs',
  'othersPercent',
] as const satisfies readonly (keyof RoundNumbers)[];

function byKey(value: (key: keyof RoundNumbers) => number | undefined): Medians {
  return Object.fromEntries(KEYS.map((key) => [key, value(key)])) as Medians;
}

export function compare(
  workload: WorkloadName,
  rounds: Readonly<Record<string, readonly RoundNumbers[]>>,
): WorkloadResult {
  const peers = Object.fromEntries(
    Object.entries(rounds).map(([name, numbers]) => [
      name,
      byKey((key) => median(numbers.map((round) => round[key]).filter((value) => value !== undefined))),
    ]),
  );
  const { deskwire, tigervnc } = peers;
  if (!deskwire || !tigervnc) return { workload, peers };
  const ratio = (key: keyof RoundNumbers): number | undefined => {
    const [ours, theirs] = [deskwire[key], tigervnc[key]];
    if (ours === undefined || !theirs) return undefined;
    // There is no ratio to an infinite value, which means "never" or "exact".
    return Number.isFinite(ours) && Number.isFinite(theirs) ? ours / theirs : undefined;
  };
  return { workload, peers, ratios: byKey(ratio) };
}

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
  /** Deskwire's worst rounds. Only if every round's picture was drawn anew. */
  readonly worst?: Worst;
}

/** The least favourable of the drawn pictures, for each number on its own. */
interface Worst {
  /** Fewest frames per second. */
  readonly fps: number;
  /** Deskwire's number divided by TigerVNC's in the same round: lowest of `fps`, otherwise highest. */
  readonly ratios: { readonly [K in WorstKey]?: WorstRatio };
}

interface WorstRatio {
  readonly value: number;
  /** What the round painted. */
  readonly drawn: string;
}

export const WORST_KEYS = ['fps', 'p50Ms', 'p99Ms', 'bytesPerFrame', 'cpuMsPerFrame'] as const;
type WorstKey = (typeof WORST_KEYS)[number];

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
  drawn: readonly string[] = [],
): WorkloadResult {
  const peers = Object.fromEntries(
    Object.entries(rounds).map(([name, numbers]) => [
      name,
      byKey((key) => median(numbers.map((round) => round[key]).filter((value) => value !== undefined))),
    ]),
  );
  const { deskwire, tigervnc } = peers;
  if (!deskwire || !tigervnc) return { workload, peers };
  const ratios = byKey((key) => ratioOf(deskwire[key], tigervnc[key]));
  return { workload, peers, ratios, ...(drawn.length ? { worst: worstOf(rounds, drawn) } : {}) };
}

function ratioOf(ours: number | undefined, theirs: number | undefined): number | undefined {
  if (ours === undefined || !theirs) return undefined;
  // There is no ratio to an infinite value, which means "never" or "exact".
  return Number.isFinite(ours) && Number.isFinite(theirs) ? ours / theirs : undefined;
}

/** Compares the two servers in each round, and keeps the worst. */
function worstOf(
  { deskwire = [], tigervnc = [] }: Readonly<Record<string, readonly RoundNumbers[]>>,
  drawn: readonly string[],
): Worst {
  const worst = (key: WorstKey): WorstRatio | undefined => {
    const all = drawn.flatMap((description, round) => {
      const value = ratioOf(deskwire[round]?.[key], tigervnc[round]?.[key]);
      return value === undefined ? [] : [{ value, drawn: description }];
    });
    all.sort((a, b) => (key === 'fps' ? a.value - b.value : b.value - a.value));
    return all[0];
  };
  return {
    fps: Math.min(...deskwire.map(({ fps }) => fps)),
    ratios: Object.fromEntries(WORST_KEYS.map((key) => [key, worst(key)])),
  };
}

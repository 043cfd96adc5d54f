import { type Medians, WORST_KEYS, type WorkloadResult } from './comparison.ts';
import type { Round } from './rig.ts';
import type { Judgement } from './thresholds.ts';

/** Column of the report. `infinite` is printed for an infinite number. */
type Column = readonly [title: string, key: keyof Medians, unit: number, digits: number, infinite?: string];

const COLUMNS: readonly Column[] = [
  ['fps', 'fps', 1, 1],
  ['p50 ms', 'p50Ms', 1, 1],
  ['p99 ms', 'p99Ms', 1, 1],
  ['KB/frame', 'bytesPerFrame', 1000, 1],
  ['CPU ms/frame', 'cpuMsPerFrame', 1, 1],
  ['CPU %', 'cpuPercent', 1, 1],
  ['MiB', 'memoryMiB', 1, 0],
  ['painted', 'painted', 1, 0],
  ['lost', 'lost', 1, 0],
  ['torn', 'torn', 1, 0],
  ['SSIM', 'ssim', 1, 4],
  ['chroma dB', 'chromaDb', 1, 1, 'exact'],
  ['exact %', 'exactPercent', 1, 0],
  ['exact after ms', 'exactAfterMs', 1, 0, 'never'],
  ['others %', 'othersPercent', 1, 0],
];
/** Columns with a ratio. Ratios of counts that are mostly 0 mean nothing. */
const RATIO_COLUMNS = new Set<keyof Medians>([
  'fps',
  'p50Ms',
  'p99Ms',
  'bytesPerFrame',
  'cpuMsPerFrame',
  'memoryMiB',
]);

const NAME_WIDTH = 28;
const LEAST_CELL_WIDTH = 9;

const row = (name: string, cells: readonly string[]): string =>
  name.padEnd(NAME_WIDTH) +
  cells.map((text, i) => text.padStart(Math.max(LEAST_CELL_WIDTH, COLUMNS[i]![0].length + 2))).join('');

function cell(value: number | undefined, digits: number, infinite = '-'): string {
  if (value === undefined) return '-';
  return Number.isFinite(value) ? value.toFixed(digits) : infinite;
}

export function formatRound(name: string, { numbers }: Round): string {
  const { fps, p50Ms, ssim, othersPercent } = numbers;
  const latency = p50Ms === undefined ? '' : `, p50 ${p50Ms.toFixed(1)} ms`;
  const quality = ssim === undefined ? '' : `, SSIM ${ssim.toFixed(4)}`;
  return `${name}: ${fps.toFixed(1)} fps${latency}${quality} (others ${othersPercent.toFixed(0)} %)`;
}

export function formatThreads({ threadsPerFrame }: Round): string {
  const threads = threadsPerFrame.map(
    ({ name, cpuMs, turns }) => `${name} ${cpuMs.toFixed(2)} (${turns.toFixed(1)})`,
  );
  return `  CPU ms per frame (and turns on a core): ${threads.join(', ')}`;
}

/**
 * Formats all workloads: one line per peer, a line of ratios if there are two peers, and one of the worst ratios if
 * the rounds differ.
 */
export function formatResults(results: readonly WorkloadResult[]): string {
  const lines = [
    row(
      '',
      COLUMNS.map(([title]) => title),
    ),
  ];
  for (const { workload, peers, ratios, worst } of results) {
    for (const [name, medians] of Object.entries(peers)) {
      lines.push(
        row(
          `${workload} ${name}`,
          COLUMNS.map(([, key, unit, digits, infinite]) => {
            const value = medians[key];
            return cell(value === undefined ? undefined : value / unit, digits, infinite);
          }),
        ),
      );
    }
    if (ratios) {
      lines.push(
        row(
          `${workload} ratio`,
          COLUMNS.map(([, key]) => (RATIO_COLUMNS.has(key) ? cell(ratios[key], 2) : '')),
        ).trimEnd(),
      );
    }
    if (worst) {
      const worstRatio = (key: keyof Medians): string => {
        const known = WORST_KEYS.find((one) => one === key);
        return known ? cell(worst.ratios[known]?.value, 2) : '';
      };
      lines.push(
        row(
          `${workload} worst`,
          COLUMNS.map(([, key]) => worstRatio(key)),
        ).trimEnd(),
      );
    }
  }
  return lines.join('\n');
}

/** Formats what the rounds with the worst ratios painted. */
export function formatWorst(results: readonly WorkloadResult[]): string {
  return results
    .flatMap(({ workload, worst }) =>
      (['p50Ms', 'bytesPerFrame', 'cpuMsPerFrame'] as const).flatMap((key) => {
        const found = worst?.ratios[key];
        const title = COLUMNS.find(([, of]) => of === key)![0];
        return found
          ? [`worst ${title} of ${workload}: x ${found.value.toFixed(2)} with ${found.drawn}`]
          : [];
      }),
    )
    .join('\n');
}

export function formatJudgements(judgements: readonly Judgement[]): string {
  return judgements
    .map(
      ({ kept, workload, promise, measured }) =>
        `${kept ? 'PASS' : 'MISS'}  ${workload}: ${promise} (measured ${measured.toFixed(3)})`,
    )
    .join('\n');
}

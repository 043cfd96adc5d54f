import type { Medians, WorkloadResult } from './comparison.ts';
import type { Round } from './rig.ts';
import type { Judgement } from './thresholds.ts';

const COLUMNS: readonly (readonly [title: string, key: keyof Medians, unit: number, digits: number])[] = [
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
  ['others %', 'othersPercent', 1, 0],
];
/** Quotients of counts that are mostly 0 say nothing. */
const RATIO_COLUMNS = new Set<keyof Medians>([
  'fps',
  'p50Ms',
  'p99Ms',
  'bytesPerFrame',
  'cpuMsPerFrame',
  'memoryMiB',
]);

const NAME_WIDTH = 22;
const CELL_WIDTH = 13;

const row = (name: string, cells: readonly string[]): string =>
  name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');

const cell = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? '-';

export function formatRound(name: string, { numbers }: Round): string {
  const { fps, p50Ms, othersPercent } = numbers;
  const latency = p50Ms === undefined ? '' : `, p50 ${p50Ms.toFixed(1)} ms`;
  return `${name}: ${fps.toFixed(1)} fps${latency} (others ${othersPercent.toFixed(0)} %)`;
}

export function formatThreads({ threadMsPerFrame }: Round): string {
  return `  CPU ms a frame: ${threadMsPerFrame.map(([name, ms]) => `${name} ${ms.toFixed(1)}`).join(', ')}`;
}

/** All workloads, a line a peer, and where there are two the line of their ratios. */
export function formatResults(results: readonly WorkloadResult[]): string {
  const lines = [
    row(
      '',
      COLUMNS.map(([title]) => title),
    ),
  ];
  for (const { workload, peers, ratios } of results) {
    for (const [name, medians] of Object.entries(peers)) {
      lines.push(
        row(
          `${workload} ${name}`,
          COLUMNS.map(([, key, unit, digits]) => {
            const value = medians[key];
            return cell(value === undefined ? undefined : value / unit, digits);
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
  }
  return lines.join('\n');
}

export function formatJudgements(judgements: readonly Judgement[]): string {
  return judgements
    .map(
      ({ kept, workload, promise, measured }) =>
        `${kept ? 'PASS' : 'MISS'}  ${workload}: ${promise} (measured ${measured.toFixed(2)})`,
    )
    .join('\n');
}

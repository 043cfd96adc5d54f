import type { Size } from '../../src/pixels/rect.ts';
import { median } from '../statistics.ts';
import type { Judgement } from '../thresholds.ts';
import { type PageResults, type PageRun, PICTURE_NAMES } from './page.ts';

/** One line of the report: a number of all runs of a page. */
interface PageLine {
  readonly name: string;
  readonly digits: number;
  value(run: PageRun): number | undefined;
}

const PICTURE_NUMBERS = [
  ['frames a second', 'fps'],
  ['p50 ms', 'p50Ms'],
  ['p99 ms', 'p99Ms'],
  ['browser, CPU ms a frame', 'browserCpuMs'],
  ['server, CPU ms a frame', 'serverCpuMs'],
] as const;

const LINES: readonly PageLine[] = [
  ...PICTURE_NAMES.flatMap((picture) =>
    PICTURE_NUMBERS.map(([name, key]) => ({
      name: `${picture}: ${name}`,
      digits: 1,
      value: (run: PageRun) => run[picture][key],
    })),
  ),
  { name: 'key to pixel: p50 ms', digits: 1, value: ({ keyP50Ms }) => keyP50Ms },
  { name: 'key to pixel: p99 ms', digits: 1, value: ({ keyP99Ms }) => keyP99Ms },
  { name: 'first picture ms', digits: 0, value: ({ firstPictureMs }) => firstPictureMs },
];

/** Returns the median of a number over the runs of a page. */
const medianOf = (runs: readonly PageRun[] | undefined, value: PageLine['value']): number | undefined =>
  median((runs ?? []).map(value).filter((one) => one !== undefined));

/** Formats the medians as a table of Markdown. */
export function formatPages(results: PageResults): string {
  const lines = LINES.map(({ name, digits, value }) => {
    const [ours, theirs] = [medianOf(results.deskwire, value), medianOf(results.novnc, value)];
    const ratio = ours !== undefined && theirs ? (ours / theirs).toFixed(2) : '-';
    const cells = [ours, theirs].map((one) => (one === undefined ? '-' : one.toFixed(digits)).padStart(8));
    return `| ${name.padEnd(30)} | ${cells.join(' | ')} | ${ratio.padStart(5)} |`;
  });
  return [
    'page: what Chromium shows, by software rendering',
    '',
    `| ${'median of the runs'.padEnd(30)} | Deskwire |    noVNC | ratio |`,
    `| ${'-'.repeat(30)} | -------: | -------: | ----: |`,
    ...lines,
  ].join('\n');
}

/** Judges the promises about the page, at 1920×1080, of a run of both pages. */
export function judgePages({ deskwire, novnc }: PageResults, { width, height }: Size): Judgement[] {
  if (!deskwire || !novnc || width !== 1920 || height !== 1080) return [];
  const ours = (value: PageLine['value']): number | undefined => medianOf(deskwire, value);
  const ratio = (value: PageLine['value']): number | undefined => {
    const [mine, theirs] = [ours(value), medianOf(novnc, value)];
    return mine === undefined || !theirs ? undefined : mine / theirs;
  };
  const page = (
    promise: string,
    measured: number | undefined,
    isKept: (value: number) => boolean,
  ): Judgement => ({
    workload: 'page',
    promise,
    // A page that showed nothing breaks the promise.
    measured: measured ?? Number.NaN,
    kept: measured !== undefined && isKept(measured),
  });
  const below = (what: string, limit: number, value: PageLine['value']): Judgement =>
    page(`${what} at most ${limit} x noVNC's`, ratio(value), (one) => one <= limit);
  const filmRatio = ratio(({ film }) => film.fps) ?? 0;
  return [
    page(
      `a film of 30 frames a second: at least 24, or twice noVNC's (${filmRatio.toFixed(2)} x)`,
      ours(({ film }) => film.fps),
      (fps) => fps >= 24 || filmRatio >= 2,
    ),
    below('film: p50 from paint to shown', 0.5, ({ film }) => film.p50Ms),
    page(
      'scrolled text: at least 29 frames a second',
      ours(({ text }) => text.fps),
      (fps) => fps >= 29,
    ),
    below('scrolled text: p50', 0.6, ({ text }) => text.p50Ms),
    below('small change: p50', 1, ({ small }) => small.p50Ms),
    below('key to pixel: p99', 0.7, ({ keyP99Ms }) => keyP99Ms),
    below('first picture after opening', 0.8, ({ firstPictureMs }) => firstPictureMs),
  ];
}

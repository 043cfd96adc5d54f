import type { PageHeap } from './page-use.ts';
import { type Slope, slopeOf } from './slope.ts';

/** What the page held at a time since the start. */
export interface PageSample extends PageHeap {
  readonly atMs: number;
}

export interface PageVerdict {
  /** Growth of the heap. */
  readonly slope: Slope;
  /** What is wrong. Empty: the page holds no more than at first. */
  readonly failures: readonly string[];
}

/** Growth of the heap in MiB a minute for which a run fails: half a MiB in an hour, a byte for each event of it. */
const MOST_SLOPE = 0.5 / 60;
/** Growth of the number of nodes and of listeners for which a run fails. Each is counted exactly. */
const MOST_NODES = 50;
const MOST_LISTENERS = 20;

/** Judges what a page held from when it had made everything that it makes once. */
export function judgePage(samples: readonly PageSample[]): PageVerdict {
  const slope = slopeOf(samples.map(({ atMs, heapBytes }) => ({ atMs, bytes: heapBytes })));
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const failures = [
    slope.mibPerMinute > MOST_SLOPE && `the heap may grow by ${(MOST_SLOPE * 1024).toFixed(1)} KiB a minute`,
    slope.high - slope.low > 4 * MOST_SLOPE &&
      'the measurements are too few or too uneven to tell whether the heap grows',
    last.nodes - first.nodes > MOST_NODES && `${last.nodes - first.nodes} nodes more`,
    last.listeners - first.listeners > MOST_LISTENERS && `${last.listeners - first.listeners} listeners more`,
  ].filter((failure) => failure !== false);
  return { slope, failures };
}

import { COVERED_MS, type Sample } from './stages.ts';

/** Place of one part of a column. Units are those of the chart's `viewBox`. */
interface ChartPart {
  readonly stage: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface ChartLayout {
  /** Milliseconds at the upper edge. */
  readonly topMs: number;
  readonly parts: readonly ChartPart[];
}

/** Milliseconds at the upper edge at least: a frame of 2 ms is not to look like a slow one. */
const LEAST_TOP_MS = 20;

/**
 * Width of a column in milliseconds: the time between two frames that are measured, less a gap. A larger value lets
 * columns cover each other.
 */
const COLUMN_MS = 1600;

/** Places stacked columns, the newest at the right edge. Columns that begin outside are left out. */
export function layOut(
  samples: readonly Sample[],
  nowMs: number,
  { width, height }: { readonly width: number; readonly height: number },
): ChartLayout {
  const shown = samples.filter(({ atMs }) => atMs > nowMs - COVERED_MS && atMs <= nowMs);
  const topMs = roundUp(Math.max(LEAST_TOP_MS, ...shown.map(totalMs)));
  const columnWidth = (COLUMN_MS / COVERED_MS) * width;
  const parts = shown.flatMap(({ atMs, times }) => {
    const x = width - ((nowMs - atMs) / COVERED_MS) * width - columnWidth;
    let y = height;
    return times.flatMap((ms, stage) => {
      const partHeight = (ms / topMs) * height;
      if (partHeight === 0) return [];
      y -= partHeight;
      return [{ stage, x, y, width: columnWidth, height: partHeight }];
    });
  });
  return { topMs, parts };
}

const totalMs = ({ times }: Sample): number => times.reduce((sum, ms) => sum + ms, 0);

/** The next of 1, 2, 5, 10, 20, 50 and so on. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5].map((digit) => digit * power).find((round) => round >= value - power * 1e-9) ?? 10 * power;
}

import { type DirtyTiles, tilesAcross } from '../dirty-tiles.ts';
import type { Rect } from '../rect.ts';

/**
 * Rows of a band. Fewer miss the text of lines that are far apart; more take longer to read. With the rows of `shown`
 * that are searched for anchors, `ANCHOR_ROW_STEP`, they meet several times.
 */
export const BAND_ROWS = 16;

/** Returns the runs of damaged tiles, one row of tiles after the other. */
export function runsOf(damage: DirtyTiles): Rect[] {
  const runs: Rect[] = [];
  for (let row = 0; row < tilesAcross(damage.size.height); row++) {
    runs.push(...damage.rowRects(row, damage.size.width));
  }
  return runs;
}

/**
 * Yields bands in which motion is looked for, each in a run of its own: the uppermost, the lowest, and then those that
 * are far from the ones before. They begin at different rows of their tiles, so that text whose lines are as far apart
 * as tiles cannot hide between them.
 */
export function* bandsOf(runs: readonly Rect[]): Generator<Rect> {
  let number = 0;
  for (const index of spread(runs.length)) {
    const run = runs[index]!;
    const height = Math.min(BAND_ROWS, run.height);
    const spare = run.height - height;
    yield { ...run, y: run.y + (spare === 0 ? 0 : (number * 21) % (spare + 1)), height };
    number++;
  }
}

/** Yields 0 to `count` - 1 in an order in which each is far from those before: the ends, the middle, the quarters… */
function* spread(count: number): Generator<number> {
  if (count > 0) yield 0;
  if (count > 1) yield count - 1;
  const seen = new Set([0, count - 1]);
  for (let parts = 2; seen.size < count; parts *= 2) {
    for (let part = 1; part < parts; part += 2) {
      const index = Math.round((part * (count - 1)) / parts);
      if (!seen.has(index)) yield index;
      seen.add(index);
    }
  }
}

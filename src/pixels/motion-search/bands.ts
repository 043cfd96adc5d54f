import { type DirtyTiles, tilesAcross } from '../dirty-tiles.ts';
import type { Rect } from '../rect.ts';

/**
 * Rows of a band. Fewer miss the text of lines that are far apart; more take longer to read. A band has several rows
 * that come from one of those in which `shown` is searched for anchors (anchor-search.ts).
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
 * Yields bands in which motion is looked for, each in a run of its own; the first ones lie far from each other. They
 * begin at different rows of their tiles, so that text whose lines are as far apart as tiles cannot hide between them.
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

/**
 * Yields 0 to `count` - 1 in an order in which the first numbers lie far from each other, and from the ends: content
 * that has just scrolled into view is at an end, and came from nowhere.
 */
function* spread(count: number): Generator<number> {
  const seen = new Set<number>();
  for (let parts = 4; seen.size < count; parts *= 2) {
    for (let part = 0; part < parts; part++) {
      const index = Math.floor(((part + 0.5) * count) / parts);
      if (!seen.has(index)) yield index;
      seen.add(index);
    }
  }
}

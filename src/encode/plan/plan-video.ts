import { type DirtyTiles, TILE_SIZE } from '../../pixels/dirty-tiles.ts';
import { bounds, fitWithin, type Rect, type Size, sameSize } from '../../pixels/rect.ts';
import { SCALED_MOST_PX } from '../../pixels/shared-frame.ts';
import type { ScaledTo, VideoScaling } from './video-scaling.ts';

/** A part of the screen, and the size of the smaller picture that is sent for it. */
export interface VideoBand {
  readonly rect: Rect;
  readonly scaledTo: ScaledTo;
}

/** Whether video of a screen of this size is scaled down. */
export const isScaledDown = (frameSize: Size, { maxSize }: VideoScaling): boolean =>
  !sameSize(fitWithin(frameSize, maxSize), frameSize);

/**
 * Cuts the rows of tiles that changed into bands, each of which one thread scales down. The bands cover all of `dirty`.
 * Text in them becomes JPEG like everything else.
 *
 * Bands begin and end with rows of tiles, so that bands of the top of a frame need no row that is still being captured.
 * At the usual ratios, a row of tiles becomes a whole number of rows in the smaller picture. At other ratios,
 * neighbouring bands are scaled by slightly different factors. No filter reads beyond its band, so no seam is visible.
 */
export function planVideo(dirty: DirtyTiles, { maxSize, filter }: VideoScaling): VideoBand[] {
  const whole = dirty.size;
  const small = fitWithin(whole, maxSize);
  const rows = bandRows(whole, small);
  const edge = (place: number, from: number, to: number): number => Math.round((place * to) / from);
  return dirtyRuns(dirty).flatMap((run) => {
    const left = edge(run.x, whole.width, small.width);
    const width = Math.max(1, edge(run.x + run.width, whole.width, small.width) - left);
    return cut(run, rows).map((rect) => {
      const top = edge(rect.y, whole.height, small.height);
      const height = Math.max(1, edge(rect.y + rect.height, whole.height, small.height) - top);
      return { rect, scaledTo: { width, height, filter } };
    });
  });
}

/** Rows of a band: whole rows of tiles, unless one of those has more pixels than a scaler can take. */
function bandRows(whole: Size, small: Size): number {
  // One row fewer than fits, since edges are rounded.
  const most = Math.floor(SCALED_MOST_PX / small.width) - 1;
  const rows = Math.floor((most * whole.height) / small.height);
  return rows >= TILE_SIZE ? rows - (rows % TILE_SIZE) : Math.max(1, rows);
}

/** Runs of neighbouring rows of tiles with changes, as wide as all their changes, rounded to whole tiles. */
function dirtyRuns(dirty: DirtyTiles): Rect[] {
  const runs: Rect[] = [];
  const { width, height } = dirty.size;
  for (let y = 0; y < height; y += TILE_SIZE) {
    const rects = dirty.rowRects(y / TILE_SIZE, width);
    if (rects.length === 0) continue;
    const { x, width: changed } = rects.reduce(bounds);
    const left = x - (x % TILE_SIZE);
    const right = Math.min(width, Math.ceil((x + changed) / TILE_SIZE) * TILE_SIZE);
    const row = { x: left, y, width: right - left, height: Math.min(TILE_SIZE, height - y) };
    const above = runs.at(-1);
    if (above && above.y + above.height === y) runs[runs.length - 1] = bounds(above, row);
    else runs.push(row);
  }
  return runs;
}

function cut(run: Rect, rows: number): Rect[] {
  const bands: Rect[] = [];
  for (let top = 0; top < run.height; top += rows)
    bands.push({ ...run, y: run.y + top, height: Math.min(rows, run.height - top) });
  return bands;
}

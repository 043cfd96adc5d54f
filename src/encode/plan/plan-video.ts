import { type DirtyTiles, TILE_SIZE } from '../../pixels/dirty-tiles.ts';
import { bounds, fitWithin, type Rect, type Size, sameSize } from '../../pixels/rect.ts';
import { SCALED_MOST_PX } from '../../pixels/shared-frame.ts';
import type { ScaledTo, VideoScaling } from './video-scaling.ts';

/** A part of the screen and the smaller picture that stands for it. */
export interface VideoBand {
  readonly rect: Rect;
  readonly scaledTo: ScaledTo;
}

/** Whether the screen is larger than video is sent. */
export const isScaledDown = (frameSize: Size, { maxSize }: VideoScaling): boolean =>
  !sameSize(fitWithin(frameSize, maxSize), frameSize);

/**
 * Cuts the rows in which a screen has changed into bands, each a picture of its own that is scaled down by one thread.
 * Together they cover all of `dirty`. All that changed becomes JPEG, text as well: this is for pictures that keep moving.
 *
 * Bands begin and end with rows of tiles. That keeps to the part of a frame that holds still already, where the
 * rest is still being captured; and of the usual ratios, a row of tiles is a whole number of rows of the smaller
 * picture. With others each band is scaled by a hair more or less than its neighbour, so that no filter
 * reaches across and no seam shows.
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

/** Rows of a band: whole rows of tiles where those are not too many pixels for one scaler. */
function bandRows(whole: Size, small: Size): number {
  // One row less than would do, since edges are rounded.
  const most = Math.floor(SCALED_MOST_PX / small.width) - 1;
  const rows = Math.floor((most * whole.height) / small.height);
  return rows >= TILE_SIZE ? rows - (rows % TILE_SIZE) : Math.max(1, rows);
}

/** Neighbouring rows of tiles with changes, as wide as all of theirs, to whole tiles. */
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

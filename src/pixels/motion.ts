import { DirtyTiles, tileCount } from './dirty-tiles.ts';
import type { Size } from './rect.ts';
import type { SharedFrame } from './shared-frame.ts';

/** How far content moved, in pixels: to the right and down. */
export interface Offset {
  readonly dx: number;
  readonly dy: number;
}

/** What of a change is explained by content that has moved, as one copy of the picture before can show it. */
export interface Motion extends Offset {
  /**
   * The places that show what was (dx, dy) before them. May hold tiles that have not changed, where they look the
   * same either way.
   */
  readonly copies: DirtyTiles;
  /** What changed and is not explained, or only in part: to be sent after the copies. */
  readonly rest: DirtyTiles;
  /** All that changed, explained or not. */
  readonly changed: DirtyTiles;
}

/**
 * Pixels that a copy may move for each one that need not be sent: a picture whose lines look much the same scrolls by
 * a few changed pixels, and viewers without a GPU take as long to copy a screen as to decode a tenth of it.
 */
const MOST_COPIED_FOR_ONE = 8;

/** The motion that a comparison found, undefined where telling of it costs more than it saves. */
export function worthwhileMotion(motion: Motion): Motion | undefined {
  const savedPx = motion.changed.areaPx - motion.rest.areaPx;
  return savedPx * MOST_COPIED_FOR_ONE >= motion.copies.areaPx ? motion : undefined;
}

/** What the last comparison of a picture of this size found, as it left that in the frame; `moved` as it was told. */
export function readComparison(
  frame: SharedFrame,
  size: Size,
  moved: Offset | undefined,
): { changed: DirtyTiles; motion: Motion | undefined } {
  const tiles = (at: number): DirtyTiles =>
    new DirtyTiles(size, new Uint32Array(frame.memory.buffer, at, tileCount(size)));
  const changed = tiles(frame.boxesAt);
  const motion =
    moved &&
    worthwhileMotion({ ...moved, copies: tiles(frame.copiesAt), rest: tiles(frame.restsAt), changed });
  return { changed, motion };
}

import { DirtyTiles, tileCount } from './dirty-tiles.ts';
import type { Size } from './rect.ts';
import type { SharedFrame } from './shared-frame.ts';

/** Distance that content moved, in pixels: to the right and down. */
export interface Offset {
  readonly dx: number;
  readonly dy: number;
}

/** The part of a change that one copy of the previous picture explains. */
export interface Motion extends Offset {
  /** Places that show what was at (-dx, -dy) of them. May hold unchanged tiles that look the same either way. */
  readonly copies: DirtyTiles;
  /** Changes that the copies do not explain, or only in part. They are sent after the copies. */
  readonly rest: DirtyTiles;
  /** Everything that changed, explained or not. */
  readonly changed: DirtyTiles;
}

/**
 * Pixels that a copy may move for each pixel that it saves. A picture whose lines look alike scrolls by a few
 * changed pixels, and viewers without a GPU take as long to copy a screen as to decode a tenth of it. A larger
 * value copies more for less.
 */
const MOST_COPIED_FOR_ONE = 8;

/** Returns the motion that a comparison found, or undefined if reporting it costs more than it saves. */
export function worthwhileMotion(motion: Motion): Motion | undefined {
  const savedPx = motion.changed.areaPx - motion.rest.areaPx;
  return savedPx * MOST_COPIED_FOR_ONE >= motion.copies.areaPx ? motion : undefined;
}

/**
 * Reads what the last comparison of a picture of this size left in the frame. `moved` is the offset that it was
 * given.
 */
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

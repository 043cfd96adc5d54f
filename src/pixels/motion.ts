import { DirtyTiles, tileCount } from './dirty-tiles.ts';
import type { Size } from './rect.ts';
import type { SharedFrame } from './shared-frame.ts';

/** Distance that content moved, in pixels: to the right and down. */
export interface Offset {
  readonly dx: number;
  readonly dy: number;
}

/** Content that moved by one distance. */
interface MovedTiles extends Offset {
  /** Places that show what was at (-dx, -dy) of them. May hold unchanged tiles that look the same either way. */
  readonly copies: DirtyTiles;
}

/** The part of a change that copies of the previous picture explain. */
export interface Motion {
  /** At least one. No tile has copies of two. */
  readonly moves: readonly MovedTiles[];
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
  const copiedPx = motion.moves.reduce((sum, { copies }) => sum + copies.areaPx, 0);
  return savedPx * MOST_COPIED_FOR_ONE >= copiedPx ? motion : undefined;
}

/**
 * Reads what the last comparison of a picture of this size left in the frame. `moved` are the offsets that it was
 * given.
 */
export function readComparison(
  frame: SharedFrame,
  size: Size,
  moved: readonly Offset[],
): { changed: DirtyTiles; motion: Motion | undefined } {
  const tiles = (at: number): DirtyTiles =>
    new DirtyTiles(size, new Uint32Array(frame.memory.buffer, at, tileCount(size)));
  const changed = tiles(frame.boxesAt);
  if (moved.length === 0) return { changed, motion: undefined };
  const moves = moved.map((offset, i) => ({ ...offset, copies: tiles(frame.copiesAt[i]!) }));
  return { changed, motion: worthwhileMotion({ moves, rest: tiles(frame.restsAt), changed }) };
}

import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Motion, Offset } from '../../pixels/motion.ts';
import { areaPx, intersect, type Rect } from '../../pixels/rect.ts';

/** A motion as CopyRects, in an order in which none overwrites what a later one copies from. */
export interface PlannedCopies extends Offset {
  readonly copies: readonly Rect[];
  /** The same places, by tiles: what they show was (dx, dy) before them. */
  readonly copied: DirtyTiles;
  /** What is to be sent after them. */
  readonly rest: DirtyTiles;
}

/** More than this is a motion of shreds: the smallest of them are cheaper to send than to order and draw. */
const MOST_COPIES = 128;

/** Cuts what moved into CopyRects. */
export function planCopies(motion: Motion): PlannedCopies {
  const { dx, dy, copies, changed } = motion;
  const rects = copies
    .rects(copies.size.width, 'dirty pixels')
    .filter((rect) => changed.touches(rect))
    .toSorted((a, b) => areaPx(b) - areaPx(a));
  const rest = motion.rest.clone();
  for (const rect of rects.splice(MOST_COPIES)) rest.add(rect);
  const copied = new DirtyTiles(copies.size);
  for (const rect of rects) copied.add(rect);
  return { dx, dy, copies: inOrder(rects, motion), copied, rest };
}

/**
 * Rects that all move by the same distance, each before any that would overwrite its source. There always is such
 * an order: moved one after the other, the foremost first, disjoint rects never run into each other.
 */
function inOrder(rects: readonly Rect[], { dx, dy }: Motion): Rect[] {
  const source = (rect: Rect): Rect => ({ ...rect, x: rect.x - dx, y: rect.y - dy });
  // Most rects are in order after this already.
  const waiting = rects.toSorted((a, b) => Math.sign(dy) * (b.y - a.y) || Math.sign(dx) * (b.x - a.x));
  const ordered: Rect[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex((rect) =>
      waiting.every((other) => other === rect || !intersect(rect, source(other))),
    );
    ordered.push(...waiting.splice(Math.max(0, next), 1));
  }
  return ordered;
}

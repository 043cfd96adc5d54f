import type { DirtyTiles } from '../pixels/dirty-tiles.ts';
import type { Motion } from '../pixels/motion.ts';
import { areaPx, intersect, type Rect } from '../pixels/rect.ts';

/** A motion as CopyRects, in an order in which none overwrites what a later one copies from. */
export interface PlannedCopies {
  readonly copies: readonly Rect[];
  /** What is to be sent after them. */
  readonly rest: DirtyTiles;
}

/** More than this is a motion of shreds: the smallest of them are cheaper to send than to order and draw. */
const MOST_COPIES = 128;

/** Cuts what moved into CopyRects. */
export function planCopies(motion: Motion): PlannedCopies {
  const { width } = motion.copies.size;
  const rects = motion.copies.rects(width, 'dirty pixels').filter((rect) => motion.changed.touches(rect));
  if (rects.length <= MOST_COPIES) return { copies: inOrder(rects, motion), rest: motion.rest };
  const bySize = rects.toSorted((a, b) => areaPx(b) - areaPx(a));
  const rest = motion.rest.clone();
  for (const rect of bySize.slice(MOST_COPIES)) rest.add(rect);
  return { copies: inOrder(bySize.slice(0, MOST_COPIES), motion), rest };
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

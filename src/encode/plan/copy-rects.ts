import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Motion, Offset } from '../../pixels/motion.ts';
import { areaPx, intersect, type Rect } from '../../pixels/rect.ts';

/** A motion as CopyRects, in an order in which no rect overwrites the source of a later one. */
export interface PlannedCopies extends Offset {
  readonly copies: readonly Rect[];
  /** The area of `copies` as tiles. Its content was at (-dx, -dy) from there. */
  readonly copied: DirtyTiles;
  /** Tiles that must be sent after the copies. */
  readonly rest: DirtyTiles;
}

/**
 * Most CopyRects of one motion; the largest are kept, and the rest is sent as pixels. Ordering them costs the main
 * thread the square of their number: 0.15 ms for 128, 2 ms for the 510 tiles of a screen. Table: docs/encoding.md.
 */
const MOST_COPIES = 128;

/** Cuts the content that moved into CopyRects. */
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
 * Orders rects that all move by the same distance: each comes before any that overwrites its source. Such an order
 * always exists, since disjoint rects that move one after the other, the foremost first, never overlap.
 */
function inOrder(rects: readonly Rect[], { dx, dy }: Motion): Rect[] {
  const source = (rect: Rect): Rect => ({ ...rect, x: rect.x - dx, y: rect.y - dy });
  // After this sort, most rects are in order.
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

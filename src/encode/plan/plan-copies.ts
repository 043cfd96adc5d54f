import { type CopiedTiles, DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Motion, Offset } from '../../pixels/motion.ts';
import { areaPx, overlaps, type Rect } from '../../pixels/rect.ts';

/** A rect whose content was at (-dx, -dy) of it. */
export interface CopyRect extends Rect, Offset {}

/** Motions as CopyRects. */
export interface PlannedCopies {
  /** In an order in which no rect overwrites the source of a later one. */
  readonly copies: readonly CopyRect[];
  /** The same as tiles, by motion. */
  readonly moves: readonly CopiedTiles[];
  /** Tiles that must be sent after the copies. */
  readonly rest: DirtyTiles;
}

/**
 * Most CopyRects of one capture; the largest are kept, and the rest is sent as pixels. Ordering them costs the main
 * thread the square of their number: 1.4 ms for 128 of two motions that are in each other's way. Table:
 * docs/encoding.md.
 */
const MOST_COPIES = 128;

/** Cuts the content that moved into CopyRects. */
export function planCopies({ moves, changed, rest: unexplained }: Motion): PlannedCopies {
  const rects = moves
    .flatMap(({ dx, dy, copies }) =>
      copies.rects(copies.size.width, 'dirty pixels').map((rect) => ({ ...rect, dx, dy })),
    )
    .filter((rect) => changed.touches(rect))
    .toSorted((a, b) => areaPx(b) - areaPx(a));
  const rest = unexplained.clone();
  for (const rect of rects.splice(MOST_COPIES)) rest.add(rect);
  const { ordered, left } = inOrder(rects);
  for (const rect of left) rest.add(rect);
  const planned = moves.map(({ dx, dy }) => {
    const copied = new DirtyTiles(changed.size);
    for (const rect of ordered) if (rect.dx === dx && rect.dy === dy) copied.add(rect);
    return { dx, dy, copied };
  });
  return { copies: ordered, moves: planned, rest };
}

/**
 * Orders rects: each comes before any that overwrites its source. Rects that all move by the same distance always have
 * such an order, since disjoint rects that move one after the other, the foremost first, never overlap. Of rects that
 * move by different distances, some may have to be left out: the smallest ones that are in the way.
 */
function inOrder(rects: readonly CopyRect[]): { ordered: CopyRect[]; left: CopyRect[] } {
  // After this sort, most rects are in order.
  const sorted = rects.toSorted(
    (a, b) => a.dy - b.dy || a.dx - b.dx || Math.sign(a.dy) * (b.y - a.y) || Math.sign(a.dx) * (b.x - a.x),
  );
  /** For each rect, the ones that overwrite its source. */
  const writersOf = sorted.map(({ dx, dy, ...rect }, i) => {
    const source = { ...rect, x: rect.x - dx, y: rect.y - dy };
    return sorted.flatMap((writer, at) => (at !== i && overlaps(writer, source) ? [at] : []));
  });
  /** For each rect, the number of waiting ones whose source it overwrites. */
  const readers = new Uint16Array(sorted.length);
  for (const writer of writersOf.flat()) readers[writer]!++;
  const waiting = sorted.map((_, at) => at);
  const ordered: CopyRect[] = [];
  const left: CopyRect[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex((at) => readers[at] === 0);
    const [next] = waiting.splice(ready >= 0 ? ready : smallestOf(waiting, sorted), 1);
    (ready >= 0 ? ordered : left).push(sorted[next!]!);
    for (const writer of writersOf[next!]!) readers[writer]!--;
  }
  return { ordered, left };
}

/** Returns the place in `waiting` of the smallest rect. */
function smallestOf(waiting: readonly number[], rects: readonly Rect[]): number {
  const area = (at: number): number => areaPx(rects[at]!);
  return waiting.reduce((least, at, i) => (area(at) < area(waiting[least]!) ? i : least), 0);
}

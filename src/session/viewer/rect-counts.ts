import { RECTS_UNTIL_LAST } from '../../protocol/constants.ts';

/**
 * Rects in one FramebufferUpdate. The count has 16 bits, and its highest value says that a LastRect ends the update.
 */
export const MOST_RECTS = RECTS_UNTIL_LAST - 1;

/** Rect counts of the updates that together have `total` rects. An update without rects is one, too. */
export function rectCounts(total: number): number[] {
  const counts: number[] = [];
  for (let left = total; left > MOST_RECTS; left -= MOST_RECTS) counts.push(MOST_RECTS);
  counts.push(total - counts.length * MOST_RECTS);
  return counts;
}

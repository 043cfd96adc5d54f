import { planRects, planSharpening } from '../../encode/plan/plan-rects.ts';
import type { ShownFrame, UpdatePlan, UpdateRect } from './taker.ts';

/**
 * Rects of an update apart from its copies: first those with changes, then those that are sharpened. There is at most
 * one for each tile of the plan, and one more if the WebP budget ends within a rect.
 */
export function planUpdate({ owed, profile }: UpdatePlan, shown: ShownFrame, webpPx: number): UpdateRect[] {
  const { tiles, sharpening } = owed;
  const rects: UpdateRect[] = [];
  for (const rect of planRects(tiles, shown, profile, webpPx)) rects.push({ ...rect, purpose: 'change' });
  if (sharpening)
    for (const rect of planSharpening(sharpening, shown, profile))
      rects.push({ ...rect, purpose: 'sharpening' });
  return rects;
}

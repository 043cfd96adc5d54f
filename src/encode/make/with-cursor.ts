import type { Rect } from '../../pixels/rect.ts';
import { type PixelSource, packedSource, packRows } from '../encoders/pixel-source.ts';
import { drawCursorOnRect, type PlacedCursor } from './draw-cursor.ts';

/** A copy of the part `rect` of the shown picture, with the pointer drawn over it. */
export function withCursor(shown: PixelSource, rect: Rect, cursor: PlacedCursor): PixelSource {
  const copy = packedSource(shown, packRows(shown));
  drawCursorOnRect(copy, rect, cursor);
  return copy;
}

import type { Rect } from '../../pixels/rect.ts';
import { type PixelSource, packedSource, packRows } from '../encoders/pixel-source.ts';
import { drawCursor, type PlacedCursor } from './draw-cursor.ts';

/** A copy of a part of the shown picture with the pointer drawn over it; `rect` says which part it is. */
export function withCursor(shown: PixelSource, rect: Rect, cursor: PlacedCursor): PixelSource {
  const copy = packedSource(shown, packRows(shown));
  drawCursor(copy.bytes, copy, { ...cursor, x: cursor.x - rect.x, y: cursor.y - rect.y });
  return copy;
}

import type { Rect, Size } from '../../src/pixels/rect.ts';
import { type Marker, markerBlockPx, markerHeight, markerWidth } from '../frame-number.ts';

/** A frame number as a strip of one row of blocks. */
export function stripSize(size: Size): Size {
  const strip = { columns: 24, blockPx: markerBlockPx(size) };
  return { width: markerWidth(strip), height: markerHeight(strip) };
}

export const stripAt = (x: number, y: number, size: Size): Marker => ({
  x,
  y,
  columns: 24,
  blockPx: markerBlockPx(size),
});

/**
 * Returns two markers in `area`: one near its upper left corner and one near its lower right, so that a picture with
 * parts of two frames is recognised as torn.
 */
export function markersIn(area: Rect, size: Size): readonly Marker[] {
  const { width, height } = stripSize(size);
  return [
    stripAt(area.x + 2 * height, area.y + height, size),
    stripAt(area.x + area.width - 2 * height - width, area.y + area.height - 2 * height, size),
  ];
}

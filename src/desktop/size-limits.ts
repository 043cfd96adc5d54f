import { areaPx, type Size } from '../pixels/rect.ts';
import { DesktopError } from './errors.ts';

/** Pixels of a side at most: X has 15 bits for them. */
const MOST_SIDE_PX = 32_767;

/** Pixels of a desktop at most: two pictures and the tile maps fit into the 4 GiB of a WebAssembly memory. */
const MOST_AREA_PX = 500_000_000;

/** Pixels of a side at least. Programs fail, and no user can repair it, in a window that a viewer made 1 × 1. */
const LEAST_SIDE_PX = 64;

/** Throws DESKTOP_TOO_LARGE if no desktop can have that many pixels. */
export function checkMaxSize(size: Size): void {
  const { width, height } = size;
  if (width <= MOST_SIDE_PX && height <= MOST_SIDE_PX && areaPx(size) <= MOST_AREA_PX) return;
  throw new DesktopError('DESKTOP_TOO_LARGE', `${width}x${height}`);
}

/**
 * Returns the size nearest to `size` that a desktop of at most `max` may have: at least 64 × 64, or `max` if that is
 * less.
 */
export const clampSize = (size: Size, max: Size): Size => ({
  width: clampSide(size.width, max.width),
  height: clampSide(size.height, max.height),
});

const clampSide = (side: number, most: number): number =>
  Number.isFinite(side) ? Math.min(Math.max(LEAST_SIDE_PX, Math.round(side)), most) : most;

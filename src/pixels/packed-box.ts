/**
 * Packs the dirty part of a tile into 32 bits, relative to the tile: `x0 | x1 << 8 | y0 << 16 | y1 << 24`. x1 and y1 are
 * exclusive (1-64). A clean tile is 0. The compare kernel writes the same form.
 */
export const packBox = (x0: number, y0: number, x1: number, y1: number): number =>
  (x0 | (x1 << 8) | (y0 << 16) | (y1 << 24)) >>> 0;

/** Number of pixels in a box. */
export const boxArea = (box: number): number =>
  (((box >>> 8) & 0xff) - (box & 0xff)) * ((box >>> 24) - ((box >>> 16) & 0xff));

/** The smallest box that holds both. */
export function joinBoxes(a: number, b: number): number {
  if (a === 0) return b;
  return packBox(
    Math.min(a & 0xff, b & 0xff),
    Math.min((a >>> 16) & 0xff, (b >>> 16) & 0xff),
    Math.max((a >>> 8) & 0xff, (b >>> 8) & 0xff),
    Math.max(a >>> 24, b >>> 24),
  );
}

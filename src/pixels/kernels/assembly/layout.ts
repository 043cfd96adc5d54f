// Layout shared by all kernels. Keep it equal to dirty-tiles.ts and shared-frame.ts.

/** Side of a tile in pixels. */
export const TILE: u32 = 64;

/** Shift that turns pixels into bytes. */
export const PIXEL_SHIFT: u32 = 2;

/** Bits of a pixel that are a colour. The fourth byte is unused and may hold anything. */
export const COLOUR_MASK: u32 = 0x00ff_ffff;

/** Packs a box as DirtyTiles does: edges relative to the tile, the right and lower ones exclusive. */
// @ts-ignore: decorator
@inline
export function packBox(x0: u32, y0: u32, x1: u32, y1: u32): u32 {
  return x0 | (x1 << 8) | (y0 << 16) | (y1 << 24);
}

// @ts-ignore: decorator
@inline
export function boxX0(box: u32): u32 {
  return box & 0xff;
}

// @ts-ignore: decorator
@inline
export function boxX1(box: u32): u32 {
  return (box >> 8) & 0xff;
}

// @ts-ignore: decorator
@inline
export function boxY0(box: u32): u32 {
  return (box >> 16) & 0xff;
}

// @ts-ignore: decorator
@inline
export function boxY1(box: u32): u32 {
  return box >> 24;
}

// @ts-ignore: decorator
@inline
export function boxArea(box: u32): u32 {
  return (boxX1(box) - boxX0(box)) * (boxY1(box) - boxY0(box));
}

/** Returns the bounds of both boxes. Either may be 0. */
// @ts-ignore: decorator
@inline
export function joinBoxes(a: u32, b: u32): u32 {
  if (a == 0) return b;
  if (b == 0) return a;
  return packBox(
    min(boxX0(a), boxX0(b)),
    min(boxY0(a), boxY0(b)),
    max(boxX1(a), boxX1(b)),
    max(boxY1(a), boxY1(b)),
  );
}

/** Returns the intersection of both boxes, or 0. */
// @ts-ignore: decorator
@inline
export function intersectBoxes(a: u32, b: u32): u32 {
  const x0 = max(boxX0(a), boxX0(b));
  const y0 = max(boxY0(a), boxY0(b));
  const x1 = min(boxX1(a), boxX1(b));
  const y1 = min(boxY1(a), boxY1(b));
  return x0 < x1 && y0 < y1 ? packBox(x0, y0, x1, y1) : 0;
}

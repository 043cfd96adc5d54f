// What every kernel agrees on. Kept in step with dirty-tiles.ts and shared-frame.ts.

/** Side of a tile in pixels. */
export const TILE: u32 = 64;

/** Bytes of a pixel, and the shift that multiplies by them. */
export const PIXEL_SHIFT: u32 = 2;

/** The bits of a pixel that are a colour: the fourth byte means nothing and may hold anything. */
export const COLOUR_MASK: u32 = 0x00ff_ffff;

/** A box as DirtyTiles packs it: edges relative to the tile, the right and lower ones exclusive. */
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

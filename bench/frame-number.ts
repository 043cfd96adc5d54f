/**
 * A frame number as pixels: a grid of black and white blocks, 16 bits of number and 8 of checksum. Blocks of
 * 16 pixels outlive JPEG at any quality, wherever its own 8×8 grid falls; the checksum finds a grid that is
 * half of one frame and half of another.
 */
export interface Marker {
  readonly x: number;
  readonly y: number;
  /** Blocks a row: 24 for a strip, 6 for a compact 6×4 grid. */
  readonly columns: number;
}

export const BLOCK_PX = 16;
const BLOCKS = 24;
const NUMBER_BITS = 16;

/** Numbers start again after this many frames. */
export const FRAME_NUMBERS = 1 << NUMBER_BITS;

const BLACK = 0xff000000;
const WHITE = 0xffffffff;

export const markerWidth = (marker: Marker): number => marker.columns * BLOCK_PX;
export const markerHeight = (marker: Marker): number => (BLOCKS / marker.columns) * BLOCK_PX;

/** Never 0 for number 0, so that a black and a white screen are both no number. */
function checksum(number: number): number {
  let sum = 0xa5;
  for (const byte of [number & 0xff, number >> 8]) {
    sum = Math.imul(sum ^ byte, 0x6b) & 0xff;
    sum ^= sum >> 3;
  }
  return sum;
}

/** Draws `number` into `pixels`, BGRX as one 32-bit word a pixel, `stridePx` words a row. */
export function drawFrameNumber(
  pixels: Uint32Array,
  stridePx: number,
  x: number,
  y: number,
  columns: number,
  number: number,
): void {
  const code = ((checksum(number) << NUMBER_BITS) | number) >>> 0;
  for (let block = 0; block < BLOCKS; block++) {
    const colour = (code >>> block) & 1 ? WHITE : BLACK;
    const left = x + (block % columns) * BLOCK_PX;
    const top = y + Math.floor(block / columns) * BLOCK_PX;
    for (let row = top; row < top + BLOCK_PX; row++) {
      pixels.fill(colour, row * stridePx + left, row * stridePx + left + BLOCK_PX);
    }
  }
}

/** Reads the number that `marker` shows, or undefined where it shows none, or parts of two. */
export function readFrameNumber(pixels: Uint8Array, stridePx: number, marker: Marker): number | undefined {
  let code = 0;
  for (let block = 0; block < BLOCKS; block++) {
    const left = marker.x + (block % marker.columns) * BLOCK_PX;
    const top = marker.y + Math.floor(block / marker.columns) * BLOCK_PX;
    if (isWhite(pixels, stridePx, left, top)) code |= 1 << block;
  }
  const number = code & (FRAME_NUMBERS - 1);
  return checksum(number) === code >>> NUMBER_BITS ? number : undefined;
}

/** By the mean green of the block's middle, a quarter of its area. */
function isWhite(pixels: Uint8Array, stridePx: number, left: number, top: number): boolean {
  const inset = BLOCK_PX / 4;
  let sum = 0;
  for (let y = top + inset; y < top + BLOCK_PX - inset; y++) {
    for (let x = left + inset; x < left + BLOCK_PX - inset; x++) {
      sum += pixels[(y * stridePx + x) * 4 + 1]!;
    }
  }
  return sum > 128 * (BLOCK_PX - 2 * inset) ** 2;
}

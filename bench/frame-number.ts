import type { Size } from '../src/pixels/rect.ts';

/**
 * A frame number as pixels: a grid of black and white blocks, 16 bits of number and 8 of checksum. Blocks of 16
 * pixels survive JPEG at any quality, wherever JPEG's own 8×8 grid lies. The checksum detects a grid that is half
 * of one frame and half of another.
 */
export interface Marker {
  readonly x: number;
  readonly y: number;
  /** Blocks per row: 24 for a strip, 6 for a compact 6×4 grid. */
  readonly columns: number;
  /** Width and height of a block: `markerBlockPx(size)`, or `BLOCK_PX` for pictures that no server scales down. */
  readonly blockPx: number;
}

export const BLOCK_PX = 16;
/** Size that a server may scale a larger screen down to, before its viewer scales it up again. */
const SCALED_TO: Size = { width: 1920, height: 1080 };

/** Returns the size of blocks that are still `BLOCK_PX` wide after the picture was scaled down to fit 1920×1080. */
export function markerBlockPx({ width, height }: Size): number {
  return BLOCK_PX * Math.max(1, Math.ceil(Math.max(width / SCALED_TO.width, height / SCALED_TO.height)));
}
const BLOCKS = 24;
const NUMBER_BITS = 16;

/** Frame numbers start again after this many frames. */
export const FRAME_NUMBERS = 1 << NUMBER_BITS;

const BLACK = 0xff000000;
const WHITE = 0xffffffff;

type Grid = Pick<Marker, 'columns' | 'blockPx'>;

export const markerWidth = ({ columns, blockPx }: Grid): number => columns * blockPx;
export const markerHeight = ({ columns, blockPx }: Grid): number => (BLOCKS / columns) * blockPx;

/** Returns a checksum that is never 0 for number 0, so that a black and a white screen both show no number. */
function checksum(number: number): number {
  let sum = 0xa5;
  for (const byte of [number & 0xff, number >> 8]) {
    sum = Math.imul(sum ^ byte, 0x6b) & 0xff;
    sum ^= sum >> 3;
  }
  return sum;
}

/** Draws `number` into `pixels`: BGRX, one 32-bit word per pixel, `stridePx` words per row. */
export function drawFrameNumber(pixels: Uint32Array, stridePx: number, marker: Marker, number: number): void {
  const { x, y, columns, blockPx } = marker;
  const code = ((checksum(number) << NUMBER_BITS) | number) >>> 0;
  for (let block = 0; block < BLOCKS; block++) {
    const colour = (code >>> block) & 1 ? WHITE : BLACK;
    const left = x + (block % columns) * blockPx;
    const top = y + Math.floor(block / columns) * blockPx;
    for (let row = top; row < top + blockPx; row++) {
      pixels.fill(colour, row * stridePx + left, row * stridePx + left + blockPx);
    }
  }
}

/** Reads the number that `marker` shows. Returns undefined if it shows none, or parts of two. */
export function readFrameNumber(pixels: Uint8Array, stridePx: number, marker: Marker): number | undefined {
  const { x, y, columns, blockPx } = marker;
  let code = 0;
  for (let block = 0; block < BLOCKS; block++) {
    const left = x + (block % columns) * blockPx;
    const top = y + Math.floor(block / columns) * blockPx;
    if (isWhite(pixels, stridePx, left, top, blockPx)) code |= 1 << block;
  }
  return numberOfCode(code);
}

/** Returns the number of 24 blocks, of which each is a bit, the first block the lowest. Undefined if they show none. */
export function numberOfCode(code: number): number | undefined {
  const number = code & (FRAME_NUMBERS - 1);
  return checksum(number) === code >>> NUMBER_BITS ? number : undefined;
}

/** Decides by the mean green of the block's middle, a quarter of its area. */
function isWhite(pixels: Uint8Array, stridePx: number, left: number, top: number, blockPx: number): boolean {
  const inset = blockPx / 4;
  let sum = 0;
  for (let y = top + inset; y < top + blockPx - inset; y++) {
    for (let x = left + inset; x < left + blockPx - inset; x++) {
      sum += pixels[(y * stridePx + x) * 4 + 1]!;
    }
  }
  return sum > 128 * (blockPx - 2 * inset) ** 2;
}

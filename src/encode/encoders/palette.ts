import { TIGHT_MAX_PALETTE } from '../../protocol/tight.ts';

/** Slots of the hash table: four times the most colours, so that probing stays short. A power of two, for the mask. */
const SLOTS = 1024;

const keys = new Int32Array(SLOTS);
const indices = new Int16Array(SLOTS);
const colours = new Uint32Array(TIGHT_MAX_PALETTE);

/** The colours of a picture in order of appearance, and the index of each pixel's colour. */
export interface IndexedPixels {
  /** One u32 per colour: 0x00RRGGBB. The next call reuses this memory. */
  readonly colours: Uint32Array;
  /** One byte per pixel, rows packed. The next call reuses this memory. */
  readonly indices: Uint8Array;
}

let indexed = new Uint8Array(0);

/**
 * Finds the colours of a picture. Returns undefined if there are more than 256. `pixels` are BGRX as little-endian u32
 * with rows `stridePx` apart; the X byte is ignored.
 */
export function indexColours(
  pixels: Uint32Array,
  width: number,
  height: number,
  stridePx: number,
): IndexedPixels | undefined {
  if (indexed.length < width * height) indexed = new Uint8Array(width * height);
  indices.fill(-1);
  let count = 0;
  let lastColour = -1;
  let lastIndex = 0;
  let to = 0;
  for (let y = 0; y < height; y++) {
    const from = y * stridePx;
    for (let x = 0; x < width; x++) {
      const colour = pixels[from + x]! & 0xffffff;
      if (colour !== lastColour) {
        let slot = (Math.imul(colour, 0x9e3779b1) >>> 22) & (SLOTS - 1);
        while (indices[slot] !== -1 && keys[slot] !== colour) slot = (slot + 1) & (SLOTS - 1);
        if (indices[slot] === -1) {
          if (count === TIGHT_MAX_PALETTE) return undefined;
          keys[slot] = colour;
          indices[slot] = count;
          colours[count++] = colour;
        }
        lastColour = colour;
        lastIndex = indices[slot]!;
      }
      indexed[to++] = lastIndex;
    }
  }
  return { colours: colours.subarray(0, count), indices: indexed.subarray(0, to) };
}

/**
 * Packs the indices of two colours as Tight does: one bit per pixel, first pixel in the highest bit, rows padded to
 * bytes.
 */
export function packBits(indices: Uint8Array, width: number, height: number): Uint8Array {
  const rowBytes = (width + 7) >> 3;
  const bits = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const from = y * width;
    const to = y * rowBytes;
    for (let x = 0; x < width; x++) bits[to + (x >> 3)]! |= indices[from + x]! << (7 - (x & 7));
  }
  return bits;
}

// The kernels that prepare pixels for lossless encodings: they map them to colours of a palette, and pack them.

import { COLOUR_MASK } from './layout';

export { DEFLATE_SCRATCH, deflate } from './deflate';

/**
 * Slots of the open hash table, eight for each colour that it may hold. With fewer, colours share slots more often,
 * and each pixel of such a colour takes a probe; with more, small rects spend their time on clearing the table.
 */
const SLOTS: u32 = 2048;

/** Shift of a hash that leaves the bits of a slot, and the bytes of the table. */
const HASH_SHIFT: u32 = 21;
const TABLE_BYTES: usize = <usize>SLOTS << 2;

/** Multiplier of Knuth's multiplicative hash. */
const HASH: u32 = 2654435761;

/** Most colours of a palette. */
const MOST: u32 = 256;

/** Number of colours found so far by the current search. */
let found: u32 = 0;

/** Returns the address of a key's slot. */
// @ts-ignore: decorator
@inline
function slotOf(table: usize, key: u32): usize {
  return table + (<usize>((key * HASH) >> HASH_SHIFT) << 2);
}

/**
 * Returns the entry of a colour that is not in its own slot, and adds it if it is new. If it is one too many, `found`
 * becomes larger than MOST.
 */
function probe(table: usize, palette: usize, key: u32): u32 {
  const first = load<u32>(palette) << 8;
  let at = slotOf(table, key);
  let entry = load<u32>(at);
  while ((entry ^ key) > 0xff && (entry ^ first) > 0xff) {
    at += 4;
    if (at == table + TABLE_BYTES) at = table;
    entry = load<u32>(at);
  }
  if ((entry ^ key) <= 0xff) return entry;
  if (found < MOST) {
    entry = key | found;
    store<u32>(at, entry);
    store<u32>(palette + (<usize>found << 2), key >> 8);
  }
  found++;
  return entry;
}

/** Stores the index of the pixel at `at` and returns its entry. */
// @ts-ignore: decorator
@inline
function indexPixel(table: usize, palette: usize, at: usize, to: usize): u32 {
  const key = load<u32>(at) << 8;
  let entry = load<u32>(slotOf(table, key));
  if ((entry ^ key) > 0xff) entry = probe(table, palette, key);
  store<u8>(to, <u8>entry);
  return entry;
}

/**
 * Finds the colours of a picture, in order of appearance, and the index of each pixel's colour. `table` is scratch of
 * TABLE_BYTES. `palette` gets a u32 for each colour, at most 256; `to` a byte for each pixel, rows packed. `to` may be
 * where the pixels are. Returns the number of colours, or more than 256 if there are more.
 *
 * An entry of the table holds a colour in its upper 24 bits, and its index in the lower 8. A free slot holds the entry
 * of the first colour: whichever slot that colour leads to, it is found at once or after the last probe.
 */
export function indexColours(
  from: usize,
  strideBytes: usize,
  width: u32,
  height: u32,
  table: usize,
  palette: usize,
  to: usize,
): u32 {
  const mask = i32x4.splat(COLOUR_MASK);
  let entry = load<u32>(from) << 8;
  store<u32>(palette, entry >> 8);
  const free = i32x4.splat(entry);
  for (let i: usize = 0; i < TABLE_BYTES; i += 16) v128.store(table + i, free);
  found = 1;
  for (let y: u32 = 0; y < height; y++) {
    let at = from + <usize>y * strideBytes;
    let colour = i32x4.splat(entry >> 8);
    let index = i8x16.splat(<i8>entry);
    let x: u32 = 0;
    for (; x + 16 <= width; x += 16) {
      const others = v128.or(
        v128.or(v128.xor(v128.load(at), colour), v128.xor(v128.load(at, 16), colour)),
        v128.or(v128.xor(v128.load(at, 32), colour), v128.xor(v128.load(at, 48), colour)),
      );
      if (v128.any_true(v128.and(others, mask))) {
        // No test for the previous colour here: it would be mispredicted at every edge.
        for (let i: u32 = 0; i < 16; i++) {
          entry = indexPixel(table, palette, at + (<usize>i << 2), to + i);
        }
        colour = i32x4.splat(entry >> 8);
        index = i8x16.splat(<i8>entry);
      } else v128.store(to, index);
      at += 64;
      to += 16;
    }
    for (; x < width; x++) {
      entry = indexPixel(table, palette, at, to);
      at += 4;
      to++;
    }
    if (found > MOST) return found;
  }
  return found;
}

/**
 * Packs indices of two colours, one bit each: the first pixel in the highest bit, rows padded to bytes. `to` may be
 * where the indices are.
 */
export function packBits(from: usize, width: u32, height: u32, to: usize): void {
  for (let y: u32 = 0; y < height; y++) {
    let x: u32 = 0;
    for (; x + 16 <= width; x += 16) {
      const indices = v128.load(from);
      // The mask has the first lane in its lowest bit.
      const reversed = v128.shuffle<i8>(indices, indices, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
      store<u16>(to, <u16>i8x16.bitmask(i8x16.shl(reversed, 7)));
      from += 16;
      to += 2;
    }
    for (; x < width; x += 8) {
      let bits: u32 = 0;
      for (let i: u32 = 0; i < min(8, width - x); i++) bits |= <u32>load<u8>(from + i) << (7 - i);
      store<u8>(to, <u8>bits);
      from += min(8, width - x);
      to++;
    }
  }
}

/**
 * Packs indices below 16, half a byte each: the first pixel in the upper half, rows padded to bytes. `to` may be where
 * the indices are.
 */
export function packNibbles(from: usize, width: u32, height: u32, to: usize): void {
  for (let y: u32 = 0; y < height; y++) {
    let x: u32 = 0;
    for (; x + 32 <= width; x += 32) {
      const pairs = i8x16.narrow_i16x8_u(joinPairs(v128.load(from)), joinPairs(v128.load(from, 16)));
      v128.store(to, pairs);
      from += 32;
      to += 16;
    }
    for (; x + 2 <= width; x += 2) {
      store<u8>(to, <u8>((load<u8>(from) << 4) | load<u8>(from, 1)));
      from += 2;
      to++;
    }
    if (x < width) {
      store<u8>(to, <u8>(load<u8>(from) << 4));
      from++;
      to++;
    }
  }
}

/** Joins each two indices to one, as 16 bits. */
// @ts-ignore: decorator
@inline
function joinPairs(indices: v128): v128 {
  const upper = v128.and(i16x8.shl(indices, 4), i16x8.splat(0xf0));
  return v128.or(upper, i16x8.shr_u(indices, 8));
}

/**
 * Packs pixels to the bytes red, green, blue. Writes up to four bytes beyond the last pixel. `to` may be where the
 * pixels are.
 */
export function packRgb(from: usize, strideBytes: usize, width: u32, height: u32, to: usize): void {
  for (let y: u32 = 0; y < height; y++) {
    let at = from + <usize>y * strideBytes;
    let x: u32 = 0;
    for (; x + 4 <= width; x += 4) {
      const pixels = v128.load(at);
      v128.store(to, v128.shuffle<i8>(pixels, pixels, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 7, 11, 15));
      at += 16;
      to += 12;
    }
    for (; x < width; x++) {
      const pixel = load<u32>(at);
      store<u8>(to, <u8>(pixel >> 16));
      store<u8>(to, <u8>(pixel >> 8), 1);
      store<u8>(to, <u8>pixel, 2);
      at += 4;
      to += 3;
    }
  }
}

import { COLOUR_MASK, PIXEL_SHIFT } from './layout';

/** Slots of the open hash table: four for each colour that it may hold, so that probes stay short. */
const SLOTS: u32 = 512;

/** Bytes of scratch memory that counting takes. */
export const COLOUR_TABLE_BYTES: usize = <usize>SLOTS * 4;

/**
 * Counting stops one above this. Text has a few dozen colours, a few hundred with coloured edges; a photograph soon
 * has thousands. Larger counts are of no use.
 */
const MOST: u32 = 128;

/**
 * A tile is drawn, not photographed, if more than one pixel in this many equals its left neighbour. In most text, 51 to
 * 84 % of the pixels do; in a photograph, 1 to 4 %. A tile that is half letterbox and half film counts as film:
 * bench/micro/text-colours.ts.
 */
const DRAWN_SHARE: u32 = 2;

/**
 * The same for a tile with sharp edges: one in which most of the pixels that differ from their left neighbours differ
 * by SHARP. Where the sampled rows go through the middle of small letters, only 48 % of the pixels of text equal their
 * neighbours, but 90 % of the others are sharp. In a film that was scaled up or decoded from few bytes, up to 50 %
 * equal their neighbours, and 0 to 35 % of the others are sharp.
 */
const SHARP_DRAWN_SHARE: u32 = 8;

/** Bits of a difference of two pixels of which one is set if any channel differs by 16 or more. */
const SHARP: i32 = 0x00f0_f0f0;

/**
 * Distance between counted rows. Every fourth row takes a quarter of the time (1.2 ms instead of 4 ms for 1080p of
 * text), and suffices to choose between a palette and a JPEG. The count is therefore a lower bound.
 */
const ROW_STEP: u32 = 4;

/** Multiplier of Knuth's multiplicative hash; the top nine bits are used. */
const HASH: u32 = 2654435761;

/** Bits set in every stored colour: the fourth byte of a pixel is unused, and no colour looks like an empty slot. */
const TAKEN: u32 = 0xff00_0000;

/** Pixels skipped at a time if all have the colour of the last one. */
const RUN: u32 = 16;

/** Returns the slot of a colour, or the empty slot where it belongs. */
// @ts-ignore: decorator
@inline
function slotOf(table: usize, colour: u32): usize {
  let at = table + <usize>(((colour * HASH) >> 23) << 2);
  let there = load<u32>(at);
  while (there != colour && there != 0) {
    at += 4;
    if (at == table + COLOUR_TABLE_BYTES) at = table;
    there = load<u32>(at);
  }
  return at;
}

/** Whether the next 16 pixels all have the colour in each lane of `colour`. */
// @ts-ignore: decorator
@inline
function isRun(at: usize, colour: v128): bool {
  const any = v128.or(
    v128.or(v128.xor(v128.load(at), colour), v128.xor(v128.load(at, 16), colour)),
    v128.or(v128.xor(v128.load(at, 32), colour), v128.xor(v128.load(at, 48), colour)),
  );
  return !v128.any_true(v128.and(any, i32x4.splat(COLOUR_MASK)));
}

/** Returns the sum of the lanes. */
// @ts-ignore: decorator
@inline
function sumOfLanes(lanes: v128): u32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}

/** Whether most of the sampled pixels that differ from their left neighbours do so by SHARP. */
function isSharp(tile: usize, strideBytes: usize, width: u32, height: u32): bool {
  let differing = i32x4.splat(0);
  let sharp = i32x4.splat(0);
  for (let y: u32 = 0; y < height; y += ROW_STEP) {
    let at = tile + <usize>y * strideBytes;
    for (let x: u32 = 0; x + 5 <= width; x += 4) {
      const left = v128.load(at);
      const right = v128.load(at, 4);
      const difference = v128.and(
        v128.or(i8x16.sub_sat_u(left, right), i8x16.sub_sat_u(right, left)),
        i32x4.splat(COLOUR_MASK),
      );
      // A lane with all bits set is -1.
      differing = i32x4.sub(differing, i32x4.ne(difference, i32x4.splat(0)));
      sharp = i32x4.sub(sharp, i32x4.ne(v128.and(difference, i32x4.splat(SHARP)), i32x4.splat(0)));
      at += 16;
    }
  }
  return sumOfLanes(sharp) * 2 > sumOfLanes(differing);
}

/** Whether the sampled rows look drawn: many pixels have the colour of their left neighbour. */
function isDrawn(tile: usize, strideBytes: usize, width: u32, height: u32): bool {
  const mask = i32x4.splat(COLOUR_MASK);
  let same = i32x4.splat(0);
  let looked: u32 = 0;
  for (let y: u32 = 0; y < height; y += ROW_STEP) {
    let at = tile + <usize>y * strideBytes;
    for (let x: u32 = 0; x + 5 <= width; x += 4) {
      const differs = v128.and(v128.xor(v128.load(at), v128.load(at, 4)), mask);
      // A lane with all bits set is -1.
      same = i32x4.sub(same, i32x4.eq(differs, i32x4.splat(0)));
      looked += 4;
      at += 16;
    }
  }
  const found = sumOfLanes(same);
  if (found * DRAWN_SHARE > looked) return true;
  return found * SHARP_DRAWN_SHARE > looked && isSharp(tile, strideBytes, width, height);
}

/** Sampled rows that are marked before the marks are added up: a quarter of a tile. Noise needs no more. */
const MARKED_ROWS: u32 = 4 * ROW_STEP;

/** Shift that leaves as many bits of a hash as a mark's place has: the scratch has a byte for each. */
const MARK_SHIFT: u32 = 21;

/**
 * Whether the sampled rows have more colours than MOST for sure. Marks a byte for the hash of each pixel. There are at
 * least as many colours as marks; colours that share a mark can only hide some. Takes a third of counting, because
 * nothing is compared and no branch depends on the pixels.
 */
function hasMany(marks: usize, tile: usize, strideBytes: usize, width: u32, height: u32): bool {
  for (let i: usize = 0; i < COLOUR_TABLE_BYTES; i += 16) v128.store(marks + i, i32x4.splat(0));
  for (let top: u32 = 0; top < height; top += MARKED_ROWS) {
    const bottom = min(top + MARKED_ROWS, height);
    for (let y = top; y < bottom; y += ROW_STEP) {
      const row = tile + <usize>y * strideBytes;
      for (let x: u32 = 0; x < width; x++) {
        const colour = load<u32>(row + (<usize>x << PIXEL_SHIFT)) | TAKEN;
        store<u8>(marks + <usize>((colour * HASH) >> MARK_SHIFT), 1);
      }
    }
    if (sumOf(marks) > MOST) return true;
  }
  return false;
}

/** Returns the number of marks. */
// @ts-ignore: decorator
@inline
function sumOf(marks: usize): u32 {
  // Each byte adds up 128 marks at most.
  let sums = i8x16.splat(0);
  for (let i: usize = 0; i < COLOUR_TABLE_BYTES; i += 16) sums = i8x16.add(sums, v128.load(marks + i));
  return sumOfLanes(i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_u(sums)));
}

/**
 * Returns what `countColours` returns. `last` is an earlier count of the tile: what looked like a photograph, such as a
 * film, is likely to do so again, and is recognized in less time.
 */
export function recountColours(
  table: usize,
  tile: usize,
  strideBytes: usize,
  width: u32,
  height: u32,
  last: u32,
): u32 {
  if (last > MOST && !isDrawn(tile, strideBytes, width, height) && hasMany(table, tile, strideBytes, width, height))
    return last;
  return countColours(table, tile, strideBytes, width, height);
}

/**
 * Counts the colours in the sampled rows of a tile. Returns 1-128, where 128 means 128 or more in a tile that looks
 * drawn, or 129 for more than 128 in a tile that looks like a photograph. `table` is scratch of COLOUR_TABLE_BYTES.
 */
function countColours(table: usize, tile: usize, strideBytes: usize, width: u32, height: u32): u32 {
  for (let i: usize = 0; i < COLOUR_TABLE_BYTES; i += 16) v128.store(table + i, i32x4.splat(0));
  let last: u32 = 0;
  let lasts = i32x4.splat(0);
  let count: u32 = 0;
  for (let y: u32 = 0; y < height; y += ROW_STEP) {
    const row = tile + <usize>y * strideBytes;
    for (let x: u32 = 0; x < width; ) {
      const at = row + (<usize>x << PIXEL_SHIFT);
      const end = min(x + RUN, width);
      // Most of a text or a panel is such runs.
      if (x + RUN <= width && count != 0 && isRun(at, lasts)) {
        x = end;
        continue;
      }
      // No test for the previous colour here: it would be mispredicted at every edge, and the table finds the
      // colour at once.
      for (; x < end; x++) {
        last = load<u32>(row + (<usize>x << PIXEL_SHIFT)) | TAKEN;
        const slot = slotOf(table, last);
        if (load<u32>(slot) == last) continue;
        store<u32>(slot, last);
        if (++count > MOST) return isDrawn(tile, strideBytes, width, height) ? MOST : count;
      }
      lasts = i32x4.splat(<i32>last);
    }
  }
  return count;
}

import { COLOUR_MASK, PIXEL_SHIFT } from './layout';

/** Slots of the open hash table: four for every colour it may hold, so that probes stay short. */
const SLOTS: u32 = 512;

/** Scratch that counting takes. */
export const COLOUR_TABLE_BYTES: usize = <usize>SLOTS * 4;

/**
 * Counting stops one above this: text has a few dozen colours, with coloured edges a few hundred, a photograph soon
 * has thousands, and nobody asks how many.
 */
const MOST: u32 = 128;

/**
 * A tile in which more than one pixel in so many looks like its left neighbour is a drawn one. In text of any kind
 * 51 to 84 % do, in a photograph 1 to 4 %; of a tile that is half letterbox and half film the film should win:
 * bench/micro/text-colours.ts.
 */
const DRAWN_SHARE: u32 = 2;

/**
 * Looks at every fourth row: a quarter of the time (1.2 ms instead of 4 for 1080p of text), and what chooses
 * between a palette and a JPEG needs no more. The count is therefore "at least".
 */
const ROW_STEP: u32 = 4;

/** Knuth's multiplicative hash, top nine bits. */
const HASH: u32 = 2654435761;

/** Set in every colour, stored or looked for: the byte means nothing, and no colour looks like an empty slot. */
const TAKEN: u32 = 0xff00_0000;

/** Pixels that are skipped at a time where all of them go on with the last colour. */
const RUN: u32 = 16;

/** Where in the table a colour is, or the empty slot where it belongs. */
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

/** Whether the sampled rows look drawn: many pixels go on with the colour of the one before. */
function isDrawn(tile: usize, strideBytes: usize, width: u32, height: u32): bool {
  const mask = i32x4.splat(COLOUR_MASK);
  let same = i32x4.splat(0);
  let looked: u32 = 0;
  for (let y: u32 = 0; y < height; y += ROW_STEP) {
    let at = tile + <usize>y * strideBytes;
    for (let x: u32 = 0; x + 5 <= width; x += 4) {
      const differs = v128.and(v128.xor(v128.load(at), v128.load(at, 4)), mask);
      // A lane that is all ones is -1.
      same = i32x4.sub(same, i32x4.eq(differs, i32x4.splat(0)));
      looked += 4;
      at += 16;
    }
  }
  const found =
    i32x4.extract_lane(same, 0) +
    i32x4.extract_lane(same, 1) +
    i32x4.extract_lane(same, 2) +
    i32x4.extract_lane(same, 3);
  return <u32>found * DRAWN_SHARE > looked;
}

/**
 * How many colours the sampled rows of a tile have: 1-128, where 128 stands for more if they look drawn; 129 for more
 * in what looks like a photograph. `table` is scratch of COLOUR_TABLE_BYTES.
 */
export function countColours(table: usize, tile: usize, strideBytes: usize, width: u32, height: u32): u32 {
  for (let i: usize = 0; i < COLOUR_TABLE_BYTES; i += 16) v128.store(table + i, i32x4.splat(0));
  let last: u32 = 0;
  let lasts = i32x4.splat(0);
  let count: u32 = 0;
  for (let y: u32 = 0; y < height; y += ROW_STEP) {
    const row = tile + <usize>y * strideBytes;
    for (let x: u32 = 0; x < width; ) {
      const at = row + (<usize>x << PIXEL_SHIFT);
      const end = min(x + RUN, width);
      // Most of any text or panel.
      if (x + RUN <= width && count != 0 && isRun(at, lasts)) {
        x = end;
        continue;
      }
      // No test for the colour before, which would be mispredicted at every edge: it is found at once anyway.
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

import { tileRowDiffers } from './differing-tiles';

/** Pixels, and bytes, of a piece of a row. */
const PIECE: u32 = 64;
const PIECE_BYTES: usize = 256;

/**
 * Checks how well a motion explains one row. Of the row's pieces of 64 pixels, it returns how many changed, and in
 * the upper half of the result how many of those equal the pixels at `source`. All addresses are those of the row's
 * first pixel: in the new picture, at the same place in the previous picture, and at the place in the previous
 * picture that the motion implies.
 */
export function movedPieces(now: usize, before: usize, source: usize, width: u32): u32 {
  let changed: u32 = 0;
  let explained: u32 = 0;
  for (let x: u32 = 0; x + PIECE <= width; x += PIECE) {
    if (tileRowDiffers(now, before)) {
      changed++;
      if (!tileRowDiffers(now, source)) explained++;
    }
    now += PIECE_BYTES;
    before += PIECE_BYTES;
    source += PIECE_BYTES;
  }
  return changed | (explained << 16);
}

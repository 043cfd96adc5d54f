import { tileRowDiffers } from './differing-tiles';
import { COLOUR_MASK } from './layout';

/** Pixels, and bytes, of a piece of a row. */
const PIECE: u32 = 64;
const PIECE_BYTES: usize = 256;

/** Whether a piece is of one colour. */
// @ts-ignore: decorator
@inline
function isPlain(piece: usize): bool {
  const first = v128.load32_splat(piece);
  let any = i32x4.splat(0);
  for (let at: usize = 0; at < PIECE_BYTES; at += 16) any = v128.or(any, v128.xor(v128.load(piece + at), first));
  return !v128.any_true(v128.and(any, i32x4.splat(COLOUR_MASK)));
}

/**
 * Checks how well one or two motions explain one row. Of the row's pieces of 64 pixels, it returns how many changed, and
 * in the upper half of the result how many of those equal the pixels at `source` or those at `further`. All addresses
 * are those of the row's first pixel: in the new picture, at the same place in the previous picture, and at the places
 * in the previous picture that the motions imply. With one motion, both are the same.
 *
 * Pieces of one colour are not counted: of those, any motion explains some.
 */
export function movedPieces(now: usize, before: usize, source: usize, further: usize, width: u32): u32 {
  let changed: u32 = 0;
  let explained: u32 = 0;
  for (let x: u32 = 0; x + PIECE <= width; x += PIECE) {
    if (tileRowDiffers(now, before) && !isPlain(now)) {
      changed++;
      if (!tileRowDiffers(now, source) || (further != source && !tileRowDiffers(now, further))) explained++;
    }
    now += PIECE_BYTES;
    before += PIECE_BYTES;
    source += PIECE_BYTES;
    further += PIECE_BYTES;
  }
  return changed | (explained << 16);
}

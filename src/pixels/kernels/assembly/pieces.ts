import { tileRowDiffers } from './differing-tiles';
import { COLOUR_MASK, PIXEL_SHIFT } from './layout';

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
 * Lists the pieces of a row that changed and have more than one colour: of pieces of one colour, any motion explains
 * some. Writes their places, x | y << 16, to `out`, at most `room`. Returns their number. `now` and `before` are the
 * addresses of the row's first pixel in both pictures, which is at (x, y).
 */
export function listPieces(now: usize, before: usize, x: u32, y: u32, width: u32, out: usize, room: u32): u32 {
  let count: u32 = 0;
  for (let end = x + width; x + PIECE <= end; x += PIECE) {
    if (tileRowDiffers(now, before) && !isPlain(now)) {
      if (count == room) return count;
      store<u32>(out + (<usize>count << 2), x | (y << 16));
      count++;
    }
    now += PIECE_BYTES;
    before += PIECE_BYTES;
  }
  return count;
}

/** Whether the piece at (x, y) of `incoming` equals the one at (-dx, -dy) of it in `shown`. */
// @ts-ignore: decorator
@inline
function isExplained(incoming: usize, shown: usize, width: u32, height: u32, x: u32, y: u32, dx: i32, dy: i32): bool {
  const fromX = <i32>x - dx;
  const fromY = <i32>y - dy;
  if (fromX < 0 || fromX + <i32>PIECE > <i32>width || fromY < 0 || fromY >= <i32>height) return false;
  const to = incoming + ((<usize>y * width + x) << PIXEL_SHIFT);
  return !tileRowDiffers(to, shown + ((<usize>fromY * width + fromX) << PIXEL_SHIFT));
}

/**
 * Counts those pieces of a list that moved by (dx, dy) or by (furtherDx, furtherDy). Every `step`th of `count` pieces
 * is looked at. `incoming` and `shown` are the addresses of pictures of `width` × `height`.
 */
export function countMoved(
  incoming: usize,
  shown: usize,
  width: u32,
  height: u32,
  pieces: usize,
  count: u32,
  step: u32,
  dx: i32,
  dy: i32,
  furtherDx: i32,
  furtherDy: i32,
): u32 {
  let moved: u32 = 0;
  for (let i: u32 = 0; i < count; i += step) {
    const place = load<u32>(pieces + (<usize>i << 2));
    const x = place & 0xffff;
    const y = place >> 16;
    if (
      isExplained(incoming, shown, width, height, x, y, dx, dy) ||
      isExplained(incoming, shown, width, height, x, y, furtherDx, furtherDy)
    )
      moved++;
  }
  return moved;
}

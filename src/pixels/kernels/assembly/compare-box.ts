import { COLOUR_MASK, PIXEL_SHIFT, boxX0, boxX1, boxY0, boxY1, packBox } from './layout';

/** Pixels compared in one step. */
const LANES: u32 = 4;

/** Mask of the lanes that are inside the picture's row: all, except in the last step of a row. */
// @ts-ignore: decorator
@inline
function lanesWithin(count: u32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>count));
}

// @ts-ignore: decorator
@inline
function difference(a: usize, b: usize): v128 {
  return v128.and(v128.xor(v128.load(a), v128.load(b)), i32x4.splat(COLOUR_MASK));
}

/** Whether `steps` whole steps and a masked one differ. */
// @ts-ignore: decorator
@inline
function rowDiffers(a: usize, b: usize, steps: u32, tail: v128, hasTail: bool): bool {
  let i: u32 = 0;
  // Four steps at once: one test per 64 bytes keeps this loop at memory speed.
  for (; i + 4 <= steps; i += 4) {
    const at = <usize>i << 4;
    const any = v128.or(
      v128.or(v128.xor(v128.load(a + at), v128.load(b + at)), v128.xor(v128.load(a + at, 16), v128.load(b + at, 16))),
      v128.or(
        v128.xor(v128.load(a + at, 32), v128.load(b + at, 32)),
        v128.xor(v128.load(a + at, 48), v128.load(b + at, 48)),
      ),
    );
    if (v128.any_true(v128.and(any, i32x4.splat(COLOUR_MASK)))) return true;
  }
  for (; i < steps; i++) {
    const at = <usize>i << 4;
    if (v128.any_true(difference(a + at, b + at))) return true;
  }
  if (hasTail) {
    const at = <usize>steps << 4;
    if (v128.any_true(v128.and(difference(a + at, b + at), tail))) return true;
  }
  return false;
}

/** Joins the differences of one step's column of pixels over `rows` rows, lane by lane. */
// @ts-ignore: decorator
@inline
function columnDifference(a: usize, b: usize, rows: u32, strideBytes: usize): v128 {
  let all = i32x4.splat(0);
  for (let y: u32 = 0; y < rows; y++) {
    all = v128.or(all, difference(a, b));
    a += strideBytes;
    b += strideBytes;
  }
  return all;
}

/**
 * Returns the exact bounds of the pixels that differ inside `box` of the tile at `a` and `b`, as a packed box, or 0
 * if none differ. First `box` is widened to whole steps, never beyond `tileWidth`.
 *
 * The search narrows the box from above and below, then from the left and the right. A tile that changed everywhere
 * costs four short searches, and an unchanged tile is read once.
 */
export function compareBox(a: usize, b: usize, strideBytes: usize, tileWidth: u32, box: u32): u32 {
  const left = boxX0(box) & ~(LANES - 1);
  const right = min((boxX1(box) + LANES - 1) & ~(LANES - 1), tileWidth);
  let top = boxY0(box);
  let bottom = boxY1(box);
  const width = right - left;
  const steps = width / LANES;
  const tailLanes = width % LANES;
  const hasTail = tailLanes != 0;
  const tail = lanesWithin(tailLanes);

  const from = <usize>left << PIXEL_SHIFT;
  while (top < bottom) {
    const at = from + <usize>top * strideBytes;
    if (rowDiffers(a + at, b + at, steps, tail, hasTail)) break;
    top++;
  }
  if (top == bottom) return 0;
  while (bottom > top + 1) {
    const at = from + <usize>(bottom - 1) * strideBytes;
    if (rowDiffers(a + at, b + at, steps, tail, hasTail)) break;
    bottom--;
  }

  const rows = bottom - top;
  const first = from + <usize>top * strideBytes;
  const allSteps = steps + (hasTail ? 1 : 0);
  let x0 = left;
  for (let step: u32 = 0; step < allSteps; step++) {
    const at = first + (<usize>step << 4);
    let found = columnDifference(a + at, b + at, rows, strideBytes);
    if (step == steps) found = v128.and(found, tail);
    const lanes = <u32>i32x4.bitmask(i32x4.ne(found, i32x4.splat(0)));
    if (lanes != 0) {
      x0 = left + step * LANES + ctz(lanes);
      break;
    }
  }
  let x1 = x0 + 1;
  for (let step = allSteps; step > 0; step--) {
    const at = first + (<usize>(step - 1) << 4);
    let found = columnDifference(a + at, b + at, rows, strideBytes);
    if (step - 1 == steps) found = v128.and(found, tail);
    const lanes = <u32>i32x4.bitmask(i32x4.ne(found, i32x4.splat(0)));
    if (lanes != 0) {
      x1 = left + (step - 1) * LANES + 32 - clz(lanes);
      break;
    }
  }
  return packBox(x0, top, x1, bottom);
}

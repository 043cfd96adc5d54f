import { PIXEL_SHIFT } from './layout';

// Both kernels write four pixels at a time, and so up to three beyond a row's end, where the next row follows. The
// buffer must have room for them behind the last row. They read as far beyond the source's rows, and ignore what
// they read.

/** The weights of a mean add up to 2 ** this: a sum of weighted bytes fits 16 bits, and the division is a shift. */
const WEIGHT_SHIFT: i32 = 8;

/** Half of the divisor, so that means are rounded. */
const ROUND: i16 = 128;

/** Bytes of a column's weights for four source pixels: 16 bits for each byte of a pixel. */
const GROUP_WEIGHTS: usize = 32;

/**
 * Replaces each two by two pixels by their rounded mean. `from` and `strideBytes` are the source's, which has an
 * even number of rows. `to` gets `width` × `height` pixels, rows packed.
 */
export function halve(from: usize, strideBytes: usize, to: usize, width: u32, height: u32): void {
  const two = i16x8.splat(2);
  const rowBytes = <usize>width << PIXEL_SHIFT;
  for (let y: u32 = 0; y < height; y++) {
    let a = from;
    let b = from + strideBytes;
    for (let x: usize = 0; x < rowBytes; x += 16) {
      const a0 = v128.load(a);
      const a1 = v128.load(a, 16);
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      // Sums of two rows, two pixels each.
      const s0 = i16x8.add(i16x8.extend_low_i8x16_u(a0), i16x8.extend_low_i8x16_u(b0));
      const s1 = i16x8.add(i16x8.extend_high_i8x16_u(a0), i16x8.extend_high_i8x16_u(b0));
      const s2 = i16x8.add(i16x8.extend_low_i8x16_u(a1), i16x8.extend_low_i8x16_u(b1));
      const s3 = i16x8.add(i16x8.extend_high_i8x16_u(a1), i16x8.extend_high_i8x16_u(b1));
      v128.store(
        to + x,
        i8x16.narrow_i16x8_u(
          i16x8.shr_u(i16x8.add(addPairs(s0, s1), two), 2),
          i16x8.shr_u(i16x8.add(addPairs(s2, s3), two), 2),
        ),
      );
      a += 32;
      b += 32;
    }
    from += strideBytes << 1;
    to += rowBytes;
  }
}

/** Adds the two pixels in `a` to each other, and those in `b`. */
// @ts-ignore: decorator
@inline
function addPairs(a: v128, b: v128): v128 {
  return i16x8.add(v128.shuffle<i64>(a, b, 0, 2), v128.shuffle<i64>(a, b, 1, 3));
}

/**
 * Computes each pixel as a weighted mean of source pixels, first of rows, then of columns.
 *
 * `rows` has `rowEntry` bytes for each row of the result: its first source row and its number of source rows, each
 * a u32, then a u16 weight for each of them. `columns` has a u32 for each column of the result: the byte at which
 * its first source pixel begins in a row. `columnWeights` has GROUP_WEIGHTS bytes for each four source pixels from
 * there on, `groups` times. Both are padded to a whole number of four columns, with any harmless values. The
 * weights of a row and those of a column add up to 256. `row` is scratch for one source row and four pixels.
 */
export function resample(
  from: usize,
  strideBytes: usize,
  sourceWidth: u32,
  rows: usize,
  rowEntry: usize,
  columns: usize,
  columnWeights: usize,
  groups: u32,
  row: usize,
  to: usize,
  width: u32,
  height: u32,
): void {
  for (let y: u32 = 0; y < height; y++) {
    const first = from + <usize>load<u32>(rows) * strideBytes;
    const count = load<u32>(rows, 4);
    if (count == 1) {
      blendColumns(first, columns, columnWeights, groups, to, width);
    } else {
      if (count == 2) blendTwoRows(first, first + strideBytes, load<u16>(rows, 8), load<u16>(rows, 10), row, sourceWidth);
      else blendRows(first, strideBytes, count, rows + 8, row, sourceWidth);
      blendColumns(row, columns, columnWeights, groups, to, width);
    }
    rows += rowEntry;
    to += <usize>width << PIXEL_SHIFT;
  }
}

function blendTwoRows(a: usize, b: usize, weightA: u16, weightB: u16, row: usize, width: u32): void {
  const wa = i16x8.splat(<i16>weightA);
  const wb = i16x8.splat(<i16>weightB);
  const round = i16x8.splat(ROUND);
  const bytes = <usize>width << PIXEL_SHIFT;
  for (let x: usize = 0; x < bytes; x += 16) {
    const pa = v128.load(a + x);
    const pb = v128.load(b + x);
    const low = i16x8.add(
      i16x8.mul(i16x8.extend_low_i8x16_u(pa), wa),
      i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(pb), wb), round),
    );
    const high = i16x8.add(
      i16x8.mul(i16x8.extend_high_i8x16_u(pa), wa),
      i16x8.add(i16x8.mul(i16x8.extend_high_i8x16_u(pb), wb), round),
    );
    v128.store(row + x, narrow(low, high));
  }
}

function blendRows(from: usize, strideBytes: usize, count: u32, weights: usize, row: usize, width: u32): void {
  const bytes = <usize>width << PIXEL_SHIFT;
  for (let x: usize = 0; x < bytes; x += 16) {
    let low = i16x8.splat(ROUND);
    let high = low;
    let at = from + x;
    for (let i: u32 = 0; i < count; i++) {
      const pixels = v128.load(at);
      const weight = v128.load16_splat(weights + (<usize>i << 1));
      low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(pixels), weight));
      high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(pixels), weight));
      at += strideBytes;
    }
    v128.store(row + x, narrow(low, high));
  }
}

function blendColumns(row: usize, columns: usize, weights: usize, groups: u32, to: usize, width: u32): void {
  const round = i16x8.splat(ROUND);
  const step = <usize>groups * GROUP_WEIGHTS;
  for (let x: u32 = 0; x < width; x += 4) {
    const s0 = columnSum(row + load<u32>(columns), weights, groups);
    const s1 = columnSum(row + load<u32>(columns, 4), weights + step, groups);
    const s2 = columnSum(row + load<u32>(columns, 8), weights + step * 2, groups);
    const s3 = columnSum(row + load<u32>(columns, 12), weights + step * 3, groups);
    v128.store(to, narrow(i16x8.add(addPairs(s0, s1), round), i16x8.add(addPairs(s2, s3), round)));
    columns += 16;
    weights += step << 2;
    to += 16;
  }
}

/** Sums the weighted pixels from `at` on, in two halves: those at even places and those at odd ones. */
// @ts-ignore: decorator
@inline
function columnSum(at: usize, weights: usize, groups: u32): v128 {
  let sum = weighted(at, weights);
  for (let group: u32 = 1; group < groups; group++) {
    at += 16;
    weights += GROUP_WEIGHTS;
    sum = i16x8.add(sum, weighted(at, weights));
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function weighted(at: usize, weights: usize): v128 {
  const pixels = v128.load(at);
  return i16x8.add(
    i16x8.mul(i16x8.extend_low_i8x16_u(pixels), v128.load(weights)),
    i16x8.mul(i16x8.extend_high_i8x16_u(pixels), v128.load(weights, 16)),
  );
}

// @ts-ignore: decorator
@inline
function narrow(low: v128, high: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.shr_u(low, WEIGHT_SHIFT), i16x8.shr_u(high, WEIGHT_SHIFT));
}

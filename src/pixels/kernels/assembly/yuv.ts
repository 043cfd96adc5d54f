// Sixteen pixels at a time; a row's last ones are computed one by one. Terms have six bits behind the point.

/** Weights of ITU-R BT.601, as in JPEG (JFIF 1.02), by 2 ** 15. Red and blue get their colour difference once more. */
const RED_OF_V: i16 = 13173; // 0.402
const BLUE_OF_U: i16 = 25297; // 0.772
const GREEN_OF_U: i16 = 11277; // 0.344136
const GREEN_OF_V: i16 = 23401; // 0.714136

/**
 * Converts rows of YCbCr with half of the colour in both directions, and values from 0 to 255, to red, green, blue and an
 * opaque alpha. `yStride` and `uvStride` are bytes from row to row; `to` gets rows of `width` pixels, packed. The first
 * row is even.
 */
export function rgbaOfI420(
  y: usize,
  u: usize,
  v: usize,
  yStride: usize,
  uvStride: usize,
  width: u32,
  height: u32,
  to: usize,
): void {
  const whole = width & ~15;
  for (let row: u32 = 0; row < height; row++) {
    let ys = y + row * yStride;
    let us = u + (row >> 1) * uvStride;
    let vs = v + (row >> 1) * uvStride;
    for (let x: u32 = 0; x < whole; x += 16) {
      sixteen(ys, us, vs, to);
      ys += 16;
      us += 8;
      vs += 8;
      to += 64;
    }
    for (let x: u32 = whole; x < width; x++) {
      one(ys, us, vs, to);
      ys++;
      us += x & 1;
      vs += x & 1;
      to += 4;
    }
  }
}

// @ts-ignore: decorator
@inline
function sixteen(ys: usize, us: usize, vs: usize, to: usize): void {
  const half = i16x8.splat(128);
  // The colour differences, and what they add to each colour.
  const u = i16x8.shl(i16x8.sub(v128.load8x8_u(us), half), 6);
  const v = i16x8.shl(i16x8.sub(v128.load8x8_u(vs), half), 6);
  const red = i16x8.add(v, i16x8.q15mulr_sat_s(v, i16x8.splat(RED_OF_V)));
  const blue = i16x8.add(u, i16x8.q15mulr_sat_s(u, i16x8.splat(BLUE_OF_U)));
  const green = i16x8.neg(
    i16x8.add(
      i16x8.q15mulr_sat_s(u, i16x8.splat(GREEN_OF_U)),
      i16x8.q15mulr_sat_s(v, i16x8.splat(GREEN_OF_V)),
    ),
  );
  const luma = v128.load(ys);
  // Halves are rounded up.
  const round = i16x8.splat(32);
  const first = i16x8.add(i16x8.shl(i16x8.extend_low_i8x16_u(luma), 6), round);
  const second = i16x8.add(i16x8.shl(i16x8.extend_high_i8x16_u(luma), 6), round);
  const r = colour(first, second, red);
  const g = colour(first, second, green);
  const b = colour(first, second, blue);
  const a = i8x16.splat(-1);
  const rgFirst = v128.shuffle<u8>(r, g, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const rgSecond = v128.shuffle<u8>(r, g, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const baFirst = v128.shuffle<u8>(b, a, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const baSecond = v128.shuffle<u8>(b, a, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  v128.store(to, v128.shuffle<u16>(rgFirst, baFirst, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(to, v128.shuffle<u16>(rgFirst, baFirst, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  v128.store(to, v128.shuffle<u16>(rgSecond, baSecond, 0, 8, 1, 9, 2, 10, 3, 11), 32);
  v128.store(to, v128.shuffle<u16>(rgSecond, baSecond, 4, 12, 5, 13, 6, 14, 7, 15), 48);
}

/** One colour of sixteen pixels. Each term of `difference` is of two pixels. */
// @ts-ignore: decorator
@inline
function colour(first: v128, second: v128, difference: v128): v128 {
  const low = v128.shuffle<u16>(difference, difference, 0, 0, 1, 1, 2, 2, 3, 3);
  const high = v128.shuffle<u16>(difference, difference, 4, 4, 5, 5, 6, 6, 7, 7);
  return i8x16.narrow_i16x8_u(
    i16x8.shr_s(i16x8.add(first, low), 6),
    i16x8.shr_s(i16x8.add(second, high), 6),
  );
}

// @ts-ignore: decorator
@inline
function one(ys: usize, us: usize, vs: usize, to: usize): void {
  const luma = (<i32>load<u8>(ys) << 6) + 32;
  const u = (<i32>load<u8>(us) - 128) << 6;
  const v = (<i32>load<u8>(vs) - 128) << 6;
  store<u8>(to, byte(luma + v + weighted(v, RED_OF_V)));
  store<u8>(to, byte(luma - weighted(u, GREEN_OF_U) - weighted(v, GREEN_OF_V)), 1);
  store<u8>(to, byte(luma + u + weighted(u, BLUE_OF_U)), 2);
  store<u8>(to, 255, 3);
}

// @ts-ignore: decorator
@inline
function weighted(value: i32, weight: i16): i32 {
  return (value * <i32>weight + 0x4000) >> 15;
}

// @ts-ignore: decorator
@inline
function byte(value: i32): u8 {
  return <u8>max(0, min(255, value >> 6));
}

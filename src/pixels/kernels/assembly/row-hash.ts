import { COLOUR_MASK } from './layout';

/** Odd multipliers of the lanes. */
const LANE1: u32 = 0x165667b1;
const LANE2: u32 = 0xd3a2646d;
const LANE3: u32 = 0xfd7046c5;

/** Adds up both halves of each pixel's word, each times its multiplier, for the four pixels of one step. */
// @ts-ignore: decorator
@inline
function step(at: usize, low: i16, high: i16): v128 {
  const pixels = v128.and(v128.load(at), i32x4.splat(COLOUR_MASK));
  return i32x4.dot_i16x8_s(pixels, i16x8(low, high, low, high, low, high, low, high));
}

/** Hashes 32 pixels in a row. Each step has multipliers of its own, so that the products do not wait for each other. */
// @ts-ignore: decorator
@inline
export function hash32(at: usize): u32 {
  const left = i32x4.add(
    i32x4.add(step(at, 0x79b1, 0x4a77), step(at + 16, 0x2e3d, 0x6b2f)),
    i32x4.add(step(at + 32, 0x67b1, 0x2c6d), step(at + 48, 0x46c5, 0x5a4f)),
  );
  const right = i32x4.add(
    i32x4.add(step(at + 64, 0x7f4b, 0x3c6f), step(at + 80, 0x1b87, 0x52d5)),
    i32x4.add(step(at + 96, 0x6295, 0x72a7), step(at + 112, 0x35eb, 0x5bd1)),
  );
  const sum = i32x4.add(i32x4.mul(left, i32x4(1, <i32>LANE1, <i32>LANE2, <i32>LANE3)), i32x4.mul(right, i32x4(<i32>LANE3, 1, <i32>LANE1, <i32>LANE2)));
  const pairs = i32x4.add(sum, i32x4.shuffle(sum, sum, 2, 3, 0, 1));
  const hash = <u32>(i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1));
  return hash ^ (hash >> 15);
}

/** Whether 32 pixels in a row are one half twice, as in plain areas and in most patterns. */
// @ts-ignore: decorator
@inline
export function repeats16(at: usize): bool {
  const any = v128.or(
    v128.or(v128.xor(v128.load(at), v128.load(at, 64)), v128.xor(v128.load(at, 16), v128.load(at, 80))),
    v128.or(v128.xor(v128.load(at, 32), v128.load(at, 96)), v128.xor(v128.load(at, 48), v128.load(at, 112))),
  );
  return !v128.any_true(v128.and(any, i32x4.splat(COLOUR_MASK)));
}

/** Whether 32 pixels in a row have more than one colour. */
// @ts-ignore: decorator
@inline
export function hasEdges32(at: usize): bool {
  const first = v128.load32_splat(at);
  const left = v128.or(
    v128.or(v128.xor(v128.load(at), first), v128.xor(v128.load(at, 16), first)),
    v128.or(v128.xor(v128.load(at, 32), first), v128.xor(v128.load(at, 48), first)),
  );
  const right = v128.or(
    v128.or(v128.xor(v128.load(at, 64), first), v128.xor(v128.load(at, 80), first)),
    v128.or(v128.xor(v128.load(at, 96), first), v128.xor(v128.load(at, 112), first)),
  );
  return v128.any_true(v128.and(v128.or(left, right), i32x4.splat(COLOUR_MASK)));
}

/** Whether 32 pixels in a row differ between two pictures. */
// @ts-ignore: decorator
@inline
export function differs32(a: usize, b: usize): bool {
  const left = v128.or(
    v128.or(v128.xor(v128.load(a), v128.load(b)), v128.xor(v128.load(a, 16), v128.load(b, 16))),
    v128.or(v128.xor(v128.load(a, 32), v128.load(b, 32)), v128.xor(v128.load(a, 48), v128.load(b, 48))),
  );
  const right = v128.or(
    v128.or(v128.xor(v128.load(a, 64), v128.load(b, 64)), v128.xor(v128.load(a, 80), v128.load(b, 80))),
    v128.or(v128.xor(v128.load(a, 96), v128.load(b, 96)), v128.xor(v128.load(a, 112), v128.load(b, 112))),
  );
  return v128.any_true(v128.and(v128.or(left, right), i32x4.splat(COLOUR_MASK)));
}

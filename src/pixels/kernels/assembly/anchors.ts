import { COLOUR_MASK, PIXEL_SHIFT } from './layout';

/** Odd multipliers, one for each doubling of the window, so that every place in the window counts differently. */
const K1: u32 = 0x9e3779b1;
const K2: u32 = 0x85ebca77;
const K4: u32 = 0xc2b2ae3d;
const K8: u32 = 0x27d4eb2f;
const K16: u32 = 0x165667b1;

/** Pixels covered by one hash. */
const WINDOW: u32 = 32;

/** Pixels hashed at a time. Their hashes, and what the last SIMD step reads beyond them, fit into 4 KiB. */
const SEGMENT: u32 = 512;

/** Combines hashes of windows of `step` pixels into hashes of windows of `2 × step`, in place. */
// @ts-ignore: decorator
@inline
function double(hashes: usize, count: u32, step: u32, factor: u32): void {
  const k = i32x4.splat(<i32>factor);
  const ahead = <usize>step << 2;
  for (let i: u32 = 0; i < count; i += 4) {
    const at = hashes + (<usize>i << 2);
    v128.store(at, i32x4.add(i32x4.mul(v128.load(at), k), v128.load(at + ahead)));
  }
}

/**
 * Finds anchors in one row: places whose next 32 pixels hash to a value with `bits` leading zero bits. Only the
 * content makes a place an anchor, so content that moved has its anchors at the new place too. Windows with two
 * equal halves (flat ones, most patterns) are skipped, because they would match anywhere.
 *
 * `row` is the address of the picture's row. Pixels `x0` to `x1` are searched. Writes pairs of words (hash, x | y
 * << 16) to `out`, at most `room` pairs, and returns their number. `scratch` is 4 KiB that no other thread uses.
 */
export function findAnchors(
  scratch: usize,
  row: usize,
  x0: u32,
  x1: u32,
  y: u32,
  bits: u32,
  out: usize,
  room: u32,
): u32 {
  const mask = i32x4.splat(COLOUR_MASK);
  const k1 = i32x4.splat(<i32>K1);
  const k16 = i32x4.splat(<i32>K16);
  const zero = i32x4.splat(0);
  const shift = 32 - bits;
  let found: u32 = 0;
  for (let start = x0; start + WINDOW <= x1; start += SEGMENT - WINDOW) {
    const width = min(SEGMENT, x1 - start);
    const windows = width - WINDOW + 1;
    const from = row + (<usize>start << PIXEL_SHIFT);
    for (let i: u32 = 0; i < width; i += 4) {
      const at = from + (<usize>i << PIXEL_SHIFT);
      const here = v128.and(v128.load(at), mask);
      const next = v128.and(v128.load(at, 4), mask);
      v128.store(scratch + (<usize>i << 2), i32x4.add(i32x4.mul(here, k1), next));
    }
    double(scratch, width, 2, K2);
    double(scratch, width, 4, K4);
    double(scratch, width, 8, K8);
    for (let i: u32 = 0; i < windows; i += 4) {
      const at = scratch + (<usize>i << 2);
      const left = v128.load(at);
      const right = v128.load(at, 64);
      const hash = i32x4.add(i32x4.mul(left, k16), right);
      const chosen = v128.andnot(i32x4.eq(i32x4.shr_u(hash, <i32>shift), zero), i32x4.eq(left, right));
      if (!v128.any_true(chosen)) continue;
      const lanes = <u32>i32x4.bitmask(chosen);
      v128.store(at, hash);
      for (let lane: u32 = 0; lane < 4 && i + lane < windows; lane++) {
        if ((lanes & (1 << lane)) == 0) continue;
        if (found == room) return found;
        const pair = out + (<usize>found << 3);
        store<u32>(pair, load<u32>(at + (<usize>lane << 2)));
        store<u32>(pair, (start + i + lane) | (y << 16), 4);
        found++;
      }
    }
  }
  return found;
}

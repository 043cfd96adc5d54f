import { PIXEL_SHIFT } from './layout';
import { hash32, repeats16 } from './row-hash';

/** Multiplier of a pixel. Its low byte is 0, so that the unused byte of the pixel counts nothing. */
const PIXEL: u32 = 0x3779b100;

/** Odd multipliers, one for each doubling of the gate. */
const K1: i16 = 0x79b1;
const K2: i16 = 0x4a77;
const K4: i16 = 0x2e3d;
const K8: i16 = 0x6b2f;
const GATE: i16 = 0x67b1;

/** Pixels that decide whether a place is an anchor, and pixels that an anchor's hash covers. */
const GATE_PX: u32 = 16;
const WINDOW: u32 = 32;

/** Pixels hashed at a time. Two lists of their hashes, with what the last SIMD step reads beyond, fit into 4 KiB. */
const SEGMENT: u32 = 512;
const LIST_BYTES: usize = (<usize>SEGMENT + 64) << 1;

/** Combines hashes of `step` pixels from `from` into hashes of `2 × step` pixels. */
// @ts-ignore: decorator
@inline
function double(from: usize, to: usize, count: u32, step: u32, factor: i16): void {
  const k = i16x8.splat(factor);
  const ahead = <usize>step << 1;
  for (let i: usize = 0; i < <usize>count << 1; i += 16) {
    v128.store(to + i, i16x8.add(i16x8.mul(v128.load(from + i), k), v128.load(from + i + ahead)));
  }
}

/** Hashes four pixels to 16 bits each. */
// @ts-ignore: decorator
@inline
function hash4(at: usize): v128 {
  return i32x4.shr_u(i32x4.mul(v128.load(at), i32x4.splat(<i32>PIXEL)), 16);
}

/**
 * Finds anchors in one row: places at an edge, of which one in 2 ** `bits` is chosen by a hash of the next 16 pixels.
 * Only the content makes a place an anchor, so content that moved has its anchors at the new place too. An anchor's own
 * hash covers 32 pixels. Those with two equal halves are skipped, because they would match anywhere.
 *
 * `row` is the address of the picture's row. Pixels `x0` to `x1` are searched. `bits` is 1 to 15. Writes pairs of words
 * (hash, x | y << 16) to `out`, at most `room` pairs, and returns their number. `scratch` is 4 KiB that no other thread
 * uses.
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
  const pixels = scratch;
  const gates = scratch + LIST_BYTES;
  const gate = i16x8.splat(GATE);
  const zero = i16x8.splat(0);
  const shift = <i32>(16 - bits);
  let found: u32 = 0;
  for (let start = x0; start + WINDOW <= x1; start += SEGMENT - WINDOW) {
    const width = min(SEGMENT, x1 - start);
    const windows = width - WINDOW + 1;
    const from = row + (<usize>start << PIXEL_SHIFT);
    const first = i16x8.splat(<i16>i32x4.extract_lane(hash4(from), 0));
    let any = zero;
    for (let i: u32 = 0; i < width; i += 8) {
      const at = from + (<usize>i << PIXEL_SHIFT);
      const hashes = i16x8.narrow_i32x4_u(hash4(at), hash4(at + 16));
      v128.store(pixels + (<usize>i << 1), hashes);
      any = v128.or(any, v128.xor(hashes, first));
    }
    // Most rows between lines of text are of one colour.
    if (!v128.any_true(any)) continue;
    const gated = width - GATE_PX;
    double(pixels, gates, gated + 14, 1, K1);
    double(gates, gates, gated + 12, 2, K2);
    double(gates, gates, gated + 8, 4, K4);
    for (let i: u32 = 0; i < windows; i += 8) {
      const at = <usize>i << 1;
      const here = v128.load(pixels + at);
      const next = v128.load(pixels + at, 2);
      const hash = i16x8.add(i16x8.mul(v128.load(gates + at), i16x8.splat(K8)), v128.load(gates + at, 16));
      const isChosen = i16x8.eq(i16x8.shr_u(i16x8.mul(hash, gate), shift), zero);
      const chosen = v128.andnot(isChosen, i16x8.eq(here, next));
      if (!v128.any_true(chosen)) continue;
      for (let lanes = <u32>i16x8.bitmask(chosen); lanes != 0; lanes &= lanes - 1) {
        const place = i + ctz(lanes);
        if (place >= windows) break;
        const window = from + (<usize>place << PIXEL_SHIFT);
        if (repeats16(window)) continue;
        if (found == room) return found;
        const pair = out + (<usize>found << 3);
        store<u32>(pair, hash32(window));
        store<u32>(pair, (start + place) | (y << 16), 4);
        found++;
      }
    }
  }
  return found;
}

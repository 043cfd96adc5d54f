import { PIXEL_SHIFT } from './layout';
import { differs32, hasEdges32, hash32 } from './row-hash';

/** Bytes of a row of a strip, which is 32 pixels wide. */
const STRIP_BYTES: usize = <usize>32 << PIXEL_SHIFT;

/** Rows of a window. A power of two. */
const WINDOW: u32 = 8;

/** Rows of a window that must not be of one colour. Windows with fewer look alike in many places. */
const LEAST_ROWS: u32 = 2;

/** Odd multipliers: of a hash before its upper bits are used, and of a row's place in its window. */
const MIX: u32 = 0x9e3779b1;
const ROW: u32 = 0x165667b1;
const ROW2: u32 = ROW * ROW;
const ROW4: u32 = ROW2 * ROW2;
const ROW8: u32 = ROW4 * ROW4;

/**
 * Scratch of a search: a bit for each hash that may be wanted; then the last WINDOW rows, by row modulo WINDOW: their
 * hashes, and whether they have more than one colour, a word each.
 */
const FILTER_BITS: u32 = 13;
const FILTER_BYTES: usize = 1 << (FILTER_BITS - 3);
const PLAIN_AT: usize = <usize>WINDOW << 2;

// @ts-ignore: decorator
@inline
function filterByte(scratch: usize, hash: u32): usize {
  return scratch + ((hash * MIX) >> (32 - FILTER_BITS + 3));
}

// @ts-ignore: decorator
@inline
function filterMask(hash: u32): u32 {
  return 1 << (((hash * MIX) >> (32 - FILTER_BITS)) & 7);
}

/**
 * Hashes each window of 8 rows of a strip, and writes pairs of words (hash, row of the window's top) to `out`, at most
 * `room` pairs. Returns their number. Windows without content are left out.
 *
 * A strip is 32 pixels wide. `strip` is the address of its first pixel, in row `y` of the picture. With `isFiltered`,
 * only windows whose hash the filter in `scratch` may have are written.
 */
// @ts-ignore: decorator
@inline
function hashWindows(
  scratch: usize,
  strip: usize,
  strideBytes: usize,
  rows: u32,
  y: u32,
  out: usize,
  room: u32,
  isFiltered: bool,
): u32 {
  const ring = scratch + FILTER_BYTES;
  memory.fill(ring, 0, PLAIN_AT << 1);
  let hash: u32 = 0;
  let edged: u32 = 0;
  let found: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const slot = ring + (<usize>(row & (WINDOW - 1)) << 2);
    const isEdged = <u32>hasEdges32(strip);
    const next = hash32(strip);
    hash = hash * ROW + next - load<u32>(slot) * ROW8;
    edged += isEdged - load<u32>(slot, PLAIN_AT);
    store<u32>(slot, next);
    store<u32>(slot, isEdged, PLAIN_AT);
    strip += strideBytes;
    if (row + 1 < WINDOW || edged < LEAST_ROWS) continue;
    if (isFiltered && (load<u8>(filterByte(scratch, hash)) & filterMask(hash)) == 0) continue;
    if (found == room) return found;
    const pair = out + (<usize>found << 3);
    store<u32>(pair, hash);
    store<u32>(pair, y + row + 1 - WINDOW, 4);
    found++;
  }
  return found;
}

/** Empties the filter in `scratch`. */
export function clearWanted(scratch: usize): void {
  memory.fill(scratch, 0, FILTER_BYTES);
}

/** Adds a hash to the filter in `scratch`: `findWindows` will look for its windows. */
export function wantWindow(scratch: usize, hash: u32): void {
  const byte = filterByte(scratch, hash);
  store<u8>(byte, load<u8>(byte) | <u8>filterMask(hash));
}

/** Writes all windows of a strip. See hashWindows. */
export function listWindows(
  scratch: usize,
  strip: usize,
  strideBytes: usize,
  rows: u32,
  y: u32,
  out: usize,
  room: u32,
): u32 {
  return hashWindows(scratch, strip, strideBytes, rows, y, out, room, false);
}

/** Writes those windows of a strip that may be wanted. See hashWindows. */
export function findWindows(
  scratch: usize,
  strip: usize,
  strideBytes: usize,
  rows: u32,
  y: u32,
  out: usize,
  room: u32,
): u32 {
  return hashWindows(scratch, strip, strideBytes, rows, y, out, room, true);
}

/**
 * Counts, for each strip of a band, the rows that changed and have more than one colour. Adds the counts to `counts`, a
 * u16 for each of `strips` neighbouring strips, and returns their sum. `now` and `before` are the addresses of the
 * first pixel of the first strip in both pictures.
 */
export function countContent(
  now: usize,
  before: usize,
  strideBytes: usize,
  rows: u32,
  strips: u32,
  counts: usize,
): u32 {
  let sum: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    for (let strip: u32 = 0; strip < strips; strip++) {
      const at = <usize>strip * STRIP_BYTES;
      if (!hasEdges32(now + at) || !differs32(now + at, before + at)) continue;
      const count = counts + (<usize>strip << 1);
      store<u16>(count, load<u16>(count) + 1);
      sum++;
    }
    now += strideBytes;
    before += strideBytes;
  }
  return sum;
}

// A deflater (RFC 1951) for the packed pixels of one rect, as a zlib stream (RFC 1950) that ends with a sync flush. It
// needs neither memory of its own nor anything of the rects before: every rect begins a stream.

import { align, out, write, writeAt } from './bit-writer';
import {
  BLOCK_SCRATCH,
  BLOCK_TOKENS,
  DISTANCE_COUNTS,
  LITERAL_COUNTS,
  TOKENS_AT,
  clearCounts,
  count,
  distanceExtra,
  distanceSymbol,
  lengthSymbol,
  matchToken,
  writeBlock,
} from './deflate-block';

/** Exponent of the most slots of the hash table: 64 KiB, which the caches hold. Small rects use fewer slots. */
const MOST_HASH_BITS: u32 = 14;
const LEAST_HASH_BITS: u32 = 8;
const TABLE_BYTES: usize = 4 << MOST_HASH_BITS;

const WINDOW: usize = 32768;
const MOST_MATCH: u32 = 258;

/**
 * Shortest match that is used. Most pixels of text have the colour of the ground, whose code is one bit or two, so a
 * short match takes more bits than its literals.
 */
const LEAST_MATCH: u32 = 6;

/**
 * After 2 ** PATIENCE searches in vain, one more byte is skipped after each search, and so on until a match is found. A
 * photograph takes less than half of the time that way. A smaller value misses more matches of text with many colours.
 */
const PATIENCE: usize = 5;

const MULTIPLIER: u64 = 0x9e3779b185ebca87;

/** Bytes of scratch that the deflater needs: the hash table, then a block. */
export const DEFLATE_SCRATCH: usize = TABLE_BYTES + BLOCK_SCRATCH;

/** Returns how many bytes are equal, at most `most`. May read 15 bytes beyond. */
// @ts-ignore: decorator
@inline
function equalBytes(a: usize, b: usize, most: u32): u32 {
  let length: u32 = 0;
  while (length < most) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(a + length), v128.load(b + length)));
    if (same != 0xffff) return min(most, length + ctz(~same));
    length += 16;
  }
  return most;
}

/** Returns the slot of the next LEAST_MATCH bytes, which are the lowest ones of `next`. */
// @ts-ignore: decorator
@inline
function slotOf(table: usize, next: u64, shift: u64): usize {
  return table + (<usize>(((next << 16) * MULTIPLIER) >> shift) << 2);
}

/**
 * Deflates `length` bytes from `from` on to `to`. `rowBytes` is the distance of two rows: pixels often equal those
 * above. `scratch` has DEFLATE_SCRATCH bytes. `to` needs room for `length` bytes, a hundredth more, and 64. Returns the
 * number of bytes written.
 */
export function deflate(from: usize, length: u32, rowBytes: u32, scratch: usize, to: usize): u32 {
  // Deflate with a window of 32 KiB, at the fastest level.
  store<u16>(to, 0x0178);
  writeAt(to + 2);
  const hashBits = min(MOST_HASH_BITS, max(LEAST_HASH_BITS, 31 - clz(length | 1)));
  const shift = <u64>(64 - hashBits);
  memory.fill(scratch, 0, <usize>4 << hashBits);
  const block = scratch + TABLE_BYTES;
  const end = from + length;
  const lastMatch = length > LEAST_MATCH + 2 ? end - 8 : from;
  const row = <usize>rowBytes <= WINDOW ? <usize>rowBytes : 0;
  let at = from;
  let nextSearch = from;
  let missed: usize = 0;
  while (at < end) {
    const blockFrom = at;
    clearCounts(block);
    let token = block + TOKENS_AT;
    const lastToken = token + (<usize>BLOCK_TOKENS << 2);
    while (at < end && token < lastToken) {
      let matched: u32 = 0;
      let distance: usize = 0;
      if (at < lastMatch && at >= nextSearch) {
        const next = load<u64>(at);
        const slot = slotOf(scratch, next, shift);
        const found = <usize>load<u32>(slot);
        store<u32>(slot, <u32>at);
        const most = min(MOST_MATCH, <u32>(end - at));
        if (found != 0 && at - found <= WINDOW && (load<u64>(found) ^ next) << 16 == 0) {
          matched = equalBytes(found, at, most);
          distance = at - found;
        }
        if (row != 0 && at - from >= row && matched < most && (load<u64>(at - row) ^ next) << 16 == 0) {
          const above = equalBytes(at - row, at, most);
          if (above > matched) {
            matched = above;
            distance = row;
          }
        }
      }
      if (matched >= LEAST_MATCH) {
        const less3 = matched - 3;
        const less1 = <u32>distance - 1;
        count(block + LITERAL_COUNTS, lengthSymbol(less3));
        count(block + DISTANCE_COUNTS, distanceSymbol(less1, distanceExtra(less1)));
        store<u32>(token, matchToken(less3, less1));
        at += matched;
        missed = 0;
        // The pixels after a match often follow its last ones elsewhere, too.
        if (at < lastMatch) {
          for (let last = at - 3; last < at; last++) store<u32>(slotOf(scratch, load<u64>(last), shift), <u32>last);
        }
      } else {
        if (at >= nextSearch) {
          missed++;
          nextSearch = at + 1 + (missed >> PATIENCE);
        }
        const literal = load<u8>(at);
        count(block + LITERAL_COUNTS, literal);
        store<u32>(token, literal);
        at++;
      }
      token += 4;
    }
    writeBlock(block, token, blockFrom, <u32>(at - blockFrom));
  }
  // A sync flush: an empty stored block, without its final bit.
  write(0, 3);
  align();
  store<u32>(out, 0xffff0000);
  return <u32>(out + 4 - to);
}

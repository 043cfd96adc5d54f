// One block of deflate (RFC 1951 section 3.2): its tokens, and the codes that they are written by.

import { align, out, waiting, waitingBits, write, writeAt } from './bit-writer';
import { HUFFMAN_BYTES, assignCodes, codeLengths } from './huffman';

/**
 * Tokens of a block: literals and matches. With more, codes fit the pixels less; with fewer, they are sent more often.
 */
export const BLOCK_TOKENS: u32 = 16 * 1024;

const LITERALS: u32 = 288;
const END_OF_BLOCK: u32 = 256;
const DISTANCES: u32 = 32;
/** Symbols that RFC 1951 allows in a block. */
const MOST_LITERALS: u32 = 286;
const MOST_DISTANCES: u32 = 30;
const MOST_CODE_BITS: u32 = 15;

/** Symbols of the code lengths, of which the last three repeat others (RFC 1951 section 3.2.7). */
const LENGTHS: u32 = 19;
const MOST_LENGTH_BITS: u32 = 7;
const REPEAT: u8 = 16;
const FEW_ZEROS: u8 = 17;
const MANY_ZEROS: u8 = 18;

/** Bit of a token that is a match: its distance minus 1 from bit 8 on, its length minus 3 below. */
const MATCH: u32 = 1 << 31;

// Layout of the scratch.
export const TOKENS_AT: usize = 0;
export const LITERAL_COUNTS: usize = TOKENS_AT + (<usize>BLOCK_TOKENS << 2);
export const DISTANCE_COUNTS: usize = LITERAL_COUNTS + (<usize>LITERALS << 2);
const LENGTH_COUNTS: usize = DISTANCE_COUNTS + (<usize>DISTANCES << 2);
const LITERAL_CODES: usize = LENGTH_COUNTS + (<usize>DISTANCES << 2);
const DISTANCE_CODES: usize = LITERAL_CODES + (<usize>LITERALS << 2);
const LENGTH_CODES: usize = DISTANCE_CODES + (<usize>DISTANCES << 2);
/** A byte for each literal's code length, then for each distance's; and those of the code lengths' own codes. */
const LITERAL_BITS: usize = LENGTH_CODES + (<usize>DISTANCES << 2);
const DISTANCE_BITS: usize = LITERAL_BITS + <usize>LITERALS;
const LENGTH_BITS: usize = DISTANCE_BITS + <usize>DISTANCES;
/** The code lengths with repeats: a symbol and the value of its extra bits, a byte each. */
const RUNS: usize = LENGTH_BITS + <usize>DISTANCES;
const HUFFMAN: usize = RUNS + (<usize>(LITERALS + DISTANCES) << 1);

/** Bytes of scratch of a block. */
export const BLOCK_SCRATCH: usize = HUFFMAN + HUFFMAN_BYTES;

/** Returns the token of a match by its length minus 3 and its distance minus 1. */
// @ts-ignore: decorator
@inline
export function matchToken(less3: u32, less1: u32): u32 {
  return MATCH | (less1 << 8) | less3;
}

/** Begins a block. */
export function clearCounts(scratch: usize): void {
  memory.fill(scratch + LITERAL_COUNTS, 0, LENGTH_COUNTS - LITERAL_COUNTS);
}

/** Returns the symbol of a match's length minus 3. */
// @ts-ignore: decorator
@inline
export function lengthSymbol(less3: u32): u32 {
  if (less3 < 8) return 257 + less3;
  if (less3 == 255) return 285;
  const extra = 29 - clz(less3);
  return 257 + (extra << 2) + (less3 >> extra);
}

/** Returns the number of extra bits that follow the symbol of a length. */
// @ts-ignore: decorator
@inline
function lengthExtra(less3: u32): u32 {
  return less3 < 8 || less3 == 255 ? 0 : 29 - clz(less3);
}

// @ts-ignore: decorator
@inline
export function distanceExtra(less1: u32): u32 {
  return less1 < 4 ? 0 : 30 - clz(less1);
}

/** Returns the symbol of a distance minus 1 that has that many extra bits. */
// @ts-ignore: decorator
@inline
export function distanceSymbol(less1: u32, extra: u32): u32 {
  return (extra << 1) + (less1 >> extra);
}

// @ts-ignore: decorator
@inline
export function count(counts: usize, symbol: u32): void {
  const at = counts + (<usize>symbol << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Writes the tokens up to `end` by the codes that take the fewest bits, or the bytes themselves. */
export function writeBlock(scratch: usize, end: usize, from: usize, length: u32): void {
  const literals = scratch + LITERAL_COUNTS;
  const distances = scratch + DISTANCE_COUNTS;
  store<u32>(literals + (<usize>END_OF_BLOCK << 2), 1);
  const extra = extraBits(literals, distances);
  const fixed: u32 = 3 + extra + fixedCost(literals, distances);
  const table = scratch + HUFFMAN;
  codeLengths(literals, LITERALS, MOST_CODE_BITS, scratch + LITERAL_BITS, table);
  // Some decoders refuse a code without a complete set of distances, so that there are always two.
  if (load<u32>(distances) == 0) store<u32>(distances, 1);
  if (load<u32>(distances, 4) == 0) store<u32>(distances, 1, 4);
  codeLengths(distances, DISTANCES, MOST_CODE_BITS, scratch + DISTANCE_BITS, table);
  const literalCount = usedSymbols(scratch + LITERAL_BITS, LITERALS);
  const distanceCount = usedSymbols(scratch + DISTANCE_BITS, DISTANCES);
  const runs = findRuns(scratch, literalCount, distanceCount);
  codeLengths(scratch + LENGTH_COUNTS, LENGTHS, MOST_LENGTH_BITS, scratch + LENGTH_BITS, table);
  let lengthCount: u32 = LENGTHS;
  while (lengthCount > 4 && load<u8>(scratch + LENGTH_BITS + lengthOrder(lengthCount - 1)) == 0) lengthCount--;
  const header: u32 =
    3 +
    14 +
    3 * lengthCount +
    cost(scratch + LENGTH_COUNTS, scratch + LENGTH_BITS, LENGTHS) +
    runExtra(scratch, runs);
  const own: u32 =
    header +
    extra +
    cost(literals, scratch + LITERAL_BITS, MOST_LITERALS) +
    cost(distances, scratch + DISTANCE_BITS, MOST_DISTANCES);
  const stored = (length + 5 * (1 + length / 0xffff)) * 8 + 7;
  if (stored < min<u32>(fixed, own)) {
    writeStored(from, length);
    return;
  }
  if (fixed <= own) {
    write(1 << 1, 3);
    setFixed(scratch);
  } else {
    write(2 << 1, 3);
    assignCodes(scratch + LENGTH_BITS, LENGTHS, scratch + LENGTH_CODES, table);
    writeCodes(scratch, runs, literalCount, distanceCount, lengthCount);
  }
  assignCodes(scratch + LITERAL_BITS, LITERALS, scratch + LITERAL_CODES, table);
  assignCodes(scratch + DISTANCE_BITS, DISTANCES, scratch + DISTANCE_CODES, table);
  writeTokens(scratch, end);
}

function writeStored(from: usize, length: u32): void {
  while (length > 0) {
    const part = min(length, 0xffff);
    write(0, 3);
    align();
    store<u32>(out, part | (~part << 16));
    memory.copy(out + 4, from, part);
    writeAt(out + 4 + part);
    from += part;
    length -= part;
  }
}

function writeTokens(scratch: usize, end: usize): void {
  const literals = scratch + LITERAL_CODES;
  const distances = scratch + DISTANCE_CODES;
  let bits = waiting;
  let held = waitingBits;
  let to = out;
  for (let at = scratch + TOKENS_AT; at < end; at += 4) {
    const token = load<u32>(at);
    if (token & MATCH) {
      const less3 = token & 0xff;
      const less1 = (token & ~MATCH) >> 8;
      const lengthBits = lengthExtra(less3);
      const lengthCode = load<u32>(literals + (<usize>lengthSymbol(less3) << 2));
      bits |= <u64>(lengthCode & 0xffff) << held;
      held += lengthCode >> 16;
      bits |= <u64>(less3 & ((1 << lengthBits) - 1)) << held;
      held += lengthBits;
      const distanceBits = distanceExtra(less1);
      const distanceCode = load<u32>(distances + (<usize>distanceSymbol(less1, distanceBits) << 2));
      bits |= <u64>(distanceCode & 0xffff) << held;
      held += distanceCode >> 16;
      bits |= <u64>(less1 & ((1 << distanceBits) - 1)) << held;
      held += distanceBits;
    } else {
      const code = load<u32>(literals + (<usize>token << 2));
      bits |= <u64>(code & 0xffff) << held;
      held += code >> 16;
    }
    store<u64>(to, bits);
    to += held >> 3;
    bits >>= held & ~7;
    held &= 7;
  }
  writeAt(to, bits, held);
  const code = load<u32>(literals + (<usize>END_OF_BLOCK << 2));
  write(code & 0xffff, code >> 16);
}

function cost(counts: usize, bits: usize, symbols: u32): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < symbols; i++) sum += load<u32>(counts + (<usize>i << 2)) * load<u8>(bits + i);
  return sum;
}

/** Bits that follow the symbols of lengths and distances, whatever their codes are. */
function extraBits(literals: usize, distances: usize): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 265; i < 285; i++) sum += load<u32>(literals + (<usize>i << 2)) * ((i - 261) >> 2);
  for (let i: u32 = 4; i < MOST_DISTANCES; i++) sum += load<u32>(distances + (<usize>i << 2)) * ((i - 2) >> 1);
  return sum;
}

/** Length of a symbol's code in RFC 1951 section 3.2.6. */
// @ts-ignore: decorator
@inline
function fixedBits(symbol: u32): u32 {
  if (symbol < 144) return 8;
  if (symbol < 256) return 9;
  return symbol < 280 ? 7 : 8;
}

function fixedCost(literals: usize, distances: usize): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < MOST_LITERALS; i++) sum += load<u32>(literals + (<usize>i << 2)) * fixedBits(i);
  for (let i: u32 = 0; i < MOST_DISTANCES; i++) sum += load<u32>(distances + (<usize>i << 2)) * 5;
  return sum;
}

function setFixed(scratch: usize): void {
  for (let i: u32 = 0; i < LITERALS; i++) store<u8>(scratch + LITERAL_BITS + i, <u8>fixedBits(i));
  for (let i: u32 = 0; i < DISTANCES; i++) store<u8>(scratch + DISTANCE_BITS + i, 5);
}

/** Returns the number of symbols up to the last one that has a code. */
function usedSymbols(bits: usize, most: u32): u32 {
  while (load<u8>(bits + most - 1) == 0) most--;
  return most;
}

/** Place of a code length's own length in the header: RFC 1951 section 3.2.7. */
function lengthOrder(i: u32): u32 {
  // 16 17 18 0, then 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15
  if (i < 3) return 16 + i;
  if (i == 3) return 0;
  const step = (i - 3) >> 1;
  return i & 1 ? 8 - step : 8 + step;
}

/**
 * Finds repeats in the code lengths of literals and distances, which follow each other. Writes RUNS, counts their
 * symbols, and returns their number.
 */
function findRuns(scratch: usize, literalCount: u32, distanceCount: u32): u32 {
  memory.fill(scratch + LENGTH_COUNTS, 0, <usize>DISTANCES << 2);
  const all = literalCount + distanceCount;
  let runs: u32 = 0;
  let i: u32 = 0;
  while (i < all) {
    const bits = bitsAt(scratch, i, literalCount);
    let run: u32 = 1;
    while (i + run < all && bitsAt(scratch, i + run, literalCount) == bits) run++;
    i += run;
    if (bits != 0) {
      runs = addRun(scratch, runs, bits, 0);
      run--;
    }
    while (run > 0) {
      if (bits == 0 && run >= 11) {
        const part = min(run, 138);
        runs = addRun(scratch, runs, MANY_ZEROS, <u8>(part - 11));
        run -= part;
      } else if (run >= 3) {
        const part = min(run, bits == 0 ? 10 : 6);
        runs = addRun(scratch, runs, bits == 0 ? FEW_ZEROS : REPEAT, <u8>(part - 3));
        run -= part;
      } else {
        runs = addRun(scratch, runs, bits, 0);
        run--;
      }
    }
  }
  return runs;
}

// @ts-ignore: decorator
@inline
function bitsAt(scratch: usize, i: u32, literalCount: u32): u8 {
  return i < literalCount ? load<u8>(scratch + LITERAL_BITS + i) : load<u8>(scratch + DISTANCE_BITS + i - literalCount);
}

function addRun(scratch: usize, runs: u32, symbol: u8, extra: u8): u32 {
  const at = scratch + RUNS + (<usize>runs << 1);
  store<u8>(at, symbol);
  store<u8>(at, extra, 1);
  count(scratch + LENGTH_COUNTS, symbol);
  return runs + 1;
}

// @ts-ignore: decorator
@inline
function runBits(symbol: u8): u32 {
  if (symbol < REPEAT) return 0;
  if (symbol == REPEAT) return 2;
  return symbol == FEW_ZEROS ? 3 : 7;
}

function runExtra(scratch: usize, runs: u32): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < runs; i++) sum += runBits(load<u8>(scratch + RUNS + (<usize>i << 1)));
  return sum;
}

/** Writes the codes of the block, by the lengths of their bits. */
function writeCodes(scratch: usize, runs: u32, literalCount: u32, distanceCount: u32, lengthCount: u32): void {
  write(literalCount - 257, 5);
  write(distanceCount - 1, 5);
  write(lengthCount - 4, 4);
  for (let i: u32 = 0; i < lengthCount; i++) write(load<u8>(scratch + LENGTH_BITS + lengthOrder(i)), 3);
  for (let i: u32 = 0; i < runs; i++) {
    const at = scratch + RUNS + (<usize>i << 1);
    const symbol = load<u8>(at);
    const code = load<u32>(scratch + LENGTH_CODES + (<usize>symbol << 2));
    write(code & 0xffff, code >> 16);
    write(load<u8>(at, 1), runBits(symbol));
  }
}

// Writes codes bit after bit, the first bit lowest (RFC 1951 section 3.1.1).

/** Where the next whole byte is written, the bits that wait for it, and their number, at most 7 between writes. */
export let out: usize = 0;
export let waiting: u64 = 0;
export let waitingBits: u32 = 0;

// @ts-ignore: decorator
@inline
export function write(value: u32, count: u32): void {
  waiting |= <u64>value << waitingBits;
  waitingBits += count;
  store<u64>(out, waiting);
  out += waitingBits >> 3;
  waiting >>= waitingBits & ~7;
  waitingBits &= 7;
}

/** Ends a byte with zeros. */
export function align(): void {
  if (waitingBits > 0) write(0, 8 - waitingBits);
}

/**
 * Begins to write at an address, or goes on there with bits that wait. Writes may reach seven bytes beyond the last
 * one.
 */
// @ts-ignore: decorator
@inline
export function writeAt(to: usize, bits: u64 = 0, count: u32 = 0): void {
  out = to;
  waiting = bits;
  waitingBits = count;
}

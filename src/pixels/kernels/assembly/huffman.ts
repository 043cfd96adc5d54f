// Huffman codes of limited length, as deflate uses them.

/** Most symbols of a code. */
const MOST: usize = 288;
const MOST_BITS: usize = 16;

// Layout of the scratch: the used symbols by their counts; the nodes of the tree, leaves first, with the sums of their
// counts and then their depths, and their parents; the number of codes of each length, and the next code of each.
const KEYS: usize = 0;
const SUMS: usize = KEYS + (MOST << 2);
const PARENTS: usize = SUMS + (MOST << 3);
const NUMBERS: usize = PARENTS + (MOST << 3);
const NEXT: usize = NUMBERS + (MOST_BITS << 2);

/** Bytes of scratch that the functions here need. */
export const HUFFMAN_BYTES: usize = NEXT + (MOST_BITS << 2);

/** Bits of a key that are its symbol; those above are its count. */
const SYMBOL_BITS: u32 = 9;

/**
 * Computes the lengths of the codes of symbols that occur that often, a byte each: 0 for those that do not occur, at
 * most `most` for the others, of which there are two or more. Counts are less than 2 ** 23.
 */
export function codeLengths(counts: usize, symbols: u32, most: u32, bits: usize, scratch: usize): void {
  const used = sortSymbols(counts, symbols, scratch + KEYS);
  memory.fill(bits, 0, symbols);
  memory.fill(scratch + NUMBERS, 0, MOST_BITS << 2);
  buildTree(used, scratch);
  const root = 2 * used - 2;
  store<u32>(scratch + SUMS + (<usize>root << 2), 0);
  for (let node: i32 = root - 1; node >= 0; node--) {
    const parent = load<u32>(scratch + PARENTS + (<usize>node << 2));
    const depth = load<u32>(scratch + SUMS + (<usize>parent << 2)) + 1;
    store<u32>(scratch + SUMS + (<usize>node << 2), depth);
    if (<u32>node < used) add(scratch + NUMBERS, min(depth, most), 1);
  }
  limitLengths(scratch + NUMBERS, most);
  let key = scratch + KEYS;
  for (let length = most; length > 0; length--) {
    for (let left = load<u32>(scratch + NUMBERS + (<usize>length << 2)); left > 0; left--) {
      store<u8>(bits + (load<u32>(key) & ((1 << SYMBOL_BITS) - 1)), <u8>length);
      key += 4;
    }
  }
}

// @ts-ignore: decorator
@inline
function add(numbers: usize, i: u32, value: u32): void {
  const at = numbers + (<usize>i << 2);
  store<u32>(at, load<u32>(at) + value);
}

/** Sorts the symbols that occur, the rarest first. Returns their number. */
function sortSymbols(counts: usize, symbols: u32, keys: usize): u32 {
  let used: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const times = load<u32>(counts + (<usize>symbol << 2));
    if (times == 0) continue;
    store<u32>(keys + (<usize>used << 2), (times << SYMBOL_BITS) | symbol);
    used++;
  }
  // Shell's sort, with Ciura's gaps. Small rects have few symbols and end at once.
  sortByGap(keys, used, 132);
  sortByGap(keys, used, 57);
  sortByGap(keys, used, 23);
  sortByGap(keys, used, 10);
  sortByGap(keys, used, 4);
  sortByGap(keys, used, 1);
  return used;
}

function sortByGap(keys: usize, length: u32, gap: u32): void {
  const step = <usize>gap << 2;
  const end = keys + (<usize>length << 2);
  for (let next = keys + step; next < end; next += 4) {
    const key = load<u32>(next);
    let at = next;
    for (; at >= keys + step && load<u32>(at - step) > key; at -= step) store<u32>(at, load<u32>(at - step));
    store<u32>(at, key);
  }
}

/** Joins the two rarest nodes again and again. New nodes become ever more frequent, so that they need no sorting. */
function buildTree(used: u32, scratch: usize): void {
  const sums = scratch + SUMS;
  for (let i: u32 = 0; i < used; i++) {
    store<u32>(sums + (<usize>i << 2), load<u32>(scratch + KEYS + (<usize>i << 2)) >> SYMBOL_BITS);
  }
  let leaf: u32 = 0;
  let inner = used;
  for (let node = used; node < 2 * used - 1; node++) {
    let sum: u32 = 0;
    for (let child = 0; child < 2; child++) {
      const isLeaf =
        leaf < used &&
        (inner == node || load<u32>(sums + (<usize>leaf << 2)) <= load<u32>(sums + (<usize>inner << 2)));
      const rarest = isLeaf ? leaf++ : inner++;
      sum += load<u32>(sums + (<usize>rarest << 2));
      store<u32>(scratch + PARENTS + (<usize>rarest << 2), node);
    }
    store<u32>(sums + (<usize>node << 2), sum);
  }
}

/** Moves codes from short lengths to longer ones until those that were too long have a place. */
function limitLengths(numbers: usize, most: u32): void {
  let taken: u32 = 0;
  for (let length: u32 = 1; length <= most; length++) {
    taken += load<u32>(numbers + (<usize>length << 2)) << (most - length);
  }
  while (taken > <u32>1 << most) {
    add(numbers, most, -1);
    let length = most - 1;
    while (load<u32>(numbers + (<usize>length << 2)) == 0) length--;
    add(numbers, length, -1);
    add(numbers, length + 1, 2);
    taken--;
  }
}

/**
 * Assigns codes to symbols by the lengths of their codes (RFC 1951 section 3.2.2): a u32 for each symbol, with the code
 * in the lower half, its first bit lowest, and its length in the upper half.
 */
export function assignCodes(bits: usize, symbols: u32, codes: usize, scratch: usize): void {
  const numbers = scratch + NUMBERS;
  const next = scratch + NEXT;
  memory.fill(numbers, 0, MOST_BITS << 2);
  for (let i: u32 = 0; i < symbols; i++) add(numbers, load<u8>(bits + i), 1);
  let first: u32 = 0;
  store<u32>(numbers, 0);
  for (let length: u32 = 1; length < <u32>MOST_BITS; length++) {
    first = (first + load<u32>(numbers + (<usize>(length - 1) << 2))) << 1;
    store<u32>(next + (<usize>length << 2), first);
  }
  for (let i: u32 = 0; i < symbols; i++) {
    const length: u32 = load<u8>(bits + i);
    if (length == 0) continue;
    const code = reversed(load<u32>(next + (<usize>length << 2))) >> (16 - length);
    store<u32>(codes + (<usize>i << 2), code | (length << 16));
    add(next, length, 1);
  }
}

/** Returns the lower 16 bits in the opposite order. */
function reversed(code: u32): u32 {
  code = ((code & 0x5555) << 1) | ((code >> 1) & 0x5555);
  code = ((code & 0x3333) << 2) | ((code >> 2) & 0x3333);
  code = ((code & 0x0f0f) << 4) | ((code >> 4) & 0x0f0f);
  return ((code & 0x00ff) << 8) | ((code >> 8) & 0x00ff);
}

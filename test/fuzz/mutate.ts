import type { Dice } from '../../bench/scenes/dice.ts';
import { joinBytes } from '../../src/protocol/join-bytes.ts';

/** Bytes that often end a range, a length or a sign. */
const SPECIAL_BYTES = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];
/** Most changes to one input. More of them leave nothing that a parser accepts. */
const MOST_CHANGES = 4;
/** Longest run of bytes that one change inserts, removes or repeats. */
const MOST_RUN_BYTES = 16;

export function randomBytes(dice: Dice, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = dice.integer(0, 255);
  return bytes;
}

/** Returns a copy with some changes at random places. */
export function mutated(bytes: Uint8Array, dice: Dice): Uint8Array {
  let changed = bytes;
  for (let left = dice.integer(1, MOST_CHANGES); left > 0; left--) changed = changedOnce(changed, dice);
  return changed;
}

/** Usually damages the bytes. Returns them as they are with a probability of 30 %. */
export const maybeMutated = (bytes: Uint8Array, dice: Dice): Uint8Array =>
  dice.chance(0.3) ? bytes : mutated(bytes, dice);

function changedOnce(bytes: Uint8Array, dice: Dice): Uint8Array {
  const at = dice.integer(0, bytes.length);
  const run = Math.min(dice.integer(1, MOST_RUN_BYTES), bytes.length - at);
  switch (dice.integer(0, 6)) {
    case 0:
      return withByte(bytes, at, (byte) => byte ^ (1 << dice.integer(0, 7)));
    case 1:
      return withByte(bytes, at, () => dice.pick(SPECIAL_BYTES));
    case 2:
      return withByte(bytes, at, () => dice.integer(0, 255));
    case 3:
      return joinBytes([
        bytes.subarray(0, at),
        randomBytes(dice, dice.integer(1, MOST_RUN_BYTES)),
        bytes.subarray(at),
      ]);
    case 4:
      return joinBytes([bytes.subarray(0, at), bytes.subarray(at + run)]);
    case 5:
      return joinBytes([bytes.subarray(0, at + run), bytes.subarray(at)]);
    default:
      return bytes.slice(0, at);
  }
}

function withByte(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = change(copy[at]!);
  return copy;
}

/** Lengths of the portions in which an input is given to a reader: an endless sequence that `start` decides. */
export function* portionLengths(start: number): Generator<number, never> {
  for (let state = start; ; state = (Math.imul(state, 29) + 17) & 0xff) yield 1 + (state % 23);
}

/** Splits bytes into such portions. */
export function* portions(bytes: Uint8Array, start: number): Generator<Uint8Array> {
  const lengths = portionLengths(start);
  for (let at = 0; at < bytes.length; ) {
    const { value } = lengths.next();
    yield bytes.subarray(at, at + value);
    at += value;
  }
}

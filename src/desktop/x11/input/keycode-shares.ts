import { isCharacter } from './keysyms.ts';

/**
 * Up to this many characters get a keycode each. More share keycodes in pairs, which makes every other one need Shift
 * and doubles what fits.
 */
const MOST_UNPAIRED = 8;

/** Divides keysyms among keycodes, in order: one for each, or pairs of characters, the second one with Shift. */
export const keycodeShares = (keysyms: ReadonlySet<number>): Iterable<readonly number[]> =>
  keysyms.size > MOST_UNPAIRED ? pairs(keysyms) : singles(keysyms);

function* singles(keysyms: Iterable<number>): Iterable<readonly number[]> {
  for (const keysym of keysyms) yield [keysym];
}

/** Keys of the keypad and functions stay alone: X gives them other levels. */
function* pairs(keysyms: Iterable<number>): Iterable<readonly number[]> {
  let first: number | undefined;
  for (const keysym of keysyms) {
    if (!isCharacter(keysym)) yield [keysym];
    else if (first === undefined) first = keysym;
    else {
      yield [first, keysym];
      first = undefined;
    }
  }
  if (first !== undefined) yield [first];
}

/** What differs between a typed text and what a program got. */
export interface Faults {
  readonly lost: number;
  /** Pairs of characters that came in the other order. */
  readonly swapped: number;
  /** Characters that came once more. */
  readonly doubled: number;
  /** Characters in the place of others, or that was not typed. */
  readonly other: number;
}

/** Characters after a difference that have to agree for it to be over. */
const AGREEING = 3;

/**
 * Characters of a difference at most, in each of the two texts. The work for each grows with its square. Beyond it, both
 * texts go on by one character, which counts as another one.
 */
const LONGEST = 500;

/** Compares a text with what a program got of it. */
export function findFaults(typed: string, got: string): Faults {
  const [want, have] = [Array.from(typed), Array.from(got)];
  const faults = { lost: 0, swapped: 0, doubled: 0, other: 0 };
  for (let i = 0, j = 0; i < want.length || j < have.length; ) {
    if (want[i] === have[j]) {
      i++;
      j++;
      continue;
    }
    if (want[i] === have[j + 1] && want[i + 1] === have[j] && agree(want, i + 2, have, j + 2)) {
      faults.swapped++;
      i += 2;
      j += 2;
      continue;
    }
    const [missing, added] = difference(want, i, have, j);
    const replaced = Math.min(missing, added);
    const more = added - replaced;
    const again = have.slice(j, j + more).every((character, k) => character === have[j - more + k]);
    faults.lost += missing - replaced;
    faults.other += replaced;
    if (replaced === 0 && again) faults.doubled += more;
    else faults.other += more;
    i += missing;
    j += added;
  }
  return faults;
}

/** The fewest characters to leave out of both texts until they agree. */
function difference(want: string[], i: number, have: string[], j: number): [missing: number, added: number] {
  for (let sum = 1; sum <= LONGEST; sum++) {
    for (let missing = sum; missing >= 0; missing--) {
      const added = sum - missing;
      if (i + missing > want.length || j + added > have.length) continue;
      if (agree(want, i + missing, have, j + added)) return [missing, added];
    }
  }
  return [Math.min(1, want.length - i), Math.min(1, have.length - j)];
}

function agree(want: string[], i: number, have: string[], j: number): boolean {
  for (let k = 0; k < AGREEING; k++) if (want[i + k] !== have[j + k]) return false;
  return true;
}

/** Characters of each text that are shown around the first difference. */
const SHOWN = 24;
/** Of these, characters before it. */
const SHOWN_BEFORE = 8;

/** Says where a typed text and what a program got of it begin to differ. Undefined if they are equal. */
export function firstDifference(typed: string, got: string): string | undefined {
  if (typed === got) return undefined;
  const [want, have] = [Array.from(typed), Array.from(got)];
  let at = 0;
  while (want[at] === have[at]) at++;
  const part = (text: string[]): string =>
    JSON.stringify(text.slice(Math.max(0, at - SHOWN_BEFORE), at - SHOWN_BEFORE + SHOWN).join(''));
  return `from character ${at + 1} on, ${part(want)} came as ${part(have)}; ${have.length} of ${want.length} came`;
}

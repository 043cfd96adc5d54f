/** What has to be typed so that a text becomes another one: Backspace so many times, then the rest. */
export interface Edit {
  readonly removed: number;
  readonly added: string;
}

/** Counts characters as a program does that gets keys: a surrogate pair is one. */
export function editBetween(before: string, after: string): Edit {
  const [old, now] = [[...before], [...after]];
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same++;
  return { removed: old.length - same, added: now.slice(same).join('') };
}

/**
 * Text that the field holds while nothing was typed, so that on-screen keyboards have something to delete. A longer one
 * lets the user hold Backspace for longer in one go.
 */
const FILLING = '.'.repeat(32);

/** Characters after which the field begins anew. With more, each letter costs more; with fewer, corrections miss. */
const MOST_CHARACTERS = 400;

/**
 * Reads what on-screen keyboards type, which tell no keys: they write words into the field, correct them and delete
 * them. Each change is typed on the desktop at once.
 */
export class LiveField {
  readonly #field: HTMLTextAreaElement;
  #seen = '';

  constructor(field: HTMLTextAreaElement) {
    this.#field = field;
    this.begin();
  }

  /** Forgets what was typed: the user has gone on elsewhere. */
  begin(): void {
    this.#seen = FILLING;
    this.#field.value = FILLING;
    this.#field.setSelectionRange(FILLING.length, FILLING.length);
  }

  /** Returns what has changed. Call it at each `input` event. */
  change(isComposing: boolean): Edit {
    const now = this.#field.value;
    const edit = editBetween(this.#seen, now);
    this.#seen = now;
    // A new value would break a composition off.
    if (
      !isComposing &&
      (now.length > MOST_CHARACTERS || now.length < FILLING.length / 2 || now.includes('\n'))
    )
      this.begin();
    return edit;
  }
}

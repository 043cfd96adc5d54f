import type { ClientMessage } from '../../protocol/client-messages.ts';

type Key = Extract<ClientMessage, { readonly type: 'key' }>;

/** Keysym of the Unicode character 0: X11 keysyms, "Unicode". */
const UNICODE = 0x0100_0000;
/** First code units of the two halves of a surrogate pair, and the number of code units of each. */
const HIGH = 0xd800;
const LOW = 0xdc00;
const HALF = 0x400;
/** The character that the first surrogate pair stands for. */
const FIRST_PAIR = 0x1_0000;

/** Returns the number of a half beginning at `first`. Undefined if the keysym is another character. */
function halfOf(keysym: number, first: number): number | undefined {
  const half = keysym - UNICODE - first;
  return half >= 0 && half < HALF ? half : undefined;
}

/**
 * Joins the two halves of characters beyond U+FFFF, such as emoji. The pages of noVNC and KasmVNC send the text of an
 * input method or of a phone's keyboard as one key for each unit of UTF-16. A half alone is no character.
 */
export class SurrogateKeys {
  /** First half of a character whose second half has not come. */
  #high: number | undefined;
  /** Keysyms of the characters that are down, by their second halves. */
  readonly #down = new Map<number, number>();

  /** Returns the key that is meant. Undefined: none, or not yet. */
  join(message: Key): Key | undefined {
    const { keysym, down } = message;
    const high = halfOf(keysym, HIGH);
    if (high !== undefined) {
      if (down) this.#high = high;
      return undefined;
    }
    const low = halfOf(keysym, LOW);
    if (low === undefined) {
      if (down) this.#high = undefined;
      return message;
    }
    const joined = down ? this.#press(low) : this.#down.get(low);
    if (!down) this.#down.delete(low);
    return joined === undefined ? undefined : { ...message, keysym: joined };
  }

  #press(low: number): number | undefined {
    if (this.#high === undefined) return undefined;
    const keysym = UNICODE + FIRST_PAIR + this.#high * HALF + low;
    this.#high = undefined;
    // There are as many as halves.
    this.#down.set(low, keysym);
    return keysym;
  }
}

import type { ByteBudget } from '../../common/byte-budget.ts';

/**
 * Bytes of a message that is not counted. All connections of a user may have one such message each. A larger value
 * counts fewer bytes; a smaller one counts texts that people type.
 */
const UNCOUNTED_BYTES = 64 * 1024;

/** Counts the clipboard that a viewer is sending against what its user may have on the way. */
export class IncomingBytes {
  readonly #budget: ByteBudget;
  #held: { readonly bytes: number; readonly giveBack: () => void } | undefined;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** Whether a message of so many bytes may be kept. It then counts until `release`. May be asked again. */
  mayKeep(bytes: number): boolean {
    if (bytes <= UNCOUNTED_BYTES || (this.#held && this.#held.bytes >= bytes)) return true;
    this.release();
    const giveBack = this.#budget.take(bytes);
    this.#held = giveBack && { bytes, giveBack };
    return giveBack !== undefined;
  }

  /** The message has been handled, or will not be. */
  release(): void {
    this.#held?.giveBack();
    this.#held = undefined;
  }
}

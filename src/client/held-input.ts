/**
 * Steps of input that wait at most. A text of 16 MB is deflated in a second, in which a user makes some hundred. With a
 * larger number they take memory; with a smaller one, the page stands still until the text is deflated.
 */
export const MOST_STEPS = 2000;

/** Bytes of contents that wait at most: the next large text, and one more. A larger value takes that much memory. */
export const MOST_BYTES = 32 << 20;

export interface HeldInputOptions {
  /** Whether input has to wait now. */
  isBlocked(): boolean;
  /** Ends the wait at once. Input that waits may begin another wait. */
  unblock(): void;
}

/**
 * Input in its order: done at once, or held behind a large text that is being deflated, whose paste must find it in the
 * desktop. When too much waits, the wait ends: nothing is dropped, and nothing overtakes.
 */
export class HeldInput {
  readonly #options: HeldInputOptions;
  #steps: { readonly act: () => void; readonly bytes: number }[] = [];
  #bytes = 0;
  #isOver = false;

  constructor(options: HeldInputOptions) {
    this.#options = options;
  }

  /** Steps that wait. */
  get length(): number {
    return this.#steps.length;
  }

  /** `bytes` is the size of a content that the step carries. */
  do(act: () => void, bytes = 0): void {
    if (this.#isOver) return;
    const { isBlocked, unblock } = this.#options;
    while (isBlocked() && this.#isFullWith(bytes)) unblock();
    if (!isBlocked()) {
      act();
      return;
    }
    this.#steps.push({ act, bytes });
    this.#bytes += bytes;
  }

  /** Does what has waited, until a step blocks again. Call it when the wait has ended. */
  goOn(): void {
    while (!this.#isOver && !this.#options.isBlocked()) {
      const step = this.#steps.shift();
      if (!step) return;
      this.#bytes -= step.bytes;
      step.act();
    }
  }

  /** Forgets what waits: the connection has ended. */
  close(): void {
    this.#isOver = true;
    this.#steps = [];
    this.#bytes = 0;
  }

  #isFullWith(bytes: number): boolean {
    if (this.#isOver || this.#steps.length === 0) return false;
    return this.#steps.length >= MOST_STEPS || this.#bytes + bytes > MOST_BYTES;
  }
}

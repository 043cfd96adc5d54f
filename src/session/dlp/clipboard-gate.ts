import type { DlpRules } from '../../config/dlp/dlp-settings.ts';

export type ClipboardDirection = 'toClient' | 'toServer';

/** One text that was to pass, and why it did not; undefined if it did. */
export interface ClipboardUse {
  readonly direction: ClipboardDirection;
  readonly bytes: number;
  readonly refusal: 'disabled' | 'too large' | 'too soon' | undefined;
}

/** Decides which texts pass between a viewer's clipboard and the desktop's. */
export class ClipboardGate {
  readonly #rules: DlpRules['clipboard'];
  readonly #nowMs: () => number;
  readonly #used: (use: ClipboardUse) => void;
  #passedAtMs = Number.NEGATIVE_INFINITY;

  /** `nowMs` is a clock that never goes back. `used` is told of each text. */
  constructor(rules: DlpRules['clipboard'], nowMs: () => number, used: (use: ClipboardUse) => void) {
    this.#rules = rules;
    this.#nowMs = nowMs;
    this.#used = used;
  }

  /** Whether texts may pass in this direction at all. */
  isOpen(direction: ClipboardDirection): boolean {
    return this.#rules[direction].isEnabled;
  }

  /** Whether a text of so many bytes of UTF-8 may pass now. It then counts as passed. */
  pass(direction: ClipboardDirection, bytes: number): boolean {
    const nowMs = this.#nowMs();
    const refusal = this.#refusalOf(direction, bytes, nowMs);
    if (!refusal) this.#passedAtMs = nowMs;
    this.#used({ direction, bytes, refusal });
    return refusal === undefined;
  }

  #refusalOf(direction: ClipboardDirection, bytes: number, nowMs: number): ClipboardUse['refusal'] {
    const { isEnabled, mostBytes } = this.#rules[direction];
    if (!isEnabled) return 'disabled';
    if (bytes > mostBytes) return 'too large';
    return nowMs - this.#passedAtMs < this.#rules.delayMs ? 'too soon' : undefined;
  }
}

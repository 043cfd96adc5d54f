import type { DlpRules } from '../../config/dlp/dlp-settings.ts';
import type { ClipboardText } from '../../desktop/desktop.ts';
import type { ClipboardPace, UserLimits } from './user-limits.ts';

export type ClipboardDirection = 'toClient' | 'toServer';

export type ClipboardRefusal = 'disabled' | 'too large' | 'too soon';

/** One text that was to pass, and why it did not; undefined if it did. */
export interface ClipboardUse {
  readonly direction: ClipboardDirection;
  /** Undefined for a text that was refused before its size was known. */
  readonly bytes: number | undefined;
  readonly refusal: ClipboardRefusal | undefined;
}

/** Decides which texts pass between a viewer's clipboard and the desktop's. */
export class ClipboardGate {
  readonly #rules: DlpRules['clipboard'];
  readonly #pace: ClipboardPace;
  readonly #nowMs: () => number;
  readonly #used: (use: ClipboardUse) => void;

  /** `nowMs` is a clock that never goes back. `used` is told of each text. */
  constructor(
    { rules, clipboardPace }: Pick<UserLimits, 'rules' | 'clipboardPace'>,
    nowMs: () => number,
    used: (use: ClipboardUse) => void,
  ) {
    this.#rules = rules.clipboard;
    this.#pace = clipboardPace;
    this.#nowMs = nowMs;
    this.#used = used;
  }

  /** Whether the viewer is told of a text of the desktop that was copied or marked like this. */
  concerns(how: ClipboardText['how']): boolean {
    if (how === 'copied') return true;
    // A viewer that was told of the text when it was marked is not told again.
    return this.#rules.sendsMarked === (how === 'marked');
  }

  /** Refuses a text that is yet to come, if none may pass in this direction. Returns whether it is refused. */
  refusesAny(direction: ClipboardDirection): boolean {
    if (this.#rules[direction].isEnabled) return false;
    this.#used({ direction, bytes: undefined, refusal: 'disabled' });
    return true;
  }

  /**
   * Whether a text of so many bytes of UTF-8 may pass now. It then counts as passed. `change` is the change of the
   * desktop's clipboard that brought it, if one did: to all connections of a user it passes as one text.
   */
  pass(direction: ClipboardDirection, bytes: number, change?: object): boolean {
    const nowMs = this.#nowMs();
    const hasPassed = change !== undefined && this.#pace.change?.deref() === change;
    const refusal = this.#refusalOf(direction, bytes, hasPassed ? undefined : nowMs);
    if (!refusal && !hasPassed) {
      this.#pace.passedAtMs = nowMs;
      this.#pace.change = change && new WeakRef(change);
    }
    this.#used({ direction, bytes, refusal });
    return refusal === undefined;
  }

  #refusalOf(
    direction: ClipboardDirection,
    bytes: number,
    nowMs: number | undefined,
  ): ClipboardRefusal | undefined {
    const { isEnabled, mostBytes } = this.#rules[direction];
    if (!isEnabled) return 'disabled';
    if (bytes > mostBytes) return 'too large';
    const isTooSoon = nowMs !== undefined && nowMs - this.#pace.passedAtMs < this.#rules.delayMs;
    return isTooSoon ? 'too soon' : undefined;
  }
}

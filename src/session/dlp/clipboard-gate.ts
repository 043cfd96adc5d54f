import type { ClipboardRules } from '../../config/clipboard-rules.ts';
import type { ClipboardChange } from '../../desktop/desktop.ts';
import {
  type ClipboardContent,
  type ClipboardFormat,
  contentBytes,
} from '../../protocol/clipboard-content.ts';
import type { ClipboardPace, UserLimits } from './user-limits.ts';

export type ClipboardDirection = 'toClient' | 'toServer';

export type ClipboardRefusal = 'disabled' | 'too large' | 'too soon' | 'type';

/** A content, or forms of one, that were to pass, and why they did not; undefined if they did. */
export interface ClipboardUse {
  readonly direction: ClipboardDirection;
  /** Undefined for a content that was refused before its size was known. */
  readonly bytes: number | undefined;
  /** Undefined if they are not known. */
  readonly formats: readonly ClipboardFormat[] | undefined;
  readonly refusal: ClipboardRefusal | undefined;
}

/** Decides what passes between a viewer's clipboard and the desktop's. */
export class ClipboardGate {
  readonly #rules: ClipboardRules;
  readonly #pace: ClipboardPace;
  readonly #nowMs: () => number;
  readonly #used: (use: ClipboardUse) => void;

  /** `nowMs` is a clock that never goes back. `used` is told of each content. */
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

  /** The forms that may pass. */
  get formats(): readonly ClipboardFormat[] {
    return this.#rules.formats;
  }

  /** Bytes of the largest content that passes. */
  mostBytes(direction: ClipboardDirection): number {
    return this.#rules[direction].mostBytes;
  }

  /** Whether the viewer is told of what was copied or marked like this. */
  concerns(how: ClipboardChange['how']): boolean {
    if (how === 'copied') return true;
    const { primary } = this.#rules;
    return primary === 'always' || (primary === 'auto' && how === 'marked only');
  }

  /** Refuses a content that is yet to come, if none may pass in this direction. Returns whether it is refused. */
  refusesAny(direction: ClipboardDirection): boolean {
    if (this.#rules[direction].isEnabled) return false;
    this.#used({ direction, bytes: undefined, formats: undefined, refusal: 'disabled' });
    return true;
  }

  /** Notes that a content, or forms of one, were too large to be looked at. */
  refuseLarge(
    direction: ClipboardDirection,
    bytes: number | undefined,
    formats?: readonly ClipboardFormat[],
  ): void {
    if (this.refusesAny(direction)) return;
    this.#used({ direction, bytes, formats, refusal: 'too large' });
  }

  /**
   * Returns the forms of a content that may pass now; none if it may not. They then count as passed. All forms together
   * may be as large as the rules say, the first ones pass first. `change` is the change of the desktop's clipboard that
   * brought the content, if one did: to all connections of a user it passes as one content.
   */
  pass(direction: ClipboardDirection, content: ClipboardContent, change?: object): ClipboardFormat[] {
    const nowMs = this.#nowMs();
    const { isEnabled, mostBytes } = this.#rules[direction];
    const allowed = [...content].filter(([format]) => this.#rules.formats.includes(format));
    const fitting: ClipboardFormat[] = [];
    let bytes = 0;
    for (const [format, { length }] of allowed) {
      if (bytes + length > mostBytes) continue;
      fitting.push(format);
      bytes += length;
    }
    const hasPassed = change !== undefined && this.#pace.change?.deref() === change;
    const isTooSoon = !hasPassed && nowMs - this.#pace.passedAtMs < this.#rules.delayMs;
    const refuse = (refusal: ClipboardRefusal): ClipboardFormat[] => {
      this.#used({ direction, bytes: contentBytes(content), formats: [...content.keys()], refusal });
      return [];
    };
    if (!isEnabled) return refuse('disabled');
    if (allowed.length === 0) return refuse('type');
    if (fitting.length === 0) return refuse('too large');
    if (isTooSoon) return refuse('too soon');
    if (!hasPassed) {
      this.#pace.passedAtMs = nowMs;
      this.#pace.change = change && new WeakRef(change);
    }
    this.#used({ direction, bytes, formats: fitting, refusal: undefined });
    const large = allowed.filter(([format]) => !fitting.includes(format));
    if (large.length > 0) {
      const largeBytes = large.reduce((sum, [, { length }]) => sum + length, 0);
      this.#used({
        direction,
        bytes: largeBytes,
        formats: large.map(([format]) => format),
        refusal: 'too large',
      });
    }
    return fitting;
  }
}

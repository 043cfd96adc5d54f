import { BoundedMap } from '../../common/bounded-map.ts';
import { TokenBucket } from '../../common/token-bucket.ts';
import type { DlpRules } from '../../config/dlp/dlp-settings.ts';

/**
 * Users whose limits are kept: those who connected last. More than all viewers that there may be, since a user who is
 * forgotten while connected could connect again with fresh limits. A larger value takes 200 bytes for each user.
 */
const MOST_USERS = 4096;

/** When a user last used the clipboard. */
export interface ClipboardPace {
  passedAtMs: number;
  /** The change of the desktop's clipboard that passed then. It may hold a long text, and is not kept for this. */
  change: WeakRef<object> | undefined;
}

/** What all connections of one user share, so that many connections allow no more than one. */
export interface UserLimits {
  readonly rules: DlpRules;
  readonly clipboardPace: ClipboardPace;
  /** Presses of keys. Undefined if the user may press any number. */
  readonly presses: TokenBucket | undefined;
}

/** The limits of each user, which outlive the user's connections. */
export class LimitsByUser {
  readonly #rulesOf: (user: string) => DlpRules;
  readonly #nowMs: () => number;
  readonly #kept = new BoundedMap<string, UserLimits>(MOST_USERS);

  /** `nowMs` is a clock that never goes back. */
  constructor(rulesOf: (user: string) => DlpRules, nowMs: () => number) {
    this.#rulesOf = rulesOf;
    this.#nowMs = nowMs;
  }

  of(user: string): UserLimits {
    const kept = this.#kept.touch(user);
    if (kept) return kept;
    const limits = createLimits(this.#rulesOf(user), this.#nowMs());
    this.#kept.set(user, limits);
    return limits;
  }
}

/** Limits of a user who has used nothing yet. */
export function createLimits(rules: DlpRules, nowMs: number): UserLimits {
  const { pressesPerSecond: perSecond } = rules.keyboard;
  return {
    rules,
    clipboardPace: { passedAtMs: Number.NEGATIVE_INFINITY, change: undefined },
    presses: Number.isFinite(perSecond) ? new TokenBucket({ perSecond, burst: perSecond }, nowMs) : undefined,
  };
}

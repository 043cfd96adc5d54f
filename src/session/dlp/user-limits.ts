import { BoundedMap } from '../../common/bounded-map.ts';
import { ByteBudget } from '../../common/byte-budget.ts';
import { TokenBucket } from '../../common/token-bucket.ts';
import type { DlpRules } from '../../config/dlp/dlp-settings.ts';

/**
 * Users whose limits are kept: those who connected last. More than all viewers that there may be, since a user who is
 * forgotten while connected could connect again with fresh limits. A larger value takes 200 bytes for each user.
 */
const MOST_USERS = 4096;

/**
 * Bytes of clipboards that may be on their way for one user: messages that are not whole yet, contents that are inflated,
 * and messages that a socket has not taken. Enough for the largest content twice in each direction. A larger value lets
 * the connections of one user take more memory; with a smaller one their clipboards wait for each other, or are refused.
 */
const MOST_CLIPBOARD_BYTES_OF_USER = 96 << 20;

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
  /** Bytes of clipboards on their way from and to all connections. */
  readonly clipboardBytes: ByteBudget;
  /** Presses of keys. Undefined if the user may press any number. */
  readonly presses: TokenBucket | undefined;
}

/**
 * Returns a function from a user's name to that user's limits, which outlive the user's connections. `nowMs` is a clock
 * that never goes back.
 */
export function createLimitsByUser(
  rulesOf: (user: string) => DlpRules,
  nowMs: () => number,
): (user: string) => UserLimits {
  const kept = new BoundedMap<string, UserLimits>(MOST_USERS);
  return (user) => {
    const known = kept.touch(user);
    if (known) return known;
    const limits = createLimits(rulesOf(user), nowMs());
    kept.set(user, limits);
    return limits;
  };
}

/** Limits of a user who has used nothing yet. */
export function createLimits(rules: DlpRules, nowMs: number): UserLimits {
  const { pressesPerSecond: perSecond } = rules.keyboard;
  return {
    rules,
    clipboardPace: { passedAtMs: Number.NEGATIVE_INFINITY, change: undefined },
    clipboardBytes: new ByteBudget(MOST_CLIPBOARD_BYTES_OF_USER),
    presses: Number.isFinite(perSecond) ? new TokenBucket({ perSecond, burst: perSecond }, nowMs) : undefined,
  };
}

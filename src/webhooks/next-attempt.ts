/** What became of one attempt. `status` is undefined if there was no answer. */
export interface Attempt {
  readonly status: number | undefined;
  /** Seconds of the answer's Retry-After. */
  readonly retryAfterS?: number | undefined;
  /** Attempts for this event, this one included. */
  readonly attempts: number;
}

export type NextAttempt =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'given up' }
  | { readonly kind: 'again'; readonly afterMs: number };

/** Pause after the first failure, in milliseconds. It doubles with each. A smaller one strains a receiver that restarts. */
const FIRST_PAUSE_MS = 1000;

/** Longest pause, in milliseconds. With a larger one, events come later once the receiver is back. */
export const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * Attempts for one event: 30 minutes with these pauses. With more, a receiver that refuses one event for good holds up
 * those that follow for longer.
 */
export const MOST_ATTEMPTS = 14;

/** Refusals that may pass: timeout, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Decides what follows an attempt. `chance` from 0 to 1 spreads the attempts of many servers. */
export function nextAttempt({ status, retryAfterS, attempts }: Attempt, chance: number): NextAttempt {
  if (status !== undefined && status >= 200 && status < 300) return { kind: 'delivered' };
  const mayPass = status === undefined || status >= 500 || PASSING.has(status);
  // A redirect is not followed: it could lead to a place that whoever set the URL did not mean.
  if (!mayPass || attempts >= MOST_ATTEMPTS) return { kind: 'given up' };
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
  const askedMs = Math.min((retryAfterS ?? 0) * 1000, LONGEST_PAUSE_MS);
  return { kind: 'again', afterMs: Math.max(askedMs, pauseMs * (0.5 + chance / 2)) };
}

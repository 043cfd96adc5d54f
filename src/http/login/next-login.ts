/**
 * Logins of strangers that may wait. The last one waits 5 s for argon2id. A larger value keeps more connections of a
 * guesser open; a smaller one refuses users who log in at the same time.
 */
export const STRANGER_PLACES = 192;

/** The same for logins from known addresses and browsers: a reserve that strangers cannot take. */
export const KNOWN_PLACES = 64;

/** A login that waits to be checked. */
export interface WaitingLogin {
  /** Logins with the same value share the checks that one caller gets: those of an address, or of a user's browsers. */
  readonly share: string;
  /** Whether the address or the browser is known. */
  readonly isKnown: boolean;
}

/** A place for a newcomer: a free one, that of another login, or none, because all are taken. */
type Place<T> = { readonly kind: 'free' | 'none' } | { readonly kind: 'of'; readonly login: T };

/**
 * Finds a place for a newcomer. `waiting` is in the order of arrival. If all places are taken, the newcomer gets that
 * of the last login of the caller who has most places, unless the newcomer's own caller has as many.
 */
export function placeFor<T extends WaitingLogin>(newcomer: WaitingLogin, waiting: readonly T[]): Place<T> {
  const rivals = waiting.filter(({ isKnown }) => isKnown === newcomer.isKnown);
  if (rivals.length < (newcomer.isKnown ? KNOWN_PLACES : STRANGER_PLACES)) return { kind: 'free' };

  const held = new Map<string, number>();
  for (const { share } of rivals) held.set(share, (held.get(share) ?? 0) + 1);
  const most = Math.max(...held.values());
  if (most <= (held.get(newcomer.share) ?? 0) + 1) return { kind: 'none' };
  return { kind: 'of', login: rivals.findLast(({ share }) => held.get(share) === most)! };
}

/** A login that waits, with what is known of it at the moment. */
export interface Candidate<T> {
  readonly login: T;
  readonly isKnown: boolean;
  /** Whether its budgets have tokens. */
  readonly isReady: boolean;
  /** Number of the check that its share had last; 0 for none. */
  readonly lastCheck: number;
}

/**
 * Chooses the login to check next. Known callers and strangers take turns. Among each of them the caller comes first
 * whose last check is longest ago, and logins of one caller come in the order of arrival, which is that of `waiting`.
 */
export function nextLogin<T>(waiting: readonly Candidate<T>[], wasLastKnown: boolean): T | undefined {
  let first: Candidate<T> | undefined;
  for (const one of waiting) {
    if (one.isReady && (first === undefined || comesBefore(one, first, wasLastKnown))) first = one;
  }
  return first?.login;
}

function comesBefore<T>(one: Candidate<T>, other: Candidate<T>, wasLastKnown: boolean): boolean {
  if (one.isKnown !== other.isKnown) return one.isKnown !== wasLastKnown;
  return one.lastCheck < other.lastCheck;
}

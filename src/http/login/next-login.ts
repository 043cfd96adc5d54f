/**
 * Logins of strangers that may wait. The last one waits 5 s for argon2id. A larger value keeps more connections of a
 * guesser open; a smaller one refuses users who log in at the same time.
 */
export const STRANGER_PLACES = 192;

/** The same for logins from known addresses and browsers: a reserve that strangers cannot take. */
export const KNOWN_PLACES = 64;

/**
 * Logins of one name from one address that may wait for its spent budget. They are sure to be checked, the second after
 * 12 s. With a larger number, callers wait longer; with a smaller one, a user is refused more often while a guesser at
 * the same address is waiting.
 */
export const PLACES_ON_SPENT_BUDGET = 2;

/** A login that waits to be checked. */
export interface WaitingLogin {
  /** Logins with the same value share the checks that one caller gets: those of an address, or of a known browser. */
  readonly share: string;
  /** Name and address, for the places on a spent budget. */
  readonly pair: string;
  /** Whether the address or the browser is known. */
  readonly isKnown: boolean;
}

/** A place for a newcomer: a free one, that of another login, or none, for a reason. */
type Place<T> =
  | { readonly kind: 'free' }
  | { readonly kind: 'of'; readonly login: T }
  | { readonly kind: 'none'; readonly reason: 'budget spent' | 'all places taken' };

/**
 * Finds a place for a newcomer. `waiting` is in the order of arrival. If all places are taken, the newcomer gets that
 * of the last login of the caller who has most places, unless the newcomer's own caller has as many.
 */
export function placeFor<T extends WaitingLogin>(
  newcomer: WaitingLogin,
  waiting: readonly T[],
  isOwnBudgetSpent: boolean,
): Place<T> {
  const rivals = waiting.filter(({ isKnown }) => isKnown === newcomer.isKnown);
  const line = rivals.filter(({ pair }) => pair === newcomer.pair);
  if (isOwnBudgetSpent && line.length >= PLACES_ON_SPENT_BUDGET)
    return { kind: 'none', reason: 'budget spent' };
  if (rivals.length < (newcomer.isKnown ? KNOWN_PLACES : STRANGER_PLACES)) return { kind: 'free' };

  const held = new Map<string, number>();
  for (const { share } of rivals) held.set(share, (held.get(share) ?? 0) + 1);
  const most = Math.max(...held.values());
  if (most <= (held.get(newcomer.share) ?? 0) + 1) return { kind: 'none', reason: 'all places taken' };
  return { kind: 'of', login: rivals.findLast(({ share }) => held.get(share) === most)! };
}

/** The logins that have no place any more, because the budget of their pair was just spent. */
export function withoutPlace<T extends WaitingLogin>(pair: string, waiting: readonly T[]): T[] {
  return waiting.filter((login) => login.pair === pair).slice(PLACES_ON_SPENT_BUDGET);
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

/**
 * How many failed logins a budget pays for. A login takes one token, and a right password gives it back. It gives no
 * more back, because a program that logs in again and again would pay for a guesser at its address.
 */
interface BudgetRule {
  /** Tokens of a full budget. A larger number gives a guesser more tries at once, a smaller one slows typing errors. */
  readonly capacity: number;
  /**
   * Time in ms in which one token comes back. A larger value allows fewer guesses; with a smaller one, a user waits
   * less after typing errors.
   */
  readonly intervalMs: number;
}

/** One name from one address: 10 guesses a minute. The interval is short enough to wait for in the server. */
const PAIR: BudgetRule = { capacity: 5, intervalMs: 6_000 };

/** The same where that name has logged in from that address before: a reserve that strangers cannot use up. */
const KNOWN_PAIR: BudgetRule = { capacity: 10, intervalMs: 6_000 };

/** One browser that has a login cookie of that name, which may have expired. Guessers at its address have none. */
const KNOWN_BROWSER: BudgetRule = { capacity: 10, intervalMs: 6_000 };

/** All names from one address: 30 guesses a minute. Many users may share one address behind a router or a proxy. */
const ADDRESS: BudgetRule = { capacity: 50, intervalMs: 2_000 };

/**
 * One name from all addresses together: 15 guesses a minute, however many addresses a guesser has. While it is spent,
 * that user waits at a new address, and is not delayed at an address or with a browser that is known.
 */
const NAME: BudgetRule = { capacity: 30, intervalMs: 4_000 };

/** One login that a caller tries. */
export interface LoginAttempt {
  readonly name: string;
  /** The caller's address, as `addressBlock` gives it. */
  readonly address: string;
  /** Whether this name has logged in from this address before. */
  readonly isKnownAddress: boolean;
  /** A number for the browser, if it has had a login cookie of this name. */
  readonly browser: string | undefined;
}

/** One budget that an attempt draws from. */
export interface Budget {
  readonly rule: BudgetRule;
  readonly key: string;
  /** Whose failures it counts. Undefined: those of all names, or of all addresses. */
  readonly name: string | undefined;
  readonly address: string | undefined;
}

/**
 * The budgets that an attempt draws from. Known browsers and known addresses have budgets of their own, so that guesses
 * from elsewhere do not lock their user out.
 */
export function budgetsOf(attempt: LoginAttempt): Budget[] {
  const { name, address, isKnownAddress, browser } = attempt;
  const own = { name, address };
  if (browser !== undefined) {
    return [{ rule: KNOWN_BROWSER, key: keyOf('browser', name, browser), ...own }];
  }
  if (isKnownAddress) return [{ rule: KNOWN_PAIR, key: keyOf('known', name, address), ...own }];
  return [
    { rule: PAIR, key: keyOf('pair', name, address), ...own },
    { rule: ADDRESS, key: keyOf('address', address), name: undefined, address },
    { rule: NAME, key: keyOf('name', name), name, address: undefined },
  ];
}

const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);

/** The state of one budget. */
export interface Balance {
  readonly tokens: number;
  /** Time up to which tokens have come back. */
  readonly atMs: number;
  /** Tokens taken and not given back since the budget was full. */
  readonly failures: number;
  /** Whether the budget was spent since it was full. */
  readonly wasSpent: boolean;
}

/** A full budget. */
export function fullBalance({ capacity }: BudgetRule, nowMs: number): Balance {
  return { tokens: capacity, atMs: nowMs, failures: 0, wasSpent: false };
}

/** Adds the tokens that have come back since. The caller's clock never goes back. */
export function balanceAt(balance: Balance, rule: BudgetRule, nowMs: number): Balance {
  const tokens = balance.tokens + (nowMs - balance.atMs) / rule.intervalMs;
  return tokens >= rule.capacity ? fullBalance(rule, nowMs) : { ...balance, tokens, atMs: nowMs };
}

/** Takes a token. The caller has seen that there is one. */
export function withOneLess(balance: Balance): Balance {
  const tokens = balance.tokens - 1;
  return { ...balance, tokens, failures: balance.failures + 1, wasSpent: balance.wasSpent || tokens < 1 };
}

/** Gives a token back. */
export function withOneMore(balance: Balance, { capacity }: BudgetRule): Balance {
  const tokens = Math.min(capacity, balance.tokens + 1);
  return { ...balance, tokens, failures: Math.max(0, balance.failures - 1) };
}

/** Time in ms until the budget has `tokens` tokens. */
export function msUntil(tokens: number, balance: Balance, { intervalMs }: BudgetRule): number {
  return Math.max(0, Math.ceil((tokens - balance.tokens) * intervalMs));
}

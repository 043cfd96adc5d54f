/**
 * Time that one update pass may take the encoder threads for what not all users are sent, in milliseconds. The next
 * frame of all viewers waits for the pass. With a larger value, viewers with settings of their own make all others'
 * frames later; with a smaller one, they are sent large frames in more pieces.
 */
export const MOST_PASS_MS = 40;

/** The part of it that one user alone may take, in milliseconds. A larger value leaves less for all others. */
export const MOST_USER_MS = 30;

/**
 * Least time that is worth a user's turn, in milliseconds: a piece of the most expensive kind takes 2. If the time does
 * not last for so much for each user, users take turns. A larger value lets them wait for longer; with a smaller one,
 * least pieces exceed the time of a pass.
 */
const LEAST_SHARE_MS = 4;

/** What the viewers of one profile are to be sent in a pass. */
interface Demand<User> {
  /** The users of these viewers, one at least. */
  readonly users: ReadonlySet<User>;
  /** Time of the encoder threads that it probably takes. */
  readonly ms: number;
  /** Number of the pass in which the profile was last served; -1 for none. */
  readonly servedIn: number;
}

/** Time that demands of one account share. */
export interface Allowance {
  leftMs: number;
}

/** Demands that one user pays for. */
interface Account<D> {
  readonly demands: D[];
  /** Number of users who are served by it first of all. */
  weight: number;
  ms: number;
}

/**
 * Divides the time of a pass. Returns the demands that are served, the cheapest users' first, with the time that they
 * may take; a demand that takes more is served in part.
 *
 * Each user has an equal share, and what one does not need is divided among the others (max-min fairness). What several
 * users are sent is paid for by the one of them who needs least, with the shares of those for whom it is the most
 * common profile: nobody pays more because another user has the same profile, and users gain no time by sharing many
 * profiles.
 */
export function sharePass<User, D extends Demand<User>>(demands: readonly D[]): Map<D, Allowance> {
  const served = new Map<D, Allowance>();
  for (const [account, allowance] of divide(turns(openAccounts(demands)))) {
    let leftMs = allowance.leftMs;
    account.demands.sort((a, b) => a.servedIn - b.servedIn);
    for (const [i, demand] of account.demands.entries()) {
      if (i > 0 && demand.ms > leftMs) continue;
      leftMs -= demand.ms;
      served.set(demand, allowance);
    }
  }
  return served;
}

function openAccounts<User, D extends Demand<User>>(demands: readonly D[]): Account<D>[] {
  const accounts = new Map<User, Account<D>>();
  const counted = new Set<User>();
  for (const demand of [...demands].sort((a, b) => b.users.size - a.users.size)) {
    let payer: Account<D> | undefined;
    for (const user of demand.users) {
      const account = accounts.get(user) ?? { demands: [], weight: 0, ms: 0 };
      accounts.set(user, account);
      if (!payer || account.ms < payer.ms) payer = account;
    }
    payer!.demands.push(demand);
    payer!.ms += demand.ms;
    for (const user of demand.users) {
      if (!counted.has(user)) payer!.weight++;
      counted.add(user);
    }
  }
  const used = [...accounts.values()].filter((account) => account.demands.length > 0);
  for (const account of used) account.weight ||= 1;
  return used;
}

/** Leaves out accounts whose turn comes in a later pass, if their shares would be too small to be worth it. */
function turns<D extends Demand<unknown>>(accounts: readonly Account<D>[]): readonly Account<D>[] {
  const cut = divide(accounts).filter(([account, { leftMs }]) => needOf(account) > leftMs);
  if (cut.every(([, { leftMs }]) => leftMs >= LEAST_SHARE_MS)) return accounts;
  const cutMs = cut.reduce((sum, [, { leftMs }]) => sum + leftMs, 0);
  const waiting = cut
    .map(([account]) => account)
    .sort((a, b) => lastServed(a) - lastServed(b))
    .slice(Math.max(1, Math.floor(cutMs / LEAST_SHARE_MS)));
  return accounts.filter((account) => !waiting.includes(account));
}

/** Gives each account what it needs, or an equal share of what those that need less leave. */
function divide<D>(accounts: readonly Account<D>[]): [Account<D>, Allowance][] {
  let leftMs = MOST_PASS_MS;
  let weights = accounts.reduce((sum, { weight }) => sum + weight, 0);
  return [...accounts]
    .sort((a, b) => needOf(a) / a.weight - needOf(b) / b.weight)
    .map((account) => {
      const shareMs = Math.min(mostOf(account), (leftMs * account.weight) / weights);
      weights -= account.weight;
      leftMs -= Math.min(shareMs, needOf(account));
      return [account, { leftMs: shareMs }];
    });
}

const mostOf = ({ weight }: Account<unknown>): number => (weight > 1 ? MOST_PASS_MS : MOST_USER_MS);

const needOf = (account: Account<unknown>): number => Math.min(account.ms, mostOf(account));

/** Number of the pass in which one of its demands was last served, that which waits longest. */
const lastServed = ({ demands }: Account<Demand<unknown>>): number =>
  Math.min(...demands.map(({ servedIn }) => servedIn));

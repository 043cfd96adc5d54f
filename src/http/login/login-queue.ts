import type { Accounts } from '../../accounts/accounts.ts';
import { AccountsError } from '../../accounts/errors.ts';
import type { User } from '../../accounts/user.ts';
import { BoundedMap } from '../../common/bounded-map.ts';
import { type Budget, budgetsOf, type LoginAttempt } from './budget-rules.ts';
import type { LoginBudgets } from './login-budgets.ts';
import { type Candidate, nextLogin, placeFor, type WaitingLogin } from './next-login.ts';

/** Checks at the same time. Two keep the hash thread busy. More would leave the order to the hash thread. */
const CHECKS_AT_ONCE = 2;

/**
 * Longest time in ms for which a login waits for its budgets and for the hash thread. Two or three logins are checked
 * meanwhile whose budget is spent. A larger value keeps more connections of a guesser open; with a smaller one, a user
 * who waits beside a guesser is refused more often.
 */
const MAX_WAIT_MS = 15_000;

/** Shares whose last check is remembered. A share that is forgotten comes first once more. */
const MAX_SHARES = 10_000;

/** Too many logins of this kind have failed. */
export class TooManyLogins extends Error {
  /** Time after which the next one may be checked. */
  readonly retryMs: number;

  constructor(retryMs: number) {
    super('Too many wrong passwords.');
    this.name = 'TooManyLogins';
    this.retryMs = retryMs;
  }
}

/** Time as the queue needs it. */
export interface QueueClock {
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  /** Resolves after a time. Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Compares passwords: at once with those that were right before, or by a hash. */
type Passwords = Pick<Accounts, 'verifiedBefore' | 'verify'>;

/** A request that waits for the result of a login. */
interface Caller {
  readonly resolve: (user: User | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

/** One login, of all callers at one address that send the same name and password at the same time. */
interface QueuedLogin extends WaitingLogin {
  readonly credentials: string;
  readonly name: string;
  readonly budgets: readonly Budget[];
  /** Whether it has taken its tokens. */
  isPaid: boolean;
  readonly password: string;
  readonly callers: Set<Caller>;
  readonly arrivedMs: number;
  readonly abort: AbortController;
}

/** Decides when each password is checked, so that guessers delay neither the server nor its users. */
export class LoginQueue {
  readonly #passwords: Passwords;
  readonly #budgets: LoginBudgets;
  readonly #clock: QueueClock;
  /** In the order of arrival. */
  readonly #waiting: QueuedLogin[] = [];
  /** Those that wait and those that are being checked, by their credentials. */
  readonly #logins = new Map<string, QueuedLogin>();
  readonly #lastChecks = new BoundedMap<string, number>(MAX_SHARES);
  #checks = 0;
  #running = 0;
  #wasLastKnown = false;
  #timer = new AbortController();

  constructor(passwords: Passwords, budgets: LoginBudgets, clock: QueueClock) {
    this.#passwords = passwords;
    this.#budgets = budgets;
    this.#clock = clock;
  }

  /**
   * Resolves with the user if the password is right, else with undefined. Rejects with TooManyLogins if the budgets are
   * spent, with ACCOUNTS_BUSY if all places are taken, and when the signal aborts.
   *
   * A password that was right before need not be hashed, but comparing it is a guess like any other. So it is compared
   * after its tokens are taken: for known callers when it arrives, for strangers when it is their turn.
   */
  check(attempt: LoginAttempt, password: string, signal: AbortSignal): Promise<User | undefined> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const { name, address, isKnownAddress, browser } = attempt;
    const credentials = JSON.stringify([name, password, address, browser]);
    let login = this.#logins.get(credentials);
    if (login === undefined) {
      const budgets = budgetsOf(attempt);
      const isKnown = isKnownAddress || browser !== undefined;
      const isPaid = isKnown && this.#payNow(budgets);
      const user = isPaid ? this.#passwords.verifiedBefore(name, password) : undefined;
      if (user !== undefined) {
        this.#budgets.giveBack(budgets);
        return Promise.resolve(user);
      }
      login = {
        credentials,
        name,
        budgets,
        isPaid,
        password,
        share: browser === undefined ? address : JSON.stringify(['browsers of', name]),
        isKnown,
        callers: new Set(),
        arrivedMs: this.#clock.nowMs(),
        abort: new AbortController(),
      };
      const refusal = this.#place(login);
      if (refusal !== undefined) return Promise.reject(refusal);
    }
    const answer = this.#join(login, signal);
    this.#advance();
    return answer;
  }

  /** Rejects all logins. */
  close(): void {
    this.#timer.abort();
    this.#waiting.splice(0);
    for (const login of this.#logins.values()) this.#refuse(login, new AccountsError('ACCOUNTS_CLOSED'));
  }

  /** Takes the tokens of a newcomer, unless there are too few, or a login that waits for them came first. */
  #payNow(budgets: readonly Budget[]): boolean {
    const keys = new Set(budgets.map(({ key }) => key));
    const isBehind = this.#waiting.some(
      ({ isPaid, budgets: wanted }) => !isPaid && wanted.some(({ key }) => keys.has(key)),
    );
    return !isBehind && this.#budgets.take(budgets);
  }

  /** Gives a login a place. Returns the reason if there is none for it. */
  #place(login: QueuedLogin): Error | undefined {
    const place = placeFor(login, this.#waiting);
    if (place.kind === 'none') return new AccountsError('ACCOUNTS_BUSY');
    if (place.kind === 'of') this.#drop(place.login, new AccountsError('ACCOUNTS_BUSY'));
    this.#waiting.push(login);
    this.#logins.set(login.credentials, login);
    return undefined;
  }

  /** Adds a caller. The last one that leaves takes the login out of the queue. */
  #join(login: QueuedLogin, signal: AbortSignal): Promise<User | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<User | undefined>();
    const caller: Caller = { resolve, reject };
    login.callers.add(caller);
    const leave = (): void => {
      login.callers.delete(caller);
      reject(signal.reason);
      if (login.callers.size > 0) return;
      this.#remove(login);
      login.abort.abort();
    };
    signal.addEventListener('abort', leave, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', leave));
  }

  /** Starts the checks that may start now, and sets the timer for what comes next. */
  #advance(): void {
    const nowMs = this.#clock.nowMs();
    for (const login of [...this.#waiting]) {
      if (nowMs - login.arrivedMs >= MAX_WAIT_MS) this.#drop(login, this.#waitedTooLong(login));
    }
    let tokenInMs = Number.POSITIVE_INFINITY;
    while (this.#running < CHECKS_AT_ONCE && this.#waiting.length > 0) {
      const candidates = this.#waiting.map((login) => this.#candidate(login));
      const login = nextLogin(candidates, this.#wasLastKnown);
      if (login !== undefined) void this.#run(login);
      else {
        tokenInMs = Math.min(...candidates.map(({ waitMs }) => waitMs));
        break;
      }
    }
    this.#timer.abort();
    const [oldest] = this.#waiting;
    if (oldest !== undefined) void this.#wakeIn(Math.min(tokenInMs, oldest.arrivedMs + MAX_WAIT_MS - nowMs));
  }

  #candidate(login: QueuedLogin): Candidate<QueuedLogin> & { readonly waitMs: number } {
    const waitMs = login.isPaid ? 0 : this.#budgets.waitMs(login.budgets);
    const lastCheck = this.#lastChecks.get(login.share) ?? 0;
    return { login, isKnown: login.isKnown, isReady: waitMs === 0, lastCheck, waitMs };
  }

  async #wakeIn(ms: number): Promise<void> {
    const timer = new AbortController();
    this.#timer = timer;
    await this.#clock.sleep(ms, timer.signal).catch(() => undefined);
    if (!timer.signal.aborted) this.#advance();
  }

  /** Checks one password. Never rejects. */
  async #run(login: QueuedLogin): Promise<void> {
    const { name, password, budgets, abort } = login;
    this.#running++;
    if (!login.isPaid) this.#budgets.take(budgets);
    login.isPaid = true;
    this.#wasLastKnown = login.isKnown;
    this.#lastChecks.set(login.share, ++this.#checks);
    this.#waiting.splice(this.#waiting.indexOf(login), 1);
    try {
      const user = await this.#passwords.verify(name, password, abort.signal);
      if (user === undefined) this.#failed(login);
      else {
        this.#budgets.giveBack(budgets);
        for (const { resolve } of login.callers) resolve(user);
      }
    } catch (error) {
      // A caller that hung up may have got its check all the same, and pays for it.
      if (!abort.signal.aborted) this.#budgets.giveBack(budgets);
      this.#refuse(login, error);
    }
    this.#running--;
    if (this.#logins.get(login.credentials) === login) this.#logins.delete(login.credentials);
    this.#advance();
  }

  /** Answers the callers of a wrong password. Each pays for its attempt, and those that cannot are told to wait. */
  #failed(login: QueuedLogin): void {
    const [first] = login.callers;
    for (const caller of login.callers) {
      // The check itself was paid for when it began.
      if (caller === first || this.#budgets.take(login.budgets)) caller.resolve(undefined);
      else caller.reject(this.#tooMany(login));
    }
  }

  #drop(login: QueuedLogin, reason: Error): void {
    this.#remove(login);
    this.#refuse(login, reason);
  }

  #remove(login: QueuedLogin): void {
    const index = this.#waiting.indexOf(login);
    if (index >= 0) this.#waiting.splice(index, 1);
    if (this.#logins.get(login.credentials) === login) this.#logins.delete(login.credentials);
  }

  #refuse({ callers }: QueuedLogin, reason: unknown): void {
    for (const { reject } of callers) reject(reason);
  }

  #waitedTooLong(login: QueuedLogin): Error {
    const isSpent = !login.isPaid && this.#budgets.waitMs(login.budgets) > 0;
    return isSpent ? this.#tooMany(login) : new AccountsError('ACCOUNTS_BUSY');
  }

  #tooMany({ budgets }: QueuedLogin): TooManyLogins {
    return new TooManyLogins(this.#budgets.waitMs(budgets));
  }
}

import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isValidName } from '../../accounts/account-changes.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import { type Caller, callerNow, type Pass } from '../../accounts/pass.ts';
import type { Tokens } from '../../accounts/tokens.ts';
import type { User, UserChanged } from '../../accounts/user.ts';
import { addressBlock } from '../../common/address-block.ts';
import { firstAbort } from '../../common/first-abort.ts';
import type { Peers } from '../origin/peers.ts';
import { httpProblem, Problem } from '../problems/errors.ts';
import { parseBasic } from './basic-credentials.ts';
import { bearerText } from './bearer-credentials.ts';
import { requireScope, tokenInvalid } from './bearer-problems.ts';
import { type BrowserIdentity, browserIdentity } from './browser-identity.ts';
import { budgetsOf, type LoginAttempt } from './budget-rules.ts';
import { challenge, loginNeeded, sentKey, tooManyLogins } from './challenge.ts';
import { clearCookies, cookieNames } from './cookie-form.ts';
import type { EdgeTrust } from './edge-trust.ts';
import type { KnownAddressFile } from './known-address-file.ts';
import { KnownAddresses } from './known-addresses.ts';
import { LoginBlocks } from './login-blocks.ts';
import { LoginBudgets } from './login-budgets.ts';
import { LoginCookies } from './login-cookies.ts';
import { LoginQueue, type QueueClock, TooManyLogins } from './login-queue.ts';
import { LoginTickets } from './login-tickets.ts';
import { PageSessions } from './page-sessions.ts';
import { ProvenConnections } from './proven-connections.ts';
import { proxyUserName } from './proxy-user.ts';
import type { SessionFile } from './session-file.ts';
import type { Cookies, KeptLogins, Sessions, ViewerTickets } from './sessions.ts';

/**
 * Longest time for which a login waits and is checked. Logins wait 15 s at most, and a thread that hangs is replaced
 * after 15 s. With a larger value a caller waits longer for a server that checks no password; a smaller one refuses
 * logins on a loaded machine.
 */
const LOGIN_LIMIT_MS = 20_000;

/** Time as Login needs it. */
export interface LoginClock extends QueueClock {
  /** Creates a signal that aborts after a time. */
  timeout(ms: number): AbortSignal;
}

const REAL_CLOCK: LoginClock = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  timeout: (ms) => AbortSignal.timeout(ms),
};

export interface LoginOptions {
  /** By default the addresses of users are forgotten when the server ends. */
  readonly knownAddresses?: KnownAddressFile;
  /** By default the sessions of pages end when the server ends. */
  readonly sessions?: SessionFile;
  /** Header in which trusted proxies name a user who needs no password then. */
  readonly userHeader?: string | undefined;
  /** Where logins are kept. By default in the memory of this process, and what `sessions` has in a file. */
  readonly kept?: KeptLogins;
  /** Tells the cookies of this desktop from those of others. */
  readonly desktopId?: string;
  /** By default no token is valid. */
  readonly tokens?: Pick<Tokens, 'passOf'> | undefined;
  /** The edge of a fleet, which names users who need no password then. */
  readonly edge?: EdgeTrust | undefined;
  /** Throws a Problem while passwords cannot be checked, because what is known of users may be old. */
  readonly requireFresh?: () => void;
  /** By default the real one. */
  readonly clock?: LoginClock;
}

type Attempt = Omit<LoginAttempt, 'isKnownAddress'>;
type Headers = Readonly<Record<string, string>>;

/** Finds the user that sends a request. */
export class Login {
  /** Failed logins that make others wait, for the API. */
  readonly blocks: LoginBlocks;
  /** Sessions of pages whose users have logged in by the page's form. */
  readonly sessions: Sessions;
  readonly #accounts: Accounts;
  readonly #peers: Peers;
  readonly #clock: LoginClock;
  readonly #cookies: Cookies;
  readonly #tickets: ViewerTickets;
  readonly #known: KnownAddresses;
  readonly #proven = new ProvenConnections();
  readonly #queue: LoginQueue;
  readonly #tokens: LoginOptions['tokens'];
  readonly #userHeader: string | undefined;
  readonly #edge: EdgeTrust | undefined;
  readonly #requireFresh: () => void;
  readonly #identityOf: (request: IncomingMessage) => BrowserIdentity;
  readonly #budgets: LoginBudgets;

  constructor(accounts: Accounts, peers: Peers, options: LoginOptions = {}) {
    const { knownAddresses, userHeader, desktopId = '', clock = REAL_CLOCK, tokens } = options;
    this.#accounts = accounts;
    this.#peers = peers;
    this.#tokens = tokens;
    this.#userHeader = userHeader;
    this.#edge = options.edge;
    this.#requireFresh = options.requireFresh ?? (() => {});
    const owner = { id: options.kept?.id ?? desktopId, isShared: options.kept !== undefined };
    this.#identityOf = (request) => browserIdentity(request, peers, owner);
    this.#clock = clock;
    const budgets = new LoginBudgets(clock.nowMs);
    this.#budgets = budgets;
    this.blocks = new LoginBlocks(budgets, accounts);
    this.#cookies = options.kept?.cookies ?? new LoginCookies(clock.nowMs);
    this.sessions = options.kept?.sessions ?? new PageSessions(accounts, clock.nowMs, options.sessions);
    this.#tickets = options.kept?.tickets ?? new LoginTickets(clock.nowMs);
    this.#known = new KnownAddresses(clock.nowMs, knownAddresses);
    this.#queue = new LoginQueue(accounts, budgets, clock);
    accounts.on('changed', this.#onChanged);
  }

  async close(): Promise<void> {
    this.#accounts.off('changed', this.#onChanged);
    this.#queue.close();
    await Promise.all([this.#known.close(), this.sessions.close()]);
  }

  /**
   * The user whose name and password the request carries. Throws a Problem if they are missing or wrong, or if the
   * check takes too long. When `signal` aborts, the login gives up its place among those that wait. A user whom a
   * trusted proxy names needs no password.
   */
  async byPassword(request: IncomingMessage, signal?: AbortSignal): Promise<User> {
    return this.#byProxy(request) ?? this.byOwnPassword(request, signal);
  }

  /** The same, for a user whom the request itself names. */
  async byOwnPassword(request: IncomingMessage, signal?: AbortSignal): Promise<User> {
    return this.#again(request) ?? this.#byCheckedPassword(request, signal);
  }

  async #byCheckedPassword(request: IncomingMessage, signal: AbortSignal | undefined): Promise<User> {
    const { authorization = '' } = request.headers;
    const credentials = parseBasic(authorization);
    if (credentials === undefined) throw loginNeeded(request);
    const { name, password } = credentials;
    // No user has such a name, and budgets for names of any length would take memory.
    if (!isValidName(name)) throw loginNeeded(request);
    this.#requireFresh();
    const { socket } = request;
    const identity = this.#identityOf(request);
    const { address } = identity;
    if (this.#proven.isProven(socket, name, address)) {
      const user = this.#accounts.verifiedBefore(name, password);
      if (user !== undefined) return this.#prove(user, request, address);
      this.#proven.spoil(socket);
    }

    const { cookie } = request.headers;
    const browser =
      this.sessions.browserOf(cookie, identity, name) ?? this.#cookies.browserOf(cookie, identity, name);
    const user = await this.#check({ name, address, browser }, password, challenge(request), signal);
    if (user === undefined) {
      this.#proven.spoil(socket);
      throw loginNeeded(request);
    }
    return this.#prove(user, request, address);
  }

  /**
   * The user who sends the same login as with the request before, over the same connection and from the same address,
   * if the password is still the one that it was checked against. A program that keeps its connection needs no more
   * than this for each call.
   */
  #again(request: IncomingMessage): User | undefined {
    const { headers, socket } = request;
    const login = headers.authorization && this.#proven.repeated(socket, headers.authorization);
    if (!login || login.address !== addressBlock(this.#peers.address(request))) return undefined;
    return this.#accounts.ifPasswordUnchanged(login.user);
  }

  #prove(user: User, { socket, headers }: IncomingMessage, address: string): User {
    this.#proven.prove(socket, headers.authorization ?? '', { user, address });
    return user;
  }

  /**
   * The same for a name and a password that came from `address` by another protocol than HTTP. Throws a Problem, too.
   */
  async byNameAndPassword(
    name: string,
    password: string,
    address: string,
    signal?: AbortSignal,
  ): Promise<User> {
    // No user has such a name, and budgets for names of any length would take memory.
    const user = isValidName(name)
      ? await this.#check({ name, address: addressBlock(address), browser: undefined }, password, {}, signal)
      : undefined;
    if (user === undefined) throw httpProblem('HTTP_LOGIN_NEEDED');
    return user;
  }

  /**
   * The user `name`, for a caller at `address` with another proof than the user's password. Checking it takes no time,
   * so that it need not wait, but a wrong proof is a guess like a wrong password. Throws a Problem.
   */
  byProof(name: string, address: string, isRight: () => boolean): User {
    const attempt = this.#attempt({ name, address: addressBlock(address), browser: undefined });
    const budgets = budgetsOf(attempt);
    if (!this.#budgets.take(budgets)) throw tooManyLogins({}, this.#budgets.waitMs(budgets));
    this.#accounts.refresh();
    const user = isRight() ? this.#accounts.get(name) : undefined;
    if (user === undefined) throw httpProblem('HTTP_LOGIN_NEEDED');
    this.#budgets.giveBack(budgets);
    this.#known.add(name, attempt.address);
    return user;
  }

  /**
   * The user whose login cookie the request carries. Some browsers send no password with a WebSocket. A password of
   * another user goes first, unless the request has the key of the page's session, too.
   */
  byCookie(request: IncomingMessage): Caller | undefined {
    const named = this.#edge?.callerOf(request) ?? this.#byProxy(request);
    if (named !== undefined) return named;
    // Makes the cookies of users invalid whom another process has removed. The file system may give no notice of that.
    this.#accounts.refresh();
    const identity = this.#identityOf(request);
    const inSession = this.sessions.holderOf(request.headers.cookie, sentKey(request), identity);
    if (inSession?.isProven === true) return inSession.caller;
    const holder = inSession?.caller ?? this.#cookies.holderOf(request.headers.cookie, identity);
    if (holder === undefined) return undefined;
    const sent = parseBasic(request.headers.authorization)?.name ?? holder.name;
    return sent === holder.name ? callerNow(holder, this.#accounts) : undefined;
  }

  /** The user whose ticket is in the request's URL. The ticket is not valid again. */
  byTicket(request: IncomingMessage): Caller | undefined {
    const [, query] = (request.url ?? '').split('?', 2);
    const ticket = new URLSearchParams(query).get('ticket');
    if (ticket === null) return undefined;
    this.#accounts.refresh();
    const holder = this.#tickets.take(ticket, this.#identityOf(request));
    // The proxy may have logged another user in meanwhile.
    const proxied = this.#byProxy(request);
    if (proxied !== undefined) return proxied;
    return holder === undefined ? undefined : callerNow(holder, this.#accounts);
  }

  /** The user of the session whose cookie and key the request carries. */
  bySession(request: IncomingMessage): Caller | undefined {
    const key = sentKey(request);
    if (key === undefined) return undefined;
    this.#accounts.refresh();
    const holder = this.sessions.holderOf(request.headers.cookie, key, this.#identityOf(request));
    return holder?.isProven === true ? holder.caller : undefined;
  }

  /**
   * By token if the request carries one, else by the session of a page, else by password. For the API. Throws a
   * Problem, or rejects with one. Returns no promise for a login that needs no check.
   */
  byTokenOrPassword(request: IncomingMessage, signal?: AbortSignal): Caller | Promise<Caller> {
    return (
      this.#edge?.callerOf(request) ??
      this.#byToken(request) ??
      this.#byProxy(request) ??
      this.bySession(request) ??
      this.#again(request) ??
      this.#byCheckedPassword(request, signal)
    );
  }

  /**
   * By token if the request carries one, else by cookie if there is a valid one, else by password. For the page's files
   * and WebSockets, not for the API: a token needs the scope to view.
   */
  async byCookieOrPassword(request: IncomingMessage, signal?: AbortSignal): Promise<Caller> {
    const bearer = this.#byToken(request);
    if (bearer !== undefined) requireScope(bearer, 'view');
    return bearer ?? this.byCookie(request) ?? (await this.byPassword(request, signal));
  }

  /**
   * A `Set-Cookie` value with which the browser logs in from now on, instead of the password. Undefined if the browser
   * has a cookie that need not be renewed yet, and if a proxy or an edge logs the user in, which alone knows when that
   * ends.
   */
  cookieFor(user: Caller, request: IncomingMessage, isFramed = false): string | undefined {
    if (user.pass?.kind === 'edge' || this.#byProxy(request) !== undefined) return undefined;
    if (user.pass?.kind === 'session')
      return this.sessions.renewed(request.headers.cookie, this.#identityOf(request), sentKey(request));
    return this.#cookies.issue(user, request.headers.cookie, this.#identityOf(request), isFramed);
  }

  /**
   * Begins a session for the page of a user who has just logged in. Returns its `Set-Cookie` value and its key. Throws
   * a Problem if the user has another password since.
   */
  beginSession(
    user: Caller,
    request: IncomingMessage,
    options: { readonly stays: boolean; readonly isFramed: boolean },
  ): { readonly cookie: string; readonly key: string } {
    if (user.pass === undefined && this.#accounts.ifPasswordUnchanged(user) === undefined)
      throw loginNeeded(request);
    return this.sessions.begin(user, this.#identityOf(request), options);
  }

  /** Logs out the browser that sends this: ends its session and its cookies. Returns `Set-Cookie` values. */
  async endSession(request: IncomingMessage): Promise<string[]> {
    const identity = this.#identityOf(request);
    await this.#cookies.end(request.headers.cookie, identity);
    await this.sessions.end(request.headers.cookie, identity);
    return clearCookies(identity.cookie);
  }

  /** Names of the cookies in which a request may bring a login. */
  cookieNames(request: IncomingMessage): readonly string[] {
    return cookieNames(this.#identityOf(request).cookie);
  }

  /** What has logged the user of this request in. */
  meansOf({ pass }: Caller, request: IncomingMessage): Pass['kind'] | 'proxy' | 'password' {
    return pass?.kind ?? (this.#byProxy(request) === undefined ? 'password' : 'proxy');
  }

  /** A ticket with which the sender of this request can open one WebSocket. */
  ticketFor(user: Caller, request: IncomingMessage): string {
    return this.#tickets.issue(user, this.#identityOf(request));
  }

  /** The user of the token that the request carries, if it carries one. Throws a Problem if it is not valid. */
  #byToken(request: IncomingMessage): Caller | undefined {
    const text = bearerText(request);
    if (text === undefined) return undefined;
    const pass = this.#tokens?.passOf(text);
    const user = pass?.user();
    if (pass === undefined || user === undefined) throw tokenInvalid();
    return { ...user, pass };
  }

  /** The user whom a trusted proxy names. Throws a Problem if there is no such user. */
  #byProxy(request: IncomingMessage): User | undefined {
    if (this.#userHeader === undefined || !this.#peers.isProxied(request)) return undefined;
    const name = proxyUserName(request, this.#userHeader);
    if (name === undefined) return undefined;
    this.#accounts.refresh();
    const user = this.#accounts.get(name);
    if (user === undefined)
      throw httpProblem('HTTP_UNKNOWN_USER', 'An owner can add the user whom the proxy names.');
    return user;
  }

  /** Returns undefined for a wrong password. Throws a Problem with these headers if the password is not checked. */
  async #check(
    caller: Attempt,
    password: string,
    headers: Headers,
    signal: AbortSignal | undefined,
  ): Promise<User | undefined> {
    const limit = this.#clock.timeout(LOGIN_LIMIT_MS);
    const stop = signal === undefined ? limit : firstAbort([signal, limit]);
    try {
      const user = await this.#queue.check(this.#attempt(caller), password, stop);
      if (user !== undefined) this.#known.add(caller.name, caller.address);
      return user;
    } catch (error) {
      if (error instanceof TooManyLogins) throw tooManyLogins(headers, error.retryMs);
      if (limit.aborted && stop.reason === limit.reason && !(error instanceof Problem)) {
        throw httpProblem('HTTP_LOGIN_TIMED_OUT', undefined, { cause: error });
      }
      throw error;
    }
  }

  #attempt(caller: Attempt): LoginAttempt {
    return { ...caller, isKnownAddress: this.#known.has(caller.name, caller.address) };
  }

  #onChanged = (changes: UserChanged[]): void => {
    // One pass for all users: a bulk call may change a thousand.
    const removed = changes.filter(({ user }) => user === undefined);
    if (removed.length > 0) this.#known.forget(namesOf(removed));
    const loggedOut = changes.filter(({ user, passwordChanged }) => user === undefined || passwordChanged);
    if (loggedOut.length === 0) return;
    this.#cookies.forget(namesOf(loggedOut));
    this.#tickets.forget(namesOf(loggedOut));
    this.sessions.forget(namesOf(loggedOut));
  };
}

const namesOf = (changes: readonly UserChanged[]): Set<string> => new Set(changes.map(({ name }) => name));

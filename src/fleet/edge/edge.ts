import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Caller } from '../../accounts/pass.ts';
import { brokenOff } from '../../http/broken-off.ts';
import type { ConnectionGuard } from '../../http/connections/connection-guard.ts';
import type { ConnectionLimits } from '../../http/connections/connection-limits.ts';
import { requireScope } from '../../http/login/bearer-problems.ts';
import { asksForBasic } from '../../http/login/challenge.ts';
import { ASSERTION_LIFE_MS, type AssertedLogin, writeAssertion } from '../../http/login/edge-assertion.ts';
import type { Login } from '../../http/login/login.ts';
import type { Origins } from '../../http/origin/origins.ts';
import type { Peers } from '../../http/origin/peers.ts';
import { refuseBrowsers } from '../../http/origin/refuse-browsers.ts';
import { isNavigation, isProbe, logInByBasic, renewCookie } from '../../http/page.ts';
import { type PageFile, sendFile } from '../../http/page-files.ts';
import { beginSession, endSession, giveSession, SESSION_PATH } from '../../http/page-session.ts';
import { httpProblem, Problem } from '../../http/problems/errors.ts';
import { innerProblem } from '../../http/problems/inner-problems.ts';
import { endWith } from '../../http/problems/problems.ts';
import type { RequestAudit } from '../../http/request-audit.ts';
import { giveTicket, TICKET_PATH } from '../../http/ticket.ts';
import { watchHangUp } from '../../http/websocket/hang-up.ts';
import type { FleetLogins } from '../logins/fleet-logins.ts';
import { desktopRights, loginIds } from '../logins/fleet-pass.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop, DesktopStatus } from '../store/fleet-state.ts';
import { isSameRights } from '../store/rights.ts';
import type { FleetStore } from '../store/store.ts';
import { type DesktopUrl, desktopUrl } from './desktop-url.ts';
import { type Admitted, EdgeLogin, type LoginKind } from './edge-login.ts';
import { type Destination, openTunnel, passCall } from './pass-on.ts';
import type { Passage, Passages } from './passages.ts';
import { passedHeaders } from './passed-headers.ts';
import type { DesktopPlace } from './reach-desktop.ts';
import type { Staleness } from './staleness.ts';

/**
 * Seconds after which a page asks again for a desktop that does not run: one that will soon, and others. With smaller
 * values, the pages of a class whose desktops are paused have the edge do more.
 */
const ASK_AGAIN_S = { soon: '1', later: '3' } as const;

export interface EdgeOptions {
  readonly store: FleetStore;
  readonly accounts: Pick<Accounts, 'on' | 'off' | 'passwordIdOf'>;
  readonly login: Login;
  readonly logins: FleetLogins;
  readonly origins: Origins;
  readonly peers: Peers;
  readonly limits: ConnectionLimits;
  readonly requests: RequestAudit;
  readonly passages: Passages;
  /** The page of desktops. */
  readonly page: ReadonlyMap<string, PageFile>;
  /** Where the server of a desktop listens. Undefined if this edge cannot reach it. */
  readonly placeOf: (desktop: Desktop) => DesktopPlace | undefined;
  /** Whether what this edge knows is new enough for what it is asked. */
  readonly staleness: Staleness;
  /** A viewer wants a desktop that is paused because it had none. */
  readonly wake: (name: string) => void;
}

/**
 * Shows the desktops of a fleet, each below `/d/NAME/`: logs users of the fleet in, and passes everything else on to
 * the desktop, with the user's name and rights.
 */
export class Edge {
  readonly #options: EdgeOptions;
  readonly #logins: EdgeLogin;

  constructor(options: EdgeOptions) {
    this.#options = options;
    this.#logins = new EdgeLogin(options.store, options.login, options.logins);
    options.accounts.on('changed', this.#judge);
    options.store.on('changed', this.#judge);
    options.login.sessions.on('ended', this.#judge);
    options.staleness.on('blank', this.#judge);
    options.logins.tokens.on('ended', this.#judge);
  }

  close(): void {
    this.#options.accounts.off('changed', this.#judge);
    this.#options.store.off('changed', this.#judge);
    this.#options.login.sessions.off('ended', this.#judge);
    this.#options.staleness.off('blank', this.#judge);
    this.#options.logins.tokens.off('ended', this.#judge);
    this.#options.passages.judge(() => false);
  }

  /** Adds the routes below `/d`. */
  serve(app: FastifyInstance, guard: Pick<ConnectionGuard, 'mayStay'>): void {
    void app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      // Bodies are for the desktop, which limits them.
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      const handler = (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
        this.#answer(request, reply, guard);
      for (const url of ['/d/:name', '/d/:name/*']) scope.all(url, handler);
    });
  }

  /** Takes over the connection of a viewer. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const hangUp = watchHangUp(socket);
    const ignore = (): void => {};
    socket.on('error', ignore);
    try {
      const url = desktopUrl(request.url ?? '')!;
      const { origins, limits } = this.#options;
      if (origins.isForeignOrigin(request)) throw httpProblem('HTTP_FOREIGN_PAGE', origins.mismatch(request));
      const admitted = await this.#logins.admit(url.name, request, 'browser', hangUp.signal);
      if (admitted.caller !== undefined) requireScope(admitted.caller, 'view');
      await hangUp.stop();
      let cut = (): void => void socket.destroy();
      const onEnd = this.#enter(admitted, 'viewer', () => cut());
      const destination = this.#destination(request, url, admitted);
      cut = openTunnel(request, socket, head, { ...destination, handshakeMs: limits.upgradeMs, onEnd });
    } catch (error) {
      await hangUp.stop();
      const problem =
        error instanceof Problem ? error : (innerProblem(error) ?? httpProblem('HTTP_INTERNAL'));
      this.#options.requests.upgradeRefused(request, problem);
      endWith(socket, problem);
    }
  }

  async #answer(
    request: FastifyRequest,
    reply: FastifyReply,
    guard: Pick<ConnectionGuard, 'mayStay'>,
  ): Promise<unknown> {
    const { raw } = request;
    const url = desktopUrl(raw.url ?? '');
    if (url === undefined) return request.server.refuseUnknown(request, reply);
    // A page loads its files beside its own address.
    if (url.path === '') return reply.code(308).header('Location', `${url.name}/${url.query}`).send();
    const own = this.#ownAnswer(url, request, reply, guard);
    return own ?? this.#passOn(url, request, reply, guard);
  }

  /** Has the desktop answer. */
  async #passOn(
    url: DesktopUrl,
    request: FastifyRequest,
    reply: FastifyReply,
    guard: Pick<ConnectionGuard, 'mayStay'>,
  ): Promise<unknown> {
    const { raw } = request;
    const abort = brokenOff(reply.raw);
    const admitted = await this.#admit(url.name, request, isProbe(raw) ? 'browser' : 'call', abort.signal);
    const end = this.#enter(admitted, 'call', () => {
      abort.abort();
      reply.raw.destroy();
    });
    reply.raw.once('close', end);
    if (request.user === undefined && !guard.mayStay(raw.socket)) reply.header('Connection', 'close');
    raw.socket.setTimeout(this.#options.limits.answerStallMs);
    await passCall(raw, reply, this.#destination(raw, url, admitted), abort.signal);
    return reply;
  }

  /** What the edge answers itself: the page's files, and logins of its own users. */
  #ownAnswer(
    url: DesktopUrl,
    request: FastifyRequest,
    reply: FastifyReply,
    guard: Pick<ConnectionGuard, 'mayStay'>,
  ): Promise<unknown> | FastifyReply | undefined {
    const { method, raw } = request;
    const { name, path } = url;
    const { login, page } = this.#options;
    const file = page.get(path);
    if (file !== undefined && (method === 'GET' || method === 'HEAD')) {
      if (asksForBasic(raw))
        return logInByBasic(request, reply, this.#options).then(() => sendFile(request, reply, file));
      if (isProbe(raw)) return undefined;
      if (isNavigation(raw)) renewCookie(request, reply, this.#options);
      return sendFile(request, reply, file);
    }
    if (path === TICKET_PATH && method === 'POST') return this.#ticket(name, request, reply);
    if (path !== SESSION_PATH) return undefined;
    if (method === 'POST' && this.#logins.namesFleetUser(raw))
      return beginSession(request, reply, this.#options);
    if (method === 'POST' && this.#logins.hasTicket(raw))
      return this.#sessionByTicket(url, request, reply, guard);
    if (method === 'DELETE' && login.byCookie(raw) !== undefined)
      return endSession(request, reply, this.#options);
    return undefined;
  }

  /** Logs in by a link of the fleet or of the desktop. */
  async #sessionByTicket(
    url: DesktopUrl,
    request: FastifyRequest,
    reply: FastifyReply,
    guard: Pick<ConnectionGuard, 'mayStay'>,
  ): Promise<unknown> {
    refuseBrowsers(this.#options.origins, request.raw);
    const caller = await this.#logins.byTicket(url.name, request.raw);
    if (caller === undefined) return this.#passOn(url, request, reply, guard);
    return giveSession(caller, request, reply, this.#options);
  }

  /** A ticket of the edge for its own users. For others, the desktop's. */
  async #ticket(name: string, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    refuseBrowsers(this.#options.origins, request.raw);
    const byLink = this.#logins.hasTicket(request.raw) && (await this.#logins.byTicket(name, request.raw));
    if (byLink) {
      this.#requireRunning(this.#logins.admitted(name, byLink));
      return giveTicket(byLink, request, reply, this.#options);
    }
    const abort = brokenOff(reply.raw);
    const admitted = await this.#admit(name, request, 'browser', abort.signal);
    this.#requireRunning(admitted);
    if (admitted.caller !== undefined) requireScope(admitted.caller, 'view');
    if (admitted.caller !== undefined) return giveTicket(admitted.caller, request, reply, this.#options);
    const url = { name, path: TICKET_PATH, query: '' };
    await passCall(request.raw, reply, this.#destination(request.raw, url, admitted), abort.signal);
    return reply;
  }

  async #admit(
    name: string,
    request: FastifyRequest,
    kind: LoginKind,
    signal: AbortSignal,
  ): Promise<Admitted> {
    const admitted = await this.#logins.admit(name, request.raw, kind, signal);
    request.user = admitted.caller;
    request.pass = admitted.caller?.pass;
    return admitted;
  }

  /** Notes what begins to pass. Throws a Problem if the desktop is not running. */
  #enter(admitted: Admitted, kind: Passage['kind'], end: () => void): () => void {
    this.#requireRunning(admitted);
    const { desktop, caller, user } = admitted;
    const passage = {
      ...{ desktop: desktop.name, epoch: desktop.epoch, kind, caller, user },
      ...{ isLoggedIn: this.#loginOf(caller), end },
    };
    // Rights may have changed since the login was checked.
    if (!this.#mayGoOn(passage)) throw fleetProblem('FLEET_NO_SUCH_DESKTOP');
    return this.#options.passages.begin(passage);
  }

  /** Returns a function that says whether a caller's login is still good. */
  #loginOf(caller: Caller | undefined): () => boolean {
    if (caller === undefined) return () => true;
    const { name, pass } = caller;
    if (pass !== undefined) return () => pass.user() !== undefined;
    const { accounts } = this.#options;
    const passwordId = accounts.passwordIdOf(name);
    return () => accounts.passwordIdOf(name) === passwordId;
  }

  #requireRunning({ desktop, user }: Admitted): void {
    const { name, status, isIdle, wanted } = desktop;
    if (wanted === 'gone') throw fleetProblem('FLEET_NO_SUCH_DESKTOP', 'The desktop is being removed.');
    if (isReachable(desktop)) return;
    const isWoken = wanted === 'paused' && isIdle === true && user?.write === true;
    if (isWoken) this.#options.wake(name);
    throw notRunning(status, isWoken || status.state === 'starting' ? ASK_AGAIN_S.soon : ASK_AGAIN_S.later);
  }

  #destination(request: IncomingMessage, { path, query }: DesktopUrl, admitted: Admitted): Destination {
    const { login, peers, placeOf } = this.#options;
    const { desktop, user } = admitted;
    const place = placeOf(desktop);
    if (place === undefined) throw fleetProblem('FLEET_DESKTOP_SILENT', 'This edge cannot reach its host.');
    const caller = peers.address(request);
    // Only a Unix socket has callers without an address.
    const address = place.kind === 'unix' || isIP(caller) !== 0 ? caller : '127.0.0.1';
    const { scheme, hosts } = peers.originAsked(request);
    const expiresMs = Date.now() + ASSERTION_LIFE_MS;
    const { key, epoch } = desktop;
    const headers = passedHeaders(request, {
      ...{ address, scheme: scheme ?? 'http', host: hosts[0] ?? '', isLoggedIn: user !== undefined },
      assertion: writeAssertion({ ...this.#asserted(admitted), address, epoch, expiresMs }, key),
      cookies: login.cookieNames(request),
    });
    return { place, url: `${path}${query}`, headers };
  }

  #asserted({ caller, user, scopes, version }: Admitted): AssertedLogin {
    const logins = caller && loginIds(this.#options.store.state, caller);
    return { user, scopes, ...(logins && { logins }), version };
  }

  /** Cuts off what may not go on, after a change of rights, logins or desktops. */
  #judge = (): void => this.#options.passages.judge((passage) => this.#mayGoOn(passage));

  #mayGoOn({ desktop: name, epoch, caller, user, isLoggedIn }: Passage): boolean {
    const { state } = this.#options.store;
    const desktop = state.desktop.get(name);
    if (this.#options.staleness.isBlank || desktop === undefined || !isReachable(desktop)) return false;
    if (desktop.epoch !== epoch || desktop.wanted === 'gone') return false;
    if (user === undefined || caller === undefined) return true;
    const now = desktopRights(state, caller, desktop);
    return now !== undefined && isSameRights(now.viewer, user) && isLoggedIn();
  }
}

/** Whether a desktop answers. One whose host is lost may still do so. */
const isReachable = ({ status }: Desktop): boolean => status.state === 'running' || status.was === 'running';

/** The refusal of a desktop's page and calls while it does not run. Its headers are for the page. */
function notRunning({ state, reason, sinceMs }: DesktopStatus, againS: string): Problem {
  return fleetProblem('FLEET_DESKTOP_NOT_RUNNING', `The desktop is ${state}. ${reason}`.trim(), {
    headers: {
      'Retry-After': againS,
      'Deskwire-State': state,
      'Deskwire-Since': new Date(sinceMs).toISOString(),
    },
  });
}

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Caller } from '../../accounts/pass.ts';
import { brokenOff } from '../../http/broken-off.ts';
import type { ConnectionGuard } from '../../http/connections/connection-guard.ts';
import type { ConnectionLimits } from '../../http/connections/connection-limits.ts';
import { asksForBasic } from '../../http/login/challenge.ts';
import { ASSERTION_LIFE_MS, writeAssertion } from '../../http/login/edge-assertion.ts';
import type { Login } from '../../http/login/login.ts';
import type { Origins } from '../../http/origin/origins.ts';
import type { Peers } from '../../http/origin/peers.ts';
import { refuseBrowsers } from '../../http/origin/refuse-browsers.ts';
import { isNavigation, isProbe, renewCookie } from '../../http/page.ts';
import { type PageFile, sendFile } from '../../http/page-files.ts';
import { beginSession, endSession, SESSION_PATH } from '../../http/page-session.ts';
import { httpProblem, Problem } from '../../http/problems/errors.ts';
import { innerProblem } from '../../http/problems/inner-problems.ts';
import { endWith } from '../../http/problems/problems.ts';
import type { RequestAudit } from '../../http/request-audit.ts';
import { giveTicket, TICKET_PATH } from '../../http/ticket.ts';
import { watchHangUp } from '../../http/websocket/hang-up.ts';
import { fleetProblem } from '../store/errors.ts';
import type { FleetStore } from '../store/store.ts';
import { type DesktopUrl, desktopUrl } from './desktop-url.ts';
import { type Admitted, EdgeLogin, type LoginKind } from './edge-login.ts';
import { type Destination, openTunnel, passCall } from './pass-on.ts';
import type { Passage, Passages } from './passages.ts';
import { passedHeaders } from './passed-headers.ts';

/** Where the list of desktops has a picture of each, which is the call of the desktop behind it. */
const THUMBNAIL_PATH = '/thumbnail';
const THUMBNAIL: Omit<DesktopUrl, 'name'> = { path: '/api/get_screenshot', query: '?width=320&quality=5' };

/** Seconds after which a page asks again for a desktop that is starting or paused. */
const ASK_AGAIN_S = '1';

export interface EdgeOptions {
  readonly store: FleetStore;
  readonly accounts: Pick<Accounts, 'on' | 'off' | 'passwordIdOf'>;
  readonly login: Login;
  readonly origins: Origins;
  readonly peers: Peers;
  readonly limits: ConnectionLimits;
  readonly requests: RequestAudit;
  readonly passages: Passages;
  /** The page of desktops. */
  readonly page: ReadonlyMap<string, PageFile>;
  /** The Unix socket of a desktop. */
  readonly socketOf: (name: string) => string;
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
    this.#logins = new EdgeLogin(options.store, options.login);
    options.accounts.on('changed', this.#judge);
    options.store.on('changed', this.#judge);
    options.login.sessions.on('ended', this.#judge);
  }

  close(): void {
    this.#options.accounts.off('changed', this.#judge);
    this.#options.store.off('changed', this.#judge);
    this.#options.login.sessions.off('ended', this.#judge);
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
    const own = this.#ownAnswer(url, request, reply);
    if (own !== undefined) return own;

    const abort = brokenOff(reply.raw);
    const admitted = await this.#admit(url.name, request, isProbe(raw) ? 'browser' : 'call', abort.signal);
    const end = this.#enter(admitted, 'call', () => {
      abort.abort();
      reply.raw.destroy();
    });
    reply.raw.once('close', end);
    if (request.user === undefined && !guard.mayStay(raw.socket)) reply.header('Connection', 'close');
    raw.socket.setTimeout(this.#options.limits.answerStallMs);
    const destination = isThumbnail(url, admitted)
      ? this.#destination(raw, { ...THUMBNAIL, name: url.name }, asOwner(admitted))
      : this.#destination(raw, url, admitted);
    await passCall(raw, reply, destination, abort.signal);
    return reply;
  }

  /** What the edge answers itself: the page's files, and logins of its own users. */
  #ownAnswer(
    { name, path }: DesktopUrl,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> | FastifyReply | undefined {
    const { method, raw } = request;
    const { login, page } = this.#options;
    const file = page.get(path);
    if (file !== undefined && (method === 'GET' || method === 'HEAD')) {
      if (asksForBasic(raw)) return this.#askForBasic(request, reply, file);
      if (isProbe(raw)) return undefined;
      if (isNavigation(raw)) renewCookie(request, reply, this.#options);
      return sendFile(request, reply, file);
    }
    if (path === TICKET_PATH && method === 'POST') return this.#ticket(name, request, reply);
    if (path !== SESSION_PATH) return undefined;
    if (method === 'POST' && this.#logins.namesFleetUser(raw))
      return beginSession(request, reply, this.#options);
    if (method === 'DELETE' && login.byCookie(raw) !== undefined)
      return endSession(request, reply, this.#options);
    return undefined;
  }

  /** Has the browser's own dialog, or a program that drives the browser, log in. */
  async #askForBasic(request: FastifyRequest, reply: FastifyReply, file: PageFile): Promise<FastifyReply> {
    const { login, origins } = this.#options;
    const user = await login.byCookieOrPassword(request.raw, brokenOff(reply.raw).signal);
    request.user = user;
    request.pass = user.pass;
    const cookie = login.cookieFor(user, request.raw, origins.isFramed(request.raw));
    if (cookie !== undefined) reply.header('Set-Cookie', cookie);
    return sendFile(request, reply, file);
  }

  /** A ticket of the edge for its own users. For others, the desktop's. */
  async #ticket(name: string, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    refuseBrowsers(this.#options.origins, request.raw);
    const abort = brokenOff(reply.raw);
    const admitted = await this.#admit(name, request, 'browser', abort.signal);
    this.#requireRunning(admitted);
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
    const passage = { desktop: desktop.name, kind, user, isLoggedIn: this.#loginOf(caller), end };
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
    if (status.state === 'running') return;
    if (wanted === 'paused' && isIdle === true && user?.write === true) this.#options.wake(name);
    const detail = `The desktop is ${status.state}. ${status.reason}`.trim();
    throw fleetProblem('FLEET_DESKTOP_NOT_RUNNING', detail, { headers: { 'Retry-After': ASK_AGAIN_S } });
  }

  #destination(request: IncomingMessage, { path, query }: DesktopUrl, admitted: Admitted): Destination {
    const { login, peers, socketOf } = this.#options;
    const { desktop, user } = admitted;
    const address = peers.address(request);
    const { scheme, hosts } = peers.originAsked(request);
    const expiresMs = Date.now() + ASSERTION_LIFE_MS;
    const { key, epoch } = desktop;
    const headers = passedHeaders(request, {
      ...{ address, scheme: scheme ?? 'http', host: hosts[0] ?? '', isLoggedIn: user !== undefined },
      assertion: writeAssertion({ user, address, epoch, expiresMs }, key),
      cookies: login.cookieNames(request),
    });
    return { socket: socketOf(desktop.name), url: `${path}${query}`, headers };
  }

  /** Cuts off what may not go on, after a change of rights, logins or desktops. */
  #judge = (): void => this.#options.passages.judge((passage) => this.#mayGoOn(passage));

  #mayGoOn({ desktop: name, user, isLoggedIn }: Passage): boolean {
    const desktop = this.#options.store.state.desktop.get(name);
    if (desktop?.status.state !== 'running') return false;
    if (user === undefined) return true;
    const now = this.#logins.rightsOf(user.name, desktop);
    const isSame = now?.read === user.read && now.write === user.write && now.owner === user.owner;
    return isSame && isLoggedIn();
  }
}

/** Whoever may see a desktop gets its picture. */
const isThumbnail = ({ path }: DesktopUrl, { user }: Admitted): boolean =>
  path === THUMBNAIL_PATH && user !== undefined;

/** The desktop lets only its owners take a picture by a call. */
const asOwner = (admitted: Admitted): Admitted => ({
  ...admitted,
  user: admitted.user && { ...admitted.user, owner: true },
});

import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.ts';
import { passText } from '../accounts/pass.ts';
import type { Audit, AuditEntry, Door, NamedUser } from '../audit/audit.ts';
import { RefusalLog } from './connections/refusal-log.ts';
import { HEALTH_PATHS } from './health.ts';
import { parseBasic } from './login/basic-credentials.ts';
import { bearerText } from './login/bearer-credentials.ts';
import type { Peers } from './origin/peers.ts';
import { SESSION_PATH } from './page-session.ts';
import type { Problem } from './problems/errors.ts';
import { TICKET_PATH } from './ticket.ts';
import { WEBSOCKET_PATH } from './websocket/gate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The users that the call names, for the audit trail. Undefined for a call that names none. */
    namedUsers: readonly NamedUser[] | undefined;
  }
  interface FastifyReply {
    /** Why the request is refused, for the audit trail and the log. */
    refusal: Problem | undefined;
    /** Whether the answer goes on until one side ends it. Such a request is recorded when its answer begins. */
    goesOn: boolean;
  }
}

export interface RequestAuditOptions {
  readonly audit: Audit;
  readonly accounts: Pick<Accounts, 'get'>;
  readonly peers: Pick<Peers, 'address' | 'neighbour'>;
  readonly log: Logger;
}

/** Status of a login that is missing, wrong or has to wait. */
const UNAUTHORIZED = 401;

/** Statuses of refusals that are logged: of logins, rights, pages and lost upgrades. Others are mistakes in a call. */
const LOGGED: ReadonlySet<number> = new Set([UNAUTHORIZED, 403, 426]);
/** A viewer's WebSocket has no other place to show the reason. */
const LOGGED_OF_VIEWERS: ReadonlySet<number> = new Set([UNAUTHORIZED, 400, 403, 405, 426, 500, 503]);
/** The gate logs them, with the address that is full. */
const LOGGED_ELSEWHERE: ReadonlySet<string> = new Set([
  'HTTP_MEMORY_SHORT',
  'HTTP_VIEWERS_FULL',
  'HTTP_USER_VIEWERS_FULL',
  'HTTP_ADDRESS_VIEWERS_FULL',
  'HTTP_CLOSING',
]);

/** Records requests when they have been answered, and upgrades that are refused. Logs those that are refused. */
export class RequestAudit {
  readonly #options: RequestAuditOptions;
  readonly #refusals: RefusalLog;

  constructor(options: RequestAuditOptions) {
    this.#options = options;
    this.#refusals = new RefusalLog(options.log);
  }

  /** Records all requests of a server. Called before its other hooks are added. */
  watch(app: FastifyInstance, server: Server): void {
    app.decorateRequest('namedUsers');
    app.decorateReply('refusal');
    app.decorateReply('goesOn', false);
    app.addHook('onRequest', (request, reply, done) => {
      // A socket that is closed no longer knows its address.
      const address = this.#options.peers.address(request.raw);
      // The event comes also if the caller leaves early: its call may be carried out all the same.
      reply.raw.once('close', () => {
        if (!reply.goesOn) this.#answered(request, reply, address);
      });
      done();
    });
    app.addHook('onSend', (request, reply, _payload, done) => {
      if (reply.goesOn) this.#answered(request, reply, request.address);
      done();
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === undefined || error.code === 'ECONNRESET') return;
      const { audit, peers } = this.#options;
      audit.record({ door: 'http', outcome: 'refused', code: error.code, address: peers.neighbour(socket) });
    });
  }

  /** Records a viewer that was not let in. */
  upgradeRefused(request: IncomingMessage, problem: Problem): void {
    const { code, status } = problem;
    const door = status === UNAUTHORIZED ? 'login' : 'websocket';
    const address = this.#options.peers.address(request);
    this.#record(request, { door, what: 'websocket', code, address });
    this.#log(request, problem, address, 'websocket', true);
  }

  /** Records a request that was refused before its address was looked at. */
  requestRefused(request: IncomingMessage, { code }: Problem): void {
    this.#record(request, { door: 'http', code, address: this.#options.peers.address(request) });
  }

  #answered(request: FastifyRequest, reply: FastifyReply, address: string): void {
    const { raw, user, pass: usedPass, namedUsers, routeOptions, method } = request;
    const route = routeOptions.url;
    // They tell nothing, and are asked every few seconds.
    if (HEALTH_PATHS.some((path) => path === route)) return;
    const what = route === undefined ? undefined : `${method} ${route}`;
    const { refusal: problem } = reply;
    const isWhole = reply.goesOn || reply.raw.writableFinished;
    const refusal = problem?.code ?? (isWhole ? undefined : 'AUDIT_BROKEN_OFF');
    if (problem !== undefined) this.#log(raw, problem, address, what, false);
    if (reply.statusCode === UNAUTHORIZED) {
      this.#record(raw, { door: 'login', what, code: refusal, address });
      return;
    }
    const pass = passText(usedPass);
    if (user !== undefined) this.#record(raw, { door: 'login', user: user.name, pass, address });
    const door = doorOf(route);
    // A page has many files, which tell nothing, and are for everybody.
    const isFile = door === 'page' && route !== TICKET_PATH && route !== SESSION_PATH;
    if (isFile && user === undefined && refusal === undefined) return;
    this.#record(raw, {
      door,
      what: isFile ? undefined : what,
      code: refusal,
      user: user?.name,
      pass,
      address,
      ...(namedUsers !== undefined && { users: namedUsers }),
    });
  }

  /** Writes why a caller was refused. A browser that has not been asked for a password yet is not refused. */
  #log(
    request: IncomingMessage,
    problem: Problem,
    address: string,
    what: string | undefined,
    isViewer: boolean,
  ): void {
    const { code, status, detail } = problem;
    const isFirst = status === UNAUTHORIZED && request.headers.authorization === undefined && !isViewer;
    if (isFirst || !(isViewer ? LOGGED_OF_VIEWERS : LOGGED).has(status) || LOGGED_ELSEWHERE.has(code)) return;
    const reason = status === UNAUTHORIZED ? loginReason(request) : detail;
    this.#refusals.noteCaller(code, address, { what, user: this.#claimed(request), reason }, problem.title);
  }

  /** The name of a user who does not exist may be a password in the wrong field. */
  #claimed({ headers }: IncomingMessage): string | undefined {
    const name = parseBasic(headers.authorization)?.name;
    return name !== undefined && this.#options.accounts.get(name) !== undefined ? name : undefined;
  }

  #record(request: IncomingMessage, entry: Omit<AuditEntry, 'outcome' | 'claims'>): void {
    this.#options.audit.record({
      outcome: entry.code === undefined ? 'done' : 'refused',
      claims: entry.user === undefined ? this.#claimed(request) : undefined,
      ...entry,
    });
  }
}

/** What a login lacked. */
function loginReason({ headers }: IncomingMessage): string {
  if (parseBasic(headers.authorization) !== undefined)
    return 'The name or the password is wrong, or has to wait.';
  if (bearerText({ headers }) !== undefined)
    return 'The token or ticket is not valid: unknown, expired, used up or revoked, or its user has changed.';
  const sent =
    headers.authorization === undefined
      ? 'no password'
      : 'an Authorization header of another kind than Basic and Bearer';
  const cookie =
    headers.cookie?.includes('deskwire-') === true
      ? 'a login cookie that is not valid here'
      : 'no login cookie';
  return `It has ${sent}, ${cookie} and no valid ticket; one of them is expected.`;
}

function doorOf(route: string | undefined): Door {
  if (route === undefined) return 'http';
  if (route === WEBSOCKET_PATH) return 'websocket';
  return route.startsWith('/api/') ? 'api' : 'page';
}

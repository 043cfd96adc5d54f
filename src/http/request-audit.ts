import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Audit, AuditEntry, Door, NamedUser } from '../audit/audit.ts';
import { HEALTH_PATHS } from './health.ts';
import { parseBasic } from './login/basic-credentials.ts';
import type { Peers } from './origin/peers.ts';
import type { Problem } from './problems/errors.ts';
import { TICKET_PATH } from './ticket.ts';
import { WEBSOCKET_PATH } from './websocket/gate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The users that the call names, for the audit trail. Undefined for a call that names none. */
    namedUsers: readonly NamedUser[] | undefined;
  }
  interface FastifyReply {
    /** Code of the refusal, for the audit trail. */
    refusal: string | undefined;
  }
}

export interface RequestAuditOptions {
  readonly audit: Audit;
  readonly accounts: Pick<Accounts, 'get'>;
  readonly peers: Pick<Peers, 'address' | 'neighbour'>;
}

/** Status of a login that is missing, wrong or has to wait. */
const UNAUTHORIZED = 401;

/** Records requests when they have been answered, and upgrades that are refused. */
export class RequestAudit {
  readonly #options: RequestAuditOptions;

  constructor(options: RequestAuditOptions) {
    this.#options = options;
  }

  /** Records all requests of a server. Called before its other hooks are added. */
  watch(app: FastifyInstance, server: Server): void {
    app.decorateRequest('namedUsers');
    app.decorateReply('refusal');
    app.addHook('onRequest', async (request, reply) => {
      // A socket that is closed no longer knows its address.
      const address = this.#options.peers.address(request.raw);
      // The event comes also if the caller leaves early: its call may be carried out all the same.
      reply.raw.once('close', () => this.#answered(request, reply, address));
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === undefined || error.code === 'ECONNRESET') return;
      const { audit, peers } = this.#options;
      audit.record({ door: 'http', outcome: 'refused', code: error.code, address: peers.neighbour(socket) });
    });
  }

  /** Records a viewer that was not let in. */
  upgradeRefused(request: IncomingMessage, { code, status }: Problem): void {
    const door = status === UNAUTHORIZED ? 'login' : 'websocket';
    this.#record(request, { door, what: 'websocket', code, address: this.#options.peers.address(request) });
  }

  /** Records a request that was refused before its address was looked at. */
  requestRefused(request: IncomingMessage, { code }: Problem): void {
    this.#record(request, { door: 'http', code, address: this.#options.peers.address(request) });
  }

  #answered(request: FastifyRequest, reply: FastifyReply, address: string): void {
    const { raw, user, namedUsers, routeOptions, method } = request;
    const route = routeOptions.url;
    // They tell nothing, and are asked every few seconds.
    if (HEALTH_PATHS.some((path) => path === route)) return;
    const what = route === undefined ? undefined : `${method} ${route}`;
    const refusal = reply.raw.writableFinished ? reply.refusal : (reply.refusal ?? 'AUDIT_BROKEN_OFF');
    if (reply.statusCode === UNAUTHORIZED) {
      this.#record(raw, { door: 'login', what, code: refusal, address });
      return;
    }
    if (user !== undefined) this.#record(raw, { door: 'login', user: user.name, address });
    const door = doorOf(route);
    this.#record(raw, {
      door,
      // A page has many files.
      what: door === 'page' && route !== TICKET_PATH ? undefined : what,
      code: refusal,
      user: user?.name,
      address,
      ...(namedUsers !== undefined && { users: namedUsers }),
    });
  }

  #record(request: IncomingMessage, entry: Omit<AuditEntry, 'outcome' | 'claims'>): void {
    const { audit, accounts } = this.#options;
    const claimed = entry.user === undefined ? parseBasic(request.headers.authorization)?.name : undefined;
    audit.record({
      outcome: entry.code === undefined ? 'done' : 'refused',
      // The name of a user who does not exist may be a password in the wrong field.
      claims: claimed !== undefined && accounts.get(claimed) !== undefined ? claimed : undefined,
      ...entry,
    });
  }
}

function doorOf(route: string | undefined): Door {
  if (route === undefined) return 'http';
  if (route === WEBSOCKET_PATH) return 'websocket';
  return route.startsWith('/api/') ? 'api' : 'page';
}

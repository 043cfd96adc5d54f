import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.ts';
import { type Audit, NO_AUDIT } from '../audit/audit.ts';
import type { Session } from '../session/session.ts';
import { serveApi } from './api-scope.ts';
import { ConnectionGuard } from './connections/connection-guard.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from './connections/connection-limits.ts';
import { MemoryShortage } from './connections/memory-shortage.ts';
import { isExcess, stoppableRequests } from './connections/stoppable-request.ts';
import { ALIVE_PATH, serveHealth } from './health.ts';
import { KnownAddressFile } from './login/known-address-file.ts';
import { Login } from './login/login.ts';
import { Origins } from './origin/origins.ts';
import { Peers } from './origin/peers.ts';
import { servePage } from './page.ts';
import { ANSWER_HEADERS } from './problems/answer-headers.ts';
import { HttpStartError, httpProblem, PROBLEM_TYPE, type Problem, problemBody } from './problems/errors.ts';
import {
  answerProblems,
  endWith,
  loggedPath,
  refuseGarbage,
  sendProblem,
  toProblem,
} from './problems/problems.ts';
import { RequestAudit } from './request-audit.ts';
import { formProblem } from './request-form.ts';
import { serveTickets } from './ticket.ts';
import type { Certificate } from './tls/certificate.ts';
import { tlsProfile } from './tls/tls-profile.ts';
import { WEBSOCKET_PATH, WebSocketGate, wantsWebSocket } from './websocket/gate.ts';
import { UnreadBytes } from './websocket/unread-bytes.ts';

/**
 * Looks for requests that take too long, in the time for the headers of one. A larger number ends them more exactly, and
 * takes more time.
 */
const CHECKS_IN_HEADERS_TIME = 4;
/** Longer than most proxies keep connections, so that they do not send into one that the server just closed. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Room for a bulk call of 1,000 users. A larger limit takes memory, a smaller one needs more calls. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Time that calls in progress get when the server stops. Larger delays the stop, smaller breaks off answers. */
const CLOSE_GRACE_MS = 500;

export interface HttpServerOptions {
  /** Address or host name to listen on. */
  readonly listen: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly certificate: Certificate;
  readonly accounts: Accounts;
  readonly session: Session;
  readonly allowOrigin: readonly string[];
  readonly trustProxy: readonly string[];
  /** TCP congestion control of viewers' connections. Undefined: that of the system. */
  readonly tcpCongestion?: string | undefined;
  /** Folder of the built page. Undefined serves no page. */
  readonly pageFolder: string | undefined;
  /** Adds the calls below `/api`, with paths relative to it. Only owners reach them. */
  readonly api: (app: FastifyInstance) => void;
  readonly log: Logger;
  /** Records who calls and what is refused. By default nothing is recorded. */
  readonly audit?: Audit;
  /** File that keeps the addresses from which users have logged in. By default a restart forgets them. */
  readonly knownAddressesFile?: string;
  /** By default CONNECTION_LIMITS. */
  readonly limits?: Partial<ConnectionLimits>;
  /** Bytes that this process may have resident before new connections are refused. Undefined: what the system has. */
  readonly maxMemoryBytes?: number | undefined;
}

/** A running server. */
export interface HttpServer {
  readonly port: number;
  /** Such as `https://127.0.0.1:8443/`. */
  readonly url: string;
  /** Serves new connections with another certificate. Open connections keep theirs. */
  useCertificate(certificate: Certificate): void;
  /** Ends viewers, calls and connections. Resolves when all sockets are closed. */
  close(): Promise<void>;
}

/** Serves the page, the API and the viewers' WebSockets on one port. Throws HttpStartError. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, accounts } = options;
  const peers = new Peers(options.trustProxy);
  const origins = new Origins(peers, options.allowOrigin);
  const { knownAddressesFile } = options;
  const onProblem = (err: unknown): void => log.warn({ err }, 'The addresses of users outlive no restart');
  const knownAddresses = knownAddressesFile && new KnownAddressFile(knownAddressesFile, onProblem);
  const login = new Login(accounts, peers, knownAddresses ? { knownAddresses } : {});
  const limits = { ...CONNECTION_LIMITS, ...options.limits };
  const requests = new RequestAudit({ audit: options.audit ?? NO_AUDIT, accounts, peers });
  const onRefused: RequestAudit['upgradeRefused'] = (...refused) => requests.upgradeRefused(...refused);
  const memory = new MemoryShortage({ log, maxBytes: options.maxMemoryBytes });
  const onQueued = (bytes: number): void => unread.sent(bytes);
  const gate = new WebSocketGate({
    ...options,
    limits,
    memory,
    login,
    origins,
    peers,
    log,
    onRefused,
    onQueued,
  });
  const unread = new UnreadBytes({ memory, log, viewers: () => gate.transports });
  const { app, server } = createApp(options.certificate, limits, (socket) => guard.isFull(socket), log);
  const sockets = trackSockets(server);
  const guard = new ConnectionGuard(server, { peers, limits, memory, log });
  // A supervisor that gets no answer to this would end a server that is only full, and its viewers with it.
  const refusal = (request: IncomingMessage): Problem | undefined =>
    formProblem(request) ?? (request.url === ALIVE_PATH ? undefined : guard.refusal(request.socket));
  server.on('upgrade', (request, socket, head) => {
    if (isExcess(request)) {
      guard.endFlood(request.socket);
      return;
    }
    const problem = refusal(request);
    if (problem === undefined) {
      void gate.upgrade(request, socket, head);
      return;
    }
    requests.upgradeRefused(request, problem);
    endWith(socket, problem);
  });

  // Node.js would answer without the headers of every answer.
  server.on('checkExpectation', (request, response) => {
    const problem = httpProblem('HTTP_EXPECTATION');
    requests.requestRefused(request, problem);
    const headers = { ...ANSWER_HEADERS, 'Content-Type': PROBLEM_TYPE, Connection: 'close' };
    response.writeHead(problem.status, headers).end(problemBody(problem));
  });

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const stopped = new Promise<void>((done) => server.close(() => done()));
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    await Promise.all([gate.close(), app.close()]);
    server.closeIdleConnections();
    await stopped;
    clearTimeout(cut);
    guard.close();
    unread.close();
    memory.close();
    await login.close();
  };

  try {
    requests.watch(app, server);
    app.addHook('onRequest', async ({ raw }, reply) => {
      reply.headers(ANSWER_HEADERS);
      const problem = refusal(raw);
      if (problem !== undefined) throw problem;
    });
    app.addHook('onSend', async (request, reply) => {
      // Node.js drops what it has read behind a request for an upgrade, also if that is served as a plain one.
      const isLast = closing !== undefined || request.headers.upgrade !== undefined;
      const mayStay = request.user !== undefined || guard.mayStay(request.raw.socket);
      if (isLast || !mayStay) reply.header('Connection', 'close');
      // After the answer, Node.js replaces this limit by the one for idle connections.
      request.raw.socket.setTimeout(limits.answerStallMs);
    });
    await serveApi(app, { accounts, login, origins, peers, api: options.api });
    serveTickets(app, { login, origins });
    serveHealth(app, {
      isEnding: () => closing !== undefined || options.session.isClosed,
      isReady: () => options.session.isReady(),
    });
    app.get(WEBSOCKET_PATH, async () => {
      throw httpProblem('HTTP_UPGRADE_NEEDED', undefined, {
        headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
      });
    });
    if (options.pageFolder !== undefined) {
      const seatProblem = gate.seatProblem.bind(gate);
      const page = { folder: options.pageFolder, login, seatProblem, frameOrigins: origins.list };
      // Without a page the server still has the API. A checkout that was never built has no page.
      await servePage(app, page).catch((err) => log.warn({ err }, 'There is no page to serve'));
    }
    await app.ready();
    await listen(server, options.listen, options.port);
  } catch (error) {
    guard.close();
    unread.close();
    memory.close();
    await login.close();
    await app.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://${isIP(options.listen) === 6 ? `[${options.listen}]` : options.listen}:${port}/`,
    useCertificate: (certificate) => server.setSecureContext(tlsProfile(certificate)),
    close: () => (closing ??= close()),
  };
}

function createApp(
  certificate: Certificate,
  { headersMs, requestMs }: ConnectionLimits,
  isFull: (socket: Socket) => boolean,
  log: Logger,
): { app: FastifyInstance; server: Server } {
  const tls: ServerOptions = {
    ...tlsProfile(certificate),
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: headersMs / CHECKS_IN_HEADERS_TIME,
    // Checked with the rest of the request's form, also for an upgrade.
    requireHostHeader: false,
    noDelay: true,
    IncomingMessage: stoppableRequests(isFull),
    shouldUpgradeCallback: wantsWebSocket,
  };
  let server: Server | undefined;
  const app: FastifyInstance = fastify({
    // fastify would log whole URLs, which may have passwords in them.
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: MAX_BODY_BYTES,
    clientErrorHandler: refuseGarbage,
    frameworkErrors: (error, request, reply) => void sendProblem(reply, toProblem(error, request, log)),
    // No route has a schema for these. Fastify's own builders load Ajv and more: 3 MB.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // The calls parse their queries themselves.
    routerOptions: { querystringParser: () => ({}) },
    serverFactory: (handler) => {
      server = createServer(tls, handler);
      return server;
    },
  });
  if (server === undefined) throw new Error('fastify made no server');
  answerProblems(app, log);
  app.addHook('onResponse', async (request, reply) => {
    const { method, ip } = request;
    const ms = Math.round(reply.elapsedTime);
    log.debug({ method, path: loggedPath(request), status: reply.statusCode, ms, ip }, 'Call');
  });
  return { app, server };
}

function noSchemas(): never {
  throw new Error('Routes are checked by their own schemas, not by those of fastify.');
}

/** All open connections, including those that have sent nothing yet. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen({ host, port }, () => {
        server.off('error', fail);
        done();
      });
    });
  } catch (cause) {
    throw listenError(cause as NodeJS.ErrnoException, host, port);
  }
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): HttpStartError {
  const at = `${host} port ${port}`;
  switch (cause.code) {
    case 'EADDRINUSE': {
      const message = `another program listens on ${at}; give another port with --port, or 0 for any free port`;
      return new HttpStartError('HTTP_PORT_BUSY', message, { cause });
    }
    case 'EACCES':
    case 'EPERM': {
      const message = `this account may not listen on ${at}; give a port from 1024 up with --port`;
      return new HttpStartError('HTTP_PORT_DENIED', message, { cause });
    }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL': {
      const message = `this machine has no address ${host}; give one of its addresses with --listen, such as 127.0.0.1 or 0.0.0.0`;
      return new HttpStartError('HTTP_BAD_ADDRESS', message, { cause });
    }
    default:
      return new HttpStartError('HTTP_LISTEN_FAILED', `cannot listen on ${at}: ${cause.message}`, { cause });
  }
}

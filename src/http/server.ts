import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.ts';
import type { Tokens } from '../accounts/tokens.ts';
import { type Audit, NO_AUDIT } from '../audit/audit.ts';
import type { ListenPlace, PlainHttp } from '../config/listen-place.ts';
import type { Session } from '../session/session.ts';
import { serveApi } from './api-scope.ts';
import { closeAfterAnswers } from './connections/close-after-answers.ts';
import { ConnectionGuard } from './connections/connection-guard.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from './connections/connection-limits.ts';
import { MemoryShortage } from './connections/memory-shortage.ts';
import { isExcess, stoppableRequests } from './connections/stoppable-request.ts';
import { Entrance } from './entrance/entrance.ts';
import { OpenPlaces } from './entrance/open-places.ts';
import { ALIVE_PATH, serveHealth } from './health.ts';
import { innerUrl } from './inner-url.ts';
import { KnownAddressFile } from './login/known-address-file.ts';
import { Login, type LoginOptions } from './login/login.ts';
import { Passes } from './login/passes.ts';
import { SessionFile } from './login/session-file.ts';
import { Origins } from './origin/origins.ts';
import { Peers } from './origin/peers.ts';
import { type PageOptions, servePage } from './page.ts';
import { servePageSessions } from './page-session.ts';
import { ANSWER_HEADERS } from './problems/answer-headers.ts';
import { httpProblem, PROBLEM_TYPE, type Problem, problemBody } from './problems/errors.ts';
import {
  answerProblems,
  endWith,
  loggedPath,
  pathOf,
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
import { type Receiver, UnreadBytes } from './websocket/unread-bytes.ts';
import type { ViewerSeats } from './websocket/viewer-seats.ts';

/**
 * Looks for requests that take too long, in the time for the headers of one. A larger number ends them more exactly, and
 * takes more time.
 */
const CHECKS_IN_HEADERS_TIME = 4;
/** Longer than most proxies keep connections, so that they do not send into one that the server just closed. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Room for a bulk call of 1,000 users. A larger limit takes memory, a smaller one needs more calls. */
const MAX_BODY_BYTES = 1024 * 1024;
/** The detail for a viewer whose proxy does not pass on WebSockets. */
const LOST_UPGRADE =
  'The request is that of a WebSocket, but a proxy has taken its Upgrade header out. Have it pass on Upgrade and Connection by HTTP/1.1 (docs/deploy.md).';
/** Time that calls in progress get when the server stops. Larger delays the stop, smaller breaks off answers. */
const CLOSE_GRACE_MS = 500;

export interface HttpServerOptions {
  /** Addresses and Unix sockets to listen on. */
  readonly listen: readonly ListenPlace[];
  /** Port of those without one of their own; 0 takes any free one. */
  readonly port: number;
  /** Where plain HTTP takes the place of HTTPS. Unix sockets always have plain HTTP. By default nowhere else. */
  readonly insecureHttp?: PlainHttp;
  /** Undefined serves no TLS. */
  readonly certificate: Certificate | undefined;
  /** Path below which a proxy shows the server. */
  readonly basePath?: string | undefined;
  /** Header in which trusted proxies name the user. */
  readonly trustUserHeader?: string | undefined;
  /** A text that this desktop alone has, on this machine, and keeps over restarts. It is not secret. */
  readonly desktopId?: string;
  readonly accounts: Accounts;
  /** By default no token is valid. */
  readonly tokens?: Tokens;
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
  /** File that keeps the sessions of pages. By default a restart logs them out. */
  readonly sessionsFile?: string;
  /** By default CONNECTION_LIMITS. */
  readonly limits?: Partial<ConnectionLimits>;
  /** Bytes that this process may have resident before new connections are refused. Undefined: what the system has. */
  readonly maxMemoryBytes?: number | undefined;
}

/** Logins and limits that apply to viewers at all ports together. */
export interface SharedDoors {
  readonly login: Login;
  readonly peers: Peers;
  readonly limits: ConnectionLimits;
  readonly guard: Pick<ConnectionGuard, 'admits' | 'enter'>;
  readonly seats: ViewerSeats;
  /** The viewers at other ports. When memory runs out, those that do not read are ended. */
  readonly viewers: Set<Receiver>;
  /** Takes note of bytes that begin to wait for one of those. */
  onQueued(bytes: number): void;
}

/** A running server. */
export interface HttpServer {
  readonly port: number;
  /** The first of `urls`, such as `https://127.0.0.1:8443/`. */
  readonly url: string;
  /** One for each place to listen at. A Unix socket is `unix:/run/desk.sock`. */
  readonly urls: readonly string[];
  /** What other ports share with this server. */
  readonly doors: SharedDoors;
  /** Serves new connections with another certificate. Open connections keep theirs. */
  useCertificate(certificate: Certificate): void;
  /** Ends viewers, calls and connections. Resolves when all sockets are closed. */
  close(): Promise<void>;
}

/** Serves the page, the API and the viewers' WebSockets on one port. Throws HttpStartError. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, accounts, tokens, audit = NO_AUDIT } = options;
  const peers = new Peers(options.trustProxy);
  const origins = new Origins(peers, options.allowOrigin);
  const login = new Login(accounts, peers, {
    ...loginFiles(options),
    desktopId: options.desktopId ?? '',
    userHeader: options.trustUserHeader,
    tokens,
  });
  const passes = new Passes(options.session, accounts, tokens, login.sessions, audit);
  const { entryTickets } = passes;
  const limits = { ...CONNECTION_LIMITS, ...options.limits };
  const requests = new RequestAudit({ audit, accounts, peers, log });
  const onRefused: RequestAudit['upgradeRefused'] = (...refused) => requests.upgradeRefused(...refused);
  const inner = (url: string): string => innerUrl(url, options.basePath);
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
  const viewersElsewhere = new Set<Receiver>();
  const viewers = (): Iterable<Receiver> => [...gate.transports, ...viewersElsewhere];
  const unread = new UnreadBytes({ memory, log, viewers });
  const { app, server } = createApp(
    options.certificate,
    limits,
    inner,
    (socket) => guard.isFull(socket),
    log,
  );
  const entrance = new Entrance(server, {
    isPlain: (socket) => places.isPlain(socket),
    refused: (...refused) => guard.protocolRefused(...refused),
  });
  const places = new OpenPlaces(server, { ...options, insecureHttp: options.insecureHttp ?? 'no' });
  const sockets = trackSockets(server);
  closeAfterAnswers(server);
  const guard = new ConnectionGuard(server, {
    peers,
    limits,
    memory,
    log,
    begin: (socket) => entrance.begin(socket),
    timeIsUp: (socket) => entrance.greet(socket),
  });
  // A supervisor that gets no answer to this would end a server that is only full, and its viewers with it.
  const refusal = (request: IncomingMessage): Problem | undefined =>
    formProblem(request) ??
    (pathOf(request.url ?? '') === ALIVE_PATH ? undefined : guard.refusal(request.socket));
  server.on('upgrade', (request, socket, head) => {
    request.url = inner(request.url ?? '');
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
    const stopped = Promise.all([new Promise<void>((done) => server.close(() => done())), places.close()]);
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    await Promise.all([gate.close(), app.close()]);
    await stopped;
    clearTimeout(cut);
    guard.close();
    unread.close();
    memory.close();
    passes.close();
    await login.close();
  };

  try {
    requests.watch(app, server);
    // A hook that returns no promise costs far less, and there are six of them for each call.
    app.addHook('onRequest', ({ raw }, reply, done) => {
      reply.headers(ANSWER_HEADERS);
      done(refusal(raw));
    });
    app.addHook('onSend', (request, reply, _payload, done) => {
      // Node.js drops what it has read behind a request for an upgrade, also if that is served as a plain one.
      const isLast = closing !== undefined || request.headers.upgrade !== undefined;
      const mayStay = request.user !== undefined || guard.mayStay(request.raw.socket);
      if (isLast || !mayStay) reply.header('Connection', 'close');
      // After the answer, Node.js replaces this limit by the one for idle connections.
      request.raw.socket.setTimeout(limits.answerStallMs);
      done();
    });
    await serveApi(app, {
      ...options,
      tokens,
      entryTickets,
      basePath: options.basePath,
      login,
      origins,
      peers,
    });
    const expectViewer = (): void => options.session.expectViewer();
    await serveTickets(app, { login, entryTickets, origins, expectViewer });
    await servePageSessions(app, { login, entryTickets, origins });
    serveHealth(app, {
      isEnding: () => closing !== undefined || options.session.isClosed,
      isReady: () => options.session.isReady(),
    });
    app.get(WEBSOCKET_PATH, async ({ headers }) => {
      // A proxy takes the header out unless it is told to pass it on.
      const isViewer = headers['sec-websocket-key'] !== undefined;
      throw httpProblem('HTTP_UPGRADE_NEEDED', isViewer ? LOST_UPGRADE : undefined, {
        headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
      });
    });
    if (options.pageFolder !== undefined) {
      const seatProblem: PageOptions['seatProblem'] = (user, request) =>
        gate.seatProblem(user, request) ?? gate.takeRefusal(request);
      const { pageFolder: folder, basePath } = options;
      const page = { folder, basePath, login, origins, seatProblem, expectViewer };
      // Without a page the server still has the API. A checkout that was never built has no page.
      await servePage(app, page).catch((err) => log.warn({ err }, 'There is no page to serve'));
    }
    await app.ready();
    await places.open();
  } catch (error) {
    guard.close();
    unread.close();
    memory.close();
    passes.close();
    await login.close();
    await app.close();
    throw error;
  }
  const urls = places.urls(options.basePath ?? '');
  return {
    port: places.port,
    url: urls[0]!,
    urls,
    doors: { login, peers, limits, guard, seats: gate.seats, viewers: viewersElsewhere, onQueued },
    useCertificate: (certificate) => server.setSecureContext(tlsProfile(certificate)),
    close: () => (closing ??= close()),
  };
}

/** What of logins outlives a restart. */
function loginFiles({ knownAddressesFile, sessionsFile, log }: HttpServerOptions): LoginFiles {
  const warn = (text: string) => (err: unknown) => log.warn({ err }, text);
  return {
    ...(knownAddressesFile && {
      knownAddresses: new KnownAddressFile(
        knownAddressesFile,
        warn('The addresses of users outlive no restart'),
      ),
    }),
    ...(sessionsFile && {
      sessions: new SessionFile(sessionsFile, warn('The logins of pages outlive no restart')),
    }),
  };
}

type LoginFiles = Pick<LoginOptions, 'knownAddresses' | 'sessions'>;

function createApp(
  certificate: Certificate | undefined,
  { headersMs, requestMs }: ConnectionLimits,
  inner: (url: string) => string,
  isFull: (socket: Socket) => boolean,
  log: Logger,
): { app: FastifyInstance; server: Server } {
  const tls: ServerOptions = {
    ...(certificate && tlsProfile(certificate)),
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: headersMs / CHECKS_IN_HEADERS_TIME,
    // Checked with the rest of the request's form, also for an upgrade.
    requireHostHeader: false,
    noDelay: true,
    IncomingMessage: stoppableRequests(isFull),
    shouldUpgradeCallback: ({ headers, url }) => wantsWebSocket(headers.upgrade, inner(url ?? '')),
  };
  let server: Server | undefined;
  const app: FastifyInstance = fastify({
    // fastify would log whole URLs, which may have passwords in them.
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: MAX_BODY_BYTES,
    clientErrorHandler: refuseGarbage,
    frameworkErrors: (error, request, reply) => void sendProblem(reply, toProblem(error, request, log)),
    rewriteUrl: ({ url }) => inner(url ?? '/'),
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
  app.addHook('onResponse', (request, reply, done) => {
    if (log.isLevelEnabled('debug')) {
      const { method, ip } = request;
      const ms = Math.round(reply.elapsedTime);
      log.debug({ method, path: loggedPath(request), status: reply.statusCode, ms, ip }, 'Call');
    }
    done();
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

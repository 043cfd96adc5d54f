import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { ListenPlace, PlainHttp } from '../config/listen-place.ts';
import { closeAfterAnswers } from './connections/close-after-answers.ts';
import { ConnectionGuard } from './connections/connection-guard.ts';
import type { ConnectionLimits } from './connections/connection-limits.ts';
import type { MemoryShortage } from './connections/memory-shortage.ts';
import { isExcess, stoppableRequests } from './connections/stoppable-request.ts';
import { Entrance } from './entrance/entrance.ts';
import { OpenPlaces } from './entrance/open-places.ts';
import { ALIVE_PATH } from './health.ts';
import type { Peers } from './origin/peers.ts';
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
import type { RequestAudit } from './request-audit.ts';
import { formProblem } from './request-form.ts';
import type { Certificate } from './tls/certificate.ts';
import { tlsProfile } from './tls/tls-profile.ts';

/**
 * Looks for requests that take too long, in the time for the headers of one. A larger number ends them more exactly,
 * and takes more time.
 */
const CHECKS_IN_HEADERS_TIME = 4;
/** Longer than most proxies keep connections, so that they do not send into one that the server just closed. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Room for a bulk call of 1,000 users. A larger limit takes memory, a smaller one needs more calls. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Time that calls in progress get when the server stops. Larger delays the stop, smaller breaks off answers. */
const CLOSE_GRACE_MS = 500;

export interface FrontOptions {
  /** Addresses and Unix sockets to listen on. */
  readonly listen: readonly ListenPlace[];
  /** Port of those without one of their own; 0 takes any free one. */
  readonly port: number;
  readonly insecureHttp: PlainHttp;
  /** Undefined serves no TLS. */
  readonly certificate: Certificate | undefined;
  /** Path below which the URLs for people are. */
  readonly basePath: string | undefined;
  readonly peers: Peers;
  readonly limits: ConnectionLimits;
  readonly memory: MemoryShortage;
  readonly requests: RequestAudit;
  readonly log: Logger;
  /** The URL of the server's own routes for that of a request. */
  readonly inner: (url: string) => string;
  /** A reason of the server's own why a request is refused. By default there is none. */
  readonly refusal?: ((request: IncomingMessage) => Problem | undefined) | undefined;
  /** Whether a request for this upgrade gets it. Any other one is answered as plain HTTP. */
  readonly wantsUpgrade: (upgrade: string | undefined, url: string) => boolean;
  /** Takes over the connection of a request that gets an upgrade. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** One port with HTTPS and what protects it: limits, the form of requests, refusals. Its users add the routes. */
export class Front {
  /** For the routes, which are added before `open`. */
  readonly app: FastifyInstance;
  readonly guard: ConnectionGuard;
  readonly #options: FrontOptions;
  readonly #server: Server;
  readonly #places: OpenPlaces;
  readonly #sockets: ReadonlySet<Socket>;
  #isClosing = false;

  constructor(options: FrontOptions) {
    const { limits, log, peers, memory } = options;
    this.#options = options;
    const { app, server } = createApp(options, (socket) => this.guard.isFull(socket));
    this.app = app;
    this.#server = server;
    const entrance = new Entrance(server, {
      isPlain: (socket) => this.#places.isPlain(socket),
      refused: (...refused) => this.guard.protocolRefused(...refused),
    });
    this.#places = new OpenPlaces(server, options);
    this.#sockets = trackSockets(server);
    closeAfterAnswers(server);
    this.guard = new ConnectionGuard(server, {
      ...{ peers, limits, memory, log },
      begin: (socket) => entrance.begin(socket),
      timeIsUp: (socket) => entrance.greet(socket),
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('checkExpectation', (request, response) => {
      // Node.js would answer without the headers of every answer.
      const problem = httpProblem('HTTP_EXPECTATION');
      options.requests.requestRefused(request, problem);
      const headers = { ...ANSWER_HEADERS, 'Content-Type': PROBLEM_TYPE, Connection: 'close' };
      response.writeHead(problem.status, headers).end(problemBody(problem));
    });
    options.requests.watch(app, server);
    this.#addHooks();
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** TCP port of the first place that has one. 0 if there is none. */
  get port(): number {
    return this.#places.port;
  }

  /** One for each place to listen at. A Unix socket is `unix:/run/desk.sock`. */
  get urls(): readonly string[] {
    return this.#places.urls(this.#options.basePath ?? '');
  }

  /** Listens, when all routes have been added. Throws HttpStartError. */
  async open(): Promise<void> {
    await this.app.ready();
    await this.#places.open();
  }

  /** Serves new connections with another certificate. Open connections keep theirs. */
  useCertificate(certificate: Certificate): void {
    this.#server.setSecureContext(tlsProfile(certificate));
  }

  /** Ends calls and connections. `endUpgraded` ends those that have been taken over. Resolves when all are closed. */
  async close(endUpgraded: () => Promise<void>): Promise<void> {
    this.#isClosing = true;
    const stopped = Promise.all([
      new Promise<void>((done) => this.#server.close(() => done())),
      this.#places.close(),
    ]);
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    await Promise.all([endUpgraded(), this.app.close()]);
    await stopped;
    clearTimeout(cut);
    this.guard.close();
  }

  /** Lets go of everything, after a failure before it was open. */
  async discard(): Promise<void> {
    this.guard.close();
    await this.app.close();
  }

  // A supervisor that gets no answer to this would end a server that is only full, and its viewers with it.
  #refusal(request: IncomingMessage): Problem | undefined {
    const problem = formProblem(request) ?? this.#options.refusal?.(request);
    if (problem !== undefined || pathOf(request.url ?? '') === ALIVE_PATH) return problem;
    return this.guard.refusal(request.socket);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { inner, requests, upgrade } = this.#options;
    request.url = inner(request.url ?? '');
    if (isExcess(request)) {
      this.guard.endFlood(request.socket);
      return;
    }
    const problem = this.#refusal(request);
    if (problem === undefined) {
      upgrade(request, socket, head);
      return;
    }
    requests.upgradeRefused(request, problem);
    endWith(socket, problem);
  }

  #addHooks(): void {
    // A hook that returns no promise costs far less, and there are six of them for each call.
    this.app.addHook('onRequest', ({ raw }, reply, done) => {
      reply.headers(ANSWER_HEADERS);
      done(this.#refusal(raw));
    });
    this.app.addHook('onSend', (request, reply, _payload, done) => {
      // Node.js drops what it has read behind a request for an upgrade, also if that is served as a plain one.
      const isLast = this.#isClosing || request.headers.upgrade !== undefined;
      const mayStay = request.user !== undefined || this.guard.mayStay(request.raw.socket);
      if (isLast || !mayStay) reply.header('Connection', 'close');
      // After the answer, Node.js replaces this limit by the one for idle connections.
      request.raw.socket.setTimeout(this.#options.limits.answerStallMs);
      done();
    });
  }
}

function createApp(
  { certificate, limits: { headersMs, requestMs }, inner, wantsUpgrade, log }: FrontOptions,
  isFull: (socket: Socket) => boolean,
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
    shouldUpgradeCallback: ({ headers, url }) => wantsUpgrade(headers.upgrade, inner(url ?? '')),
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

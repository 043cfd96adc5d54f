import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.ts';
import type { Tokens } from '../accounts/tokens.ts';
import { type Audit, NO_AUDIT } from '../audit/audit.ts';
import type { ListenPlace, PlainHttp } from '../config/listen-place.ts';
import type { Session } from '../session/session.ts';
import { serveApi } from './api-scope.ts';
import type { ConnectionGuard } from './connections/connection-guard.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from './connections/connection-limits.ts';
import { MemoryShortage } from './connections/memory-shortage.ts';
import { serveHost } from './edge-calls.ts';
import { Front } from './front.ts';
import { serveHealth } from './health.ts';
import { innerUrl } from './inner-url.ts';
import { type EdgeKey, EdgeTrust } from './login/edge-trust.ts';
import { Login } from './login/login.ts';
import { loginFiles } from './login/login-files.ts';
import { Passes } from './login/passes.ts';
import { Origins } from './origin/origins.ts';
import { Peers } from './origin/peers.ts';
import { type PageOptions, servePage } from './page.ts';
import { servePageSessions } from './page-session.ts';
import { httpProblem } from './problems/errors.ts';
import { RequestAudit } from './request-audit.ts';
import { serveTickets } from './ticket.ts';
import type { Certificate } from './tls/certificate.ts';
import { WEBSOCKET_PATH, WebSocketGate, wantsWebSocket } from './websocket/gate.ts';
import { type Receiver, UnreadBytes } from './websocket/unread-bytes.ts';
import type { ViewerSeats } from './websocket/viewer-seats.ts';

/** The detail for a viewer whose proxy does not pass on WebSockets. */
const LOST_UPGRADE =
  'The request is that of a WebSocket, but a proxy has taken its Upgrade header out. Have it pass on Upgrade and Connection by HTTP/1.1 (docs/deploy.md).';

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
  /** The edge of a fleet, if the server's desktop belongs to one. All other callers are refused then. */
  readonly edge?: EdgeKey | undefined;
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
  const edge = options.edge && new EdgeTrust(options.edge, accounts, peers);
  const login = new Login(accounts, peers, {
    ...loginFiles(options),
    desktopId: options.desktopId ?? '',
    userHeader: options.trustUserHeader,
    tokens,
    edge,
  });
  const passes = new Passes(options.session, accounts, tokens, login.sessions, audit);
  const { entryTickets } = passes;
  // Viewers and calls end as with the session of a page.
  edge?.on('ended', () => login.sessions.emit('ended'));
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
  const front = new Front({
    ...options,
    ...{ insecureHttp: options.insecureHttp ?? 'no', basePath: options.basePath, inner },
    ...{ peers, limits, memory, requests, wantsUpgrade: wantsWebSocket },
    refusal: (request) => edge?.refusal(request),
    upgrade: (request, socket, head) => void gate.upgrade(request, socket, head),
  });
  const { app, guard } = front;

  let closing: Promise<void> | undefined;
  const letGo = async (): Promise<void> => {
    unread.close();
    memory.close();
    passes.close();
    await login.close();
  };
  const close = async (): Promise<void> => {
    await front.close(() => gate.close());
    await letGo();
  };

  try {
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
    servePageSessions(app, { login, entryTickets, origins });
    if (edge !== undefined) await serveHost(app, edge);
    serveHealth(app, {
      isEnding: () => front.isClosing || options.session.isClosed,
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
    await front.open();
  } catch (error) {
    await letGo();
    await front.discard();
    throw error;
  }
  const { urls } = front;
  return {
    port: front.port,
    url: urls[0]!,
    urls,
    doors: { login, peers, limits, guard, seats: gate.seats, viewers: viewersElsewhere, onQueued },
    useCertificate: (certificate) => front.useCertificate(certificate),
    close: () => (closing ??= close()),
  };
}

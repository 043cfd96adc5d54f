import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Accounts } from '../../accounts/accounts.ts';
import { type Caller, callerNow } from '../../accounts/pass.ts';
import type { User } from '../../accounts/user.ts';
import { limitRunningTime } from '../../common/running-time-limit.ts';
import type { Session } from '../../session/session.ts';
import { MAX_READER_MESSAGE_BYTES } from '../../session/viewer/message-rights.ts';
import type { ConnectionLimits } from '../connections/connection-limits.ts';
import type { MemoryShortage } from '../connections/memory-shortage.ts';
import { RefusalLog } from '../connections/refusal-log.ts';
import type { Login } from '../login/login.ts';
import type { Origins } from '../origin/origins.ts';
import type { Peers } from '../origin/peers.ts';
import { httpProblem, Problem } from '../problems/errors.ts';
import { innerProblem } from '../problems/inner-problems.ts';
import { endWith, pathOf } from '../problems/problems.ts';
import { watchHangUp } from './hang-up.ts';
import { RecentRefusals } from './recent-refusals.ts';
import { setCongestionControl } from './tcp-congestion.ts';
import { MAX_MESSAGE_BYTES, WebSocketTransport } from './transport.ts';
import { ViewerSeats } from './viewer-seats.ts';

export const WEBSOCKET_PATH = '/websockify';

/**
 * Parts of a message, empty ones included. Pages send a clipboard of 20 MiB in 1300 parts of 16 KiB at most. A larger
 * value lets a peer take more memory for parts of one byte; a smaller one ends viewers behind proxies that cut
 * messages.
 */
const MAX_FRAGMENTS = 4096;
/**
 * Reads from the socket for one part of a message. The longest message takes that many if each TCP segment is read by
 * itself. ws joins 16,384 reads in 58 ms, and 32,000 in 3.3 s.
 */
const MAX_CHUNKS = 16_384;
/** The same for a viewer that may not write when it connects. ws joins so many in 1 ms. */
const MAX_READER_CHUNKS = 2048;
/** Time in which a peer has to answer a close frame, in milliseconds. Then it is cut off. */
const CLOSE_TIMEOUT_MS = 1000;
/** Seconds after which a refused viewer may try again. */
const RETRY_AFTER_S = '10';
const GOING_AWAY = 1001;
const UNAUTHORIZED = 401;
/** Versions of the WebSocket protocol that ws speaks. A refusal names them (RFC 6455, 4.4). */
const WEBSOCKET_VERSIONS = '13, 8';

/** The types of ws lack `closeTimeout`. */
const SERVER_OPTIONS: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  clientTracking: false,
  // The transport answers pings: ws would let its answers pile up for a peer that does not read.
  autoPong: false,
  // Pictures are compressed already, and all other messages are small.
  perMessageDeflate: false,
  maxFragments: MAX_FRAGMENTS,
  closeTimeout: CLOSE_TIMEOUT_MS,
  handleProtocols: (offered) => (offered.has('binary') ? 'binary' : false),
};

export interface WebSocketGateOptions {
  readonly accounts: Pick<Accounts, 'get'>;
  readonly login: Login;
  readonly origins: Origins;
  readonly peers: Peers;
  readonly limits: ConnectionLimits;
  readonly memory: MemoryShortage;
  readonly session: Session;
  /** TCP congestion control of viewers' connections. Undefined: that of the system. */
  readonly tcpCongestion?: string | undefined;
  readonly log: Logger;
  /** So many bytes wait for a viewer now that did not before. */
  onQueued?(bytes: number): void;
  /** A viewer was not let in. */
  onRefused?(request: IncomingMessage, problem: Problem): void;
}

/** Checks the login, origin and rights of each viewer that connects, and passes it to the session. */
export class WebSocketGate {
  readonly #options: WebSocketGateOptions;
  readonly #transports = new Set<WebSocketTransport>();
  readonly #forWriters = new WebSocketServer({
    ...SERVER_OPTIONS,
    maxPayload: MAX_MESSAGE_BYTES,
    maxBufferedChunks: MAX_CHUNKS,
  });
  readonly #forReaders = new WebSocketServer({
    ...SERVER_OPTIONS,
    maxPayload: MAX_READER_MESSAGE_BYTES,
    maxBufferedChunks: MAX_READER_CHUNKS,
  });
  readonly #seats: ViewerSeats;
  readonly #refusals: RefusalLog;
  readonly #recent = new RecentRefusals();
  #closed = false;

  constructor(options: WebSocketGateOptions) {
    this.#options = options;
    this.#seats = new ViewerSeats(options.limits);
    this.#refusals = new RefusalLog(options.log);
    // Without these listeners, ws would answer itself: without the headers of every answer, and unseen by the audit.
    for (const server of [this.#forWriters, this.#forReaders]) {
      server.on('wsClientError', ({ message }, socket, request) =>
        this.#refuse(request, socket, handshakeProblem(request, message)),
      );
    }
  }

  /** The viewers that are connected. */
  get transports(): Iterable<WebSocketTransport> {
    return this.#transports;
  }

  /** Seats of all viewers, also of those at other ports. */
  get seats(): ViewerSeats {
    return this.#seats;
  }

  /** Takes over a connection that requests an upgrade. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { log, peers, session } = this.#options;
    const onError = (error: Error): void => log.debug({ err: error }, 'websocket: lost before it was open');
    socket.on('error', onError);
    const stopLimit = limitRunningTime(this.#options.limits.upgradeMs, () => socket.destroy());
    socket.once('close', stopLimit);
    const hangUp = watchHangUp(socket);
    try {
      const ip = peers.address(request);
      const admitted = await this.#admit(request, hangUp.signal);
      await hangUp.stop();
      // Another right may be in force since.
      const user = callerNow(admitted, this.#options.accounts);
      if (user === undefined) throw httpProblem('HTTP_LOGIN_NEEDED');
      if (!user.read) throw httpProblem('HTTP_NO_READ');
      const block = peers.blockOf(ip);
      const refused = this.seatProblem(user, request);
      if (refused !== undefined) throw refused;
      socket.off('error', onError);
      const server = user.write ? this.#forWriters : this.#forReaders;
      server.handleUpgrade(request, socket, head, (webSocket) => {
        stopLimit();
        (socket as Socket).setNoDelay(true);
        this.#setCongestionControl(socket);
        webSocket.once('close', this.#seats.take(user.name, block));
        session.attach(this.#track(webSocket, socket), user, ip);
      });
    } catch (error) {
      await hangUp.stop();
      if (hangUp.signal.aborted) {
        log.debug('websocket: the caller hung up before the login was checked');
        socket.destroy();
        return;
      }
      const problem =
        error instanceof Problem ? error : (innerProblem(error) ?? httpProblem('HTTP_INTERNAL'));
      if (problem.status >= 500 && !(error instanceof Problem))
        log.error({ err: error }, 'websocket: upgrade failed');
      this.#refuse(request, socket, problem);
    }
  }

  /** The reason why this user cannot have another viewer at the request's address now; undefined if there is none. */
  seatProblem(user: User, request: IncomingMessage): Problem | undefined {
    const { peers, memory, session } = this.#options;
    const taken = session.refusal(user.name);
    if (taken !== undefined) return innerProblem(taken);
    const block = peers.blockOf(peers.address(request));
    const code = memory.isShort ? 'HTTP_MEMORY_SHORT' : this.#seats.refusal(user.name, block);
    if (code === undefined) return undefined;
    this.#refusals.note(code, block);
    return httpProblem(code, undefined, { headers: { 'Retry-After': RETRY_AFTER_S } });
  }

  /** Closes every connection, and cuts off peers that do not answer. */
  async close(): Promise<void> {
    this.#closed = true;
    const gone = [...this.#transports].map(
      (transport) => new Promise<void>((done) => transport.onClose(done)),
    );
    for (const transport of this.#transports) transport.end(GOING_AWAY, 'The server is stopping');
    await Promise.all(gone);
  }

  /** The reason why the last WebSocket of this browser was refused, if it is not the login. */
  takeRefusal(request: IncomingMessage): Problem | undefined {
    return this.#recent.take(this.#options.peers.address(request), request.headers['user-agent'] ?? '');
  }

  #refuse(request: IncomingMessage, socket: Duplex, problem: Problem): void {
    this.#options.onRefused?.(request, problem);
    if (problem.status !== UNAUTHORIZED)
      this.#recent.add(this.#options.peers.address(request), request.headers['user-agent'] ?? '', problem);
    endWith(socket, problem);
  }

  async #admit(request: IncomingMessage, hungUp: AbortSignal): Promise<Caller> {
    const { login, origins } = this.#options;
    if (this.#closed) throw httpProblem('HTTP_CLOSING');
    if (pathOf(request.url ?? '') !== WEBSOCKET_PATH) throw httpProblem('HTTP_NOT_FOUND');
    if (origins.isForeignOrigin(request)) throw httpProblem('HTTP_FOREIGN_PAGE', origins.mismatch(request));
    const user = login.byTicket(request) ?? (await login.byCookieOrPassword(request, hungUp));
    if (!user.read) throw httpProblem('HTTP_NO_READ');
    if (this.#closed) throw httpProblem('HTTP_CLOSING');
    return user;
  }

  #setCongestionControl(socket: Duplex): void {
    const { tcpCongestion: wanted, log } = this.#options;
    if (wanted === undefined) return;
    try {
      const used = setCongestionControl(socket, wanted);
      if (used !== wanted)
        log.debug({ wanted, used }, 'websocket: the system refused the congestion control');
    } catch (error) {
      log.debug({ err: error }, 'websocket: the congestion control cannot be set');
    }
  }

  #track(webSocket: WebSocket, socket: Duplex): WebSocketTransport {
    const transport = new WebSocketTransport(webSocket, socket, (bytes) => this.#options.onQueued?.(bytes));
    this.#transports.add(transport);
    webSocket.once('close', () => this.#transports.delete(transport));
    webSocket.on('error', (error) => this.#options.log.debug({ err: error }, 'websocket: broken'));
    return transport;
  }
}

/** Whether a request is for the WebSocket. Any other request with an `Upgrade` header is answered as plain HTTP. */
export function wantsWebSocket(upgrade: string | undefined, url: string): boolean {
  return upgrade?.toLowerCase() === 'websocket' && pathOf(url) === WEBSOCKET_PATH;
}

/** The refusal of a request that is no opening handshake of a WebSocket. `fault` is the text of ws. */
function handshakeProblem({ method }: IncomingMessage, fault: string): Problem {
  if (method !== 'GET') return httpProblem('HTTP_METHOD', undefined, { headers: { Allow: 'GET' } });
  const headers = { 'Sec-WebSocket-Version': WEBSOCKET_VERSIONS };
  return httpProblem('HTTP_BAD_REQUEST', `${fault}.`, { headers });
}

import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { Peers } from '../origin/peers.ts';
import { type HttpErrorCode, httpProblem, type Problem } from '../problems/errors.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { descriptorOf } from './descriptor-of.ts';
import { Descriptors } from './descriptors.ts';
import { HalfOpen } from './half-open.ts';
import { RefusalLog } from './refusal-log.ts';
import { Tally } from './tally.ts';

/**
 * Connections above a limit that are open for long enough to be told why. More are closed without an answer. A larger
 * number takes descriptors, a smaller one leaves callers without a reason.
 */
const MOST_TURNED_AWAY = 64;
/** Time in which such a connection has to send its request, in milliseconds. */
const TURN_AWAY_MS = 5000;
/** Seconds after which a refused caller may try again. */
const RETRY_AFTER_S = '10';

interface ConnectionGuardOptions {
  readonly peers: Peers;
  readonly limits: ConnectionLimits;
  readonly log: Logger;
}

/**
 * Counts the connections of a server, and keeps them within the limits. A connection above a limit finishes its TLS
 * handshake if it can, so that its first request can be answered with the reason.
 */
export class ConnectionGuard {
  readonly #options: ConnectionGuardOptions;
  readonly #descriptors: Descriptors;
  readonly #halfOpen: HalfOpen;
  readonly #open = new Tally();
  readonly #turnedAway = new Map<Socket, HttpErrorCode>();
  readonly #refusals: RefusalLog;

  /** Guards the connections that `server` accepts from now on. */
  constructor(server: Server, options: ConnectionGuardOptions) {
    const { limits, log } = options;
    this.#options = options;
    this.#refusals = new RefusalLog(log);
    this.#descriptors = new Descriptors({ log });
    this.#halfOpen = new HalfOpen({ limits, ended: (code, block) => this.#refusals.note(code, block) });
    // Before the server begins a handshake, which costs far more than the check.
    const starters = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (this.#accepts(socket)) for (const start of starters) start.call(server, socket);
    });
    server.on('secureConnection', (socket) => this.#secured(socket));
  }

  /** The reason why the requests of a connection are refused; undefined if they are not. */
  refusal(socket: Socket): Problem | undefined {
    const code = this.#turnedAway.get(socket);
    return (
      code && httpProblem(code, undefined, { headers: { 'Retry-After': RETRY_AFTER_S, Connection: 'close' } })
    );
  }

  /** Stops the timers. Connections that arrive later are no longer watched. */
  close(): void {
    this.#descriptors.close();
    this.#halfOpen.close();
  }

  #accepts(socket: Socket): boolean {
    if (this.#descriptors.refuses(descriptorOf(socket))) socket.destroy();
    else this.#halfOpen.add(socket, this.#blockOf(socket));
    return !socket.destroyed;
  }

  #secured(socket: TLSSocket): void {
    this.#halfOpen.finished(socket);
    const block = this.#blockOf(socket);
    const { connections, connectionsOfAddress } = this.#options.limits;
    if (this.#open.total >= connections) this.#turnAway(socket, 'HTTP_CONNECTIONS_FULL', block);
    else if (this.#open.of(block) >= connectionsOfAddress)
      this.#turnAway(socket, 'HTTP_ADDRESS_CONNECTIONS_FULL', block);
    else socket.once('close', this.#open.add(block));
  }

  #turnAway(socket: TLSSocket, code: HttpErrorCode, block: string | undefined): void {
    this.#refusals.note(code, block);
    if (this.#turnedAway.size >= MOST_TURNED_AWAY) {
      socket.destroy();
      return;
    }
    this.#turnedAway.set(socket, code);
    const timer = setTimeout(() => socket.destroy(), TURN_AWAY_MS).unref();
    socket.once('close', () => {
      clearTimeout(timer);
      this.#turnedAway.delete(socket);
    });
  }

  #blockOf(socket: Socket): string | undefined {
    return this.#options.peers.blockOf(socket.remoteAddress ?? '');
  }
}

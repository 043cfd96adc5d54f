import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Peers } from '../origin/peers.ts';
import { type HttpErrorCode, httpProblem, type Problem } from '../problems/errors.ts';
import { AddressRates, connectRate } from './address-rates.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { descriptorOf } from './descriptor-of.ts';
import { Descriptors } from './descriptors.ts';
import { HalfOpen } from './half-open.ts';
import type { MemoryShortage } from './memory-shortage.ts';
import { OpenConnections } from './open-connections.ts';
import { Pipelines } from './pipelines.ts';
import { RefusalLog } from './refusal-log.ts';

/** Seconds after which a refused caller may try again. */
const RETRY_AFTER_S = '10';

interface ConnectionGuardOptions {
  readonly peers: Peers;
  readonly limits: ConnectionLimits;
  readonly memory: MemoryShortage;
  readonly log: Logger;
  /** Begins with a connection that is let in. */
  readonly begin: (socket: Socket) => void;
  /**
   * The time for the handshake of a connection is up. Returns whether its peer was sent something that it may answer.
   */
  readonly timeIsUp: (socket: Socket) => boolean;
}

/**
 * Counts the connections of a server and the requests in them, and keeps them within the limits. A connection above a
 * limit finishes its TLS handshake if it can, so that its first request can be answered with the reason.
 */
export class ConnectionGuard {
  readonly #options: ConnectionGuardOptions;
  readonly #descriptors: Descriptors;
  readonly #connects: AddressRates;
  readonly #strangers: AddressRates;
  readonly #halfOpen: HalfOpen;
  readonly #open: OpenConnections;
  readonly #pipelines: Pipelines;
  readonly #turnedAway = new Map<Socket, HttpErrorCode>();
  readonly #refusals: RefusalLog;

  /** Guards the connections that `server` accepts from now on, and their requests. */
  constructor(server: Server, options: ConnectionGuardOptions) {
    const { limits, log, timeIsUp } = options;
    this.#options = options;
    this.#refusals = new RefusalLog(log);
    this.#descriptors = new Descriptors({ log });
    this.#connects = new AddressRates(connectRate(limits));
    this.#strangers = new AddressRates(connectRate(limits));
    this.#halfOpen = new HalfOpen({
      limits,
      timeIsUp,
      ended: (code, block) => this.#refusals.note(code, block),
    });
    this.#open = new OpenConnections({
      limits,
      madeWay: (block) => this.#refusals.note('HTTP_CONNECTIONS_FULL', block),
    });
    this.#pipelines = new Pipelines({
      most: limits.unansweredRequests,
      answerMs: limits.answerStallMs,
      setIdle: (socket, isIdle) => this.#open.setIdle(socket, isIdle),
      flooded: (socket) => this.#refusals.note('HTTP_PIPELINE_FULL', this.#blockOf(socket)),
    });
    // Before the server begins a handshake, which costs far more than the check.
    server.on('connection', (socket: Socket) => {
      if (this.#accepts(socket)) options.begin(socket);
    });
    server.on('secureConnection', (socket) => this.#secured(socket));
    server.prependListener('request', (request, response) => this.#pipelines.add(request, response));
    server.prependListener('checkExpectation', (request, response) => this.#pipelines.add(request, response));
    server.on('upgrade', ({ socket }) => this.#open.setIdle(socket, false));
  }

  /** Whether the next request of a connection is one too many. */
  isFull(socket: Socket): boolean {
    return this.#pipelines.isFull(socket);
  }

  /** Ends a connection that has sent too many requests, after its answers. */
  endFlood(socket: Socket): void {
    this.#pipelines.end(socket);
  }

  /**
   * Counts an answer to a request without a login. Returns whether the connection may stay open; otherwise its peer has
   * to connect again, which is limited.
   */
  mayStay(socket: Socket): boolean {
    return this.#strangers.admits(this.#blockOf(socket));
  }

  /** The reason why the requests of a connection are refused; undefined if they are not. */
  refusal(socket: Socket): Problem | undefined {
    const code = this.#turnedAway.get(socket);
    return (
      code && httpProblem(code, undefined, { headers: { 'Retry-After': RETRY_AFTER_S, Connection: 'close' } })
    );
  }

  /** A connection is ended because it speaks another protocol than its place. */
  protocolRefused(socket: Socket, protocol: string, expected: string): void {
    this.#refusals.noteCaller('HTTP_OTHER_PROTOCOL', this.#options.peers.neighbour(socket), {
      protocol,
      expected,
    });
  }

  /** Whether a connection to another port may begin, which counts for `block`. Destroys it if not. */
  admits(socket: Socket, block: string): boolean {
    return this.#mayBegin(socket, block);
  }

  /**
   * Counts a connection to another port, whose handshake is finished. Returns the reason if there is no room for it.
   */
  enter(socket: Socket, block: string): HttpErrorCode | undefined {
    if (this.#options.memory.isShort) return 'HTTP_MEMORY_SHORT';
    const code = this.#open.add(socket, block);
    if (code === undefined) this.#open.setIdle(socket, false);
    return code;
  }

  /** Stops the timers. Connections that arrive later are no longer watched. */
  close(): void {
    this.#descriptors.close();
    this.#halfOpen.close();
  }

  #accepts(socket: Socket): boolean {
    const block = this.#blockOf(socket);
    if (this.#mayBegin(socket, block)) this.#halfOpen.add(socket, block);
    return !socket.destroyed;
  }

  #mayBegin(socket: Socket, block: string | undefined): boolean {
    if (this.#descriptors.refuses(descriptorOf(socket))) socket.destroy();
    else if (!this.#connects.admits(block)) {
      // To tell the reason would take the handshake that is to be saved.
      this.#refusals.note('HTTP_ADDRESS_CONNECTS_OFTEN', block);
      socket.destroy();
    }
    // What is found is known when the handshake is finished.
    if (!socket.destroyed) void this.#options.memory.look();
    return !socket.destroyed;
  }

  #secured(socket: Socket): void {
    this.#halfOpen.finished(socket);
    const block = this.#blockOf(socket);
    const { memory } = this.#options;
    const code = memory.isShort ? 'HTTP_MEMORY_SHORT' : this.#open.add(socket, block);
    if (code !== undefined) this.#turnAway(socket, code, block);
  }

  #turnAway(socket: Socket, code: HttpErrorCode, block: string | undefined): void {
    this.#refusals.note(code, block);
    const { turnedAway, turnAwayMs } = this.#options.limits;
    if (this.#turnedAway.size >= turnedAway) {
      socket.destroy();
      return;
    }
    this.#turnedAway.set(socket, code);
    const timer = setTimeout(() => socket.destroy(), turnAwayMs).unref();
    socket.once('close', () => {
      clearTimeout(timer);
      this.#turnedAway.delete(socket);
    });
  }

  #blockOf(socket: Socket): string | undefined {
    const { peers } = this.#options;
    return peers.blockOf(peers.neighbour(socket) ?? '');
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

interface PipelinesOptions {
  /** Requests of one connection that may wait for their answers. */
  readonly most: number;
  /** Time for the answers to those before the excess, in milliseconds. */
  readonly answerMs: number;
  /** A connection has a request in progress, or none any more. */
  readonly setIdle: (socket: Socket, isIdle: boolean) => void;
  /** A connection has sent too many requests. */
  readonly flooded: (socket: Socket) => void;
}

/**
 * Counts the requests of each connection that wait for their answers. One read of 64 KiB can have 2,000 requests in it,
 * which Node.js hands on in one turn of the event loop. Of too many requests, the first are answered; then the
 * connection ends, which tells the client to send the others again (RFC 9112, 9.3.2).
 */
export class Pipelines {
  readonly #options: PipelinesOptions;
  readonly #unanswered = new WeakMap<Duplex, Set<ServerResponse>>();
  readonly #flooded = new WeakSet<Duplex>();

  constructor(options: PipelinesOptions) {
    this.#options = options;
  }

  /** Whether a connection may send no other request now. */
  isFull(socket: Socket): boolean {
    return (this.#unanswered.get(socket)?.size ?? 0) >= this.#options.most;
  }

  /** Counts a request that will be answered. */
  add({ socket }: IncomingMessage, response: ServerResponse): void {
    const unanswered = this.#unanswered.get(socket) ?? new Set();
    this.#unanswered.set(socket, unanswered);
    if (unanswered.size === 0) this.#options.setIdle(socket, false);
    unanswered.add(response);
    response.once('close', () => {
      unanswered.delete(response);
      if (unanswered.size > 0) return;
      if (this.#flooded.has(socket)) socket.destroySoon();
      else this.#options.setIdle(socket, true);
    });
  }

  /** Ends a connection, from which nothing is read any more, after its answers. */
  end(socket: Socket): void {
    this.#flooded.add(socket);
    this.#options.flooded(socket);
    // Node.js has taken its own listeners from the socket.
    socket.on('error', () => {});
    const timer = setTimeout(() => socket.destroy(), this.#options.answerMs).unref();
    socket.once('close', () => clearTimeout(timer));
  }
}

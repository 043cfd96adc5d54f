import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface PipelinesOptions {
  /** Requests of one connection that may wait for their answers. */
  readonly most: number;
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
  readonly #unanswered = new WeakMap<Socket, number>();
  readonly #flooded = new WeakSet<Socket>();

  constructor(options: PipelinesOptions) {
    this.#options = options;
  }

  /** Counts a request. Returns whether it is to be answered. */
  takes({ socket }: IncomingMessage, response: ServerResponse): boolean {
    // Node.js hands on what it has read of a connection that was destroyed meanwhile.
    if (socket.destroyed || this.#flooded.has(socket)) return false;
    const { most, setIdle, flooded } = this.#options;
    const unanswered = this.#unanswered.get(socket) ?? 0;
    if (unanswered >= most) {
      this.#flooded.add(socket);
      flooded(socket);
      return false;
    }
    this.#unanswered.set(socket, unanswered + 1);
    if (unanswered === 0) setIdle(socket, false);
    response.once('close', () => this.#answered(socket));
    return true;
  }

  #answered(socket: Socket): void {
    const unanswered = (this.#unanswered.get(socket) ?? 1) - 1;
    this.#unanswered.set(socket, unanswered);
    if (unanswered > 0) return;
    if (this.#flooded.has(socket)) socket.destroySoon();
    else this.#options.setIdle(socket, true);
  }
}

import type { Socket } from 'node:net';
import type { ConnectionLimits } from './connection-limits.ts';
import { Tally } from './tally.ts';

/** Reason for which there is no room for a connection. */
type Full = 'HTTP_CONNECTIONS_FULL' | 'HTTP_ADDRESS_CONNECTIONS_FULL';

interface OpenOptions {
  readonly limits: Pick<ConnectionLimits, 'connections' | 'connectionsOfAddress'>;
  /** Called with each connection that makes way for another one. */
  readonly madeWay: (block: string | undefined) => void;
}

interface Entry {
  readonly block: string | undefined;
  readonly release: () => void;
}

/**
 * The connections that have finished their TLS handshake. When there are too many, the one that has been idle for the
 * longest time makes way, of the address that has most. So a peer with many addresses cannot keep all others out by
 * connections that wait for nothing. Connections with a request in progress, and viewers, never make way.
 */
export class OpenConnections {
  readonly #options: OpenOptions;
  readonly #tally = new Tally();
  readonly #entries = new Map<Socket, Entry>();
  /** The idle connections by address, those that are idle for the longest time first. */
  readonly #idle = new Map<string, Set<Socket>>();

  constructor(options: OpenOptions) {
    this.#options = options;
  }

  /** Adds a connection, which is idle. Returns the reason if there is no room for it. */
  add(socket: Socket, block: string | undefined): Full | undefined {
    const { connections, connectionsOfAddress } = this.#options.limits;
    if (this.#tally.of(block) >= connectionsOfAddress) return 'HTTP_ADDRESS_CONNECTIONS_FULL';
    if (this.#tally.total >= connections && !this.#makeRoom(block)) return 'HTTP_CONNECTIONS_FULL';
    this.#entries.set(socket, { block, release: this.#tally.add(block) });
    this.setIdle(socket, true);
    socket.once('close', () => this.#remove(socket));
    return undefined;
  }

  /** The connection has a request in progress or is a viewer's, or neither any more. */
  setIdle(socket: Socket, isIdle: boolean): void {
    const block = this.#entries.get(socket)?.block;
    if (block === undefined) return;
    const idle = this.#idle.get(block) ?? new Set();
    idle.delete(socket);
    if (isIdle) idle.add(socket);
    if (idle.size > 0) this.#idle.set(block, idle);
    else this.#idle.delete(block);
  }

  /** Ends a connection of an address that has more than `newcomer`. Returns whether there was one. */
  #makeRoom(newcomer: string | undefined): boolean {
    let most = this.#tally.of(newcomer);
    let found: Socket | undefined;
    for (const [block, [oldest]] of this.#idle) {
      const count = this.#tally.of(block);
      if (count > most) [most, found] = [count, oldest];
    }
    if (found === undefined) return false;
    this.#options.madeWay(this.#entries.get(found)?.block);
    this.#remove(found);
    found.destroy();
    return true;
  }

  #remove(socket: Socket): void {
    this.setIdle(socket, false);
    this.#entries.get(socket)?.release();
    this.#entries.delete(socket);
  }
}

import type { Socket } from 'node:net';
import { limitRunningTime } from '../../common/running-time-limit.ts';
import { isUnixSocket } from '../origin/unix-sockets.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { Tally } from './tally.ts';

/**
 * Milliseconds that a connection whose time is up has left for its last words. A larger value keeps silent peers
 * longer; a smaller one leaves a VNC viewer on a slow link without the reason.
 */
const LAST_WORDS_MS = 3000;

/** Reason for which a half-open connection was ended. */
type HalfOpenEnd = 'HTTP_HANDSHAKE_TIMED_OUT' | 'HTTP_HALF_OPEN_FULL' | 'HTTP_ADDRESS_HALF_OPEN_FULL';

interface HalfOpenOptions {
  readonly limits: Pick<ConnectionLimits, 'handshakeMs' | 'halfOpen' | 'halfOpenOfAddress'>;
  /** The time of a connection is up. Returns whether its peer was sent something that it may answer. */
  readonly timeIsUp?: (socket: Socket) => boolean;
  /** Called with each connection that is ended here. */
  readonly ended: (reason: HalfOpenEnd, block: string | undefined) => void;
}

type EntryKey = string | Socket;

interface Entry {
  readonly socket: Socket;
  readonly block: string | undefined;
  readonly release: () => void;
  stopLimit: () => void;
}

/**
 * The connections whose TLS handshake is not finished, or whose first bytes have not come. Destroys those that take too
 * long: Node.js has a limit for the time between two bytes alone, and leaves the connection open afterwards. When there
 * are too many, the oldest one makes way, because a handshake that will be finished seldom is the oldest. A real caller
 * gets in during a flood that way, while refusing new connections would keep everyone out.
 */
export class HalfOpen {
  readonly #options: HalfOpenOptions;
  readonly #tally = new Tally();
  /** By both ends of the connection, oldest first. */
  readonly #entries = new Map<EntryKey, Entry>();

  constructor(options: HalfOpenOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Adds a connection. `block` is the address for which it counts, if any. */
  add(socket: Socket, block: string | undefined): void {
    const key = endsOf(socket);
    if (key === undefined) {
      // The peer has gone already.
      socket.destroy();
      return;
    }
    // One that had the same ends is over, although its socket has not said so yet.
    this.#remove(key);
    const { limits } = this.#options;
    if (this.#tally.of(block) >= limits.halfOpenOfAddress)
      this.#endOldest('HTTP_ADDRESS_HALF_OPEN_FULL', block);
    if (this.#tally.total >= limits.halfOpen) this.#endOldest('HTTP_HALF_OPEN_FULL');
    const stopLimit = limitRunningTime(limits.handshakeMs, () => this.#timeIsUp(key));
    this.#entries.set(key, { socket, block, release: this.#tally.add(block), stopLimit });
    socket.once('close', () => {
      if (this.#entries.get(key)?.socket === socket) this.#remove(key);
    });
  }

  /** The handshake is finished. `socket` may be the TLS socket above the connection. */
  finished(socket: Socket): void {
    const key = endsOf(socket);
    if (key !== undefined) this.#remove(key);
  }

  /** Ends no connection, and stops all timers. */
  close(): void {
    for (const key of [...this.#entries.keys()]) this.#remove(key);
  }

  #timeIsUp(key: EntryKey): void {
    const entry = this.#entries.get(key);
    const end = (): void => this.#end(key, 'HTTP_HANDSHAKE_TIMED_OUT');
    if (entry && this.#options.timeIsUp?.(entry.socket))
      entry.stopLimit = limitRunningTime(LAST_WORDS_MS, end);
    else end();
  }

  #endOldest(reason: HalfOpenEnd, block?: string): void {
    for (const [key, entry] of this.#entries) {
      if (block !== undefined && entry.block !== block) continue;
      this.#end(key, reason);
      return;
    }
  }

  #end(key: EntryKey, reason: HalfOpenEnd): void {
    const entry = this.#remove(key);
    if (!entry) return;
    entry.socket.destroy();
    this.#options.ended(reason, entry.block);
  }

  #remove(key: EntryKey): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    entry.stopLimit();
    entry.release();
    return entry;
  }
}

/**
 * Both ends of a connection, which a TLS socket and the connection below it have in common: Node.js has no public way
 * from one to the other. Undefined if the peer has gone.
 */
function endsOf(socket: Socket): EntryKey | undefined {
  // It has no addresses, and no TLS.
  if (isUnixSocket(socket)) return socket;
  const { remoteAddress, remotePort, localAddress } = socket;
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort} ${localAddress}`;
}

import type { Socket } from 'node:net';

/** Takes the place of a caller after a wrong password. */
const SPOILT = '';

/**
 * Remembers over which connections a caller has logged in. A program that keeps its connection is thereby not delayed
 * by guessers at its address, who have connections of their own. One wrong password spoils a connection for good,
 * because a proxy may send the requests of a guesser over the connection of a user.
 */
export class ProvenConnections {
  readonly #callers = new WeakMap<Socket, string>();

  /** Whether this caller has logged in over this connection, and no login over it was wrong. */
  isProven(socket: Socket, name: string, address: string): boolean {
    return this.#callers.get(socket) === callerOf(name, address);
  }

  /** Remembers a login that was right. */
  prove(socket: Socket, name: string, address: string): void {
    if (this.#callers.get(socket) !== SPOILT) this.#callers.set(socket, callerOf(name, address));
  }

  /** Remembers that a login was wrong. */
  spoil(socket: Socket): void {
    this.#callers.set(socket, SPOILT);
  }
}

/** A name has no colon. */
const callerOf = (name: string, address: string): string => `${name}:${address}`;

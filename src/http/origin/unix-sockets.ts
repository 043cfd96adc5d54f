import type { Duplex } from 'node:stream';

const sockets = new WeakSet<Duplex>();

/** Remembers that a connection came over a Unix socket. Such a connection has no address to tell it by. */
export function markUnixSocket(socket: Duplex): void {
  sockets.add(socket);
}

/** Whether a connection came over a Unix socket, whose permissions have let the caller in. */
export function isUnixSocket(socket: Duplex): boolean {
  return sockets.has(socket);
}

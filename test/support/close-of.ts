import type { Duplex } from 'node:stream';

/**
 * Resolves when a socket has closed, whether with an error or without: a server that closes a connection before it has
 * read all that came resets it. `once` of node:events rejects then.
 */
export function closeOf(socket: Duplex): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.once('close', () => resolve());
  });
}

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Has a server that closes leave each connection open until the answers on it have left. By itself, Node.js takes an
 * answer for sent as soon as its end was written. It destroys the connection then, and with it the bytes that TLS or the
 * kernel has not taken yet: a stream of events, or a picture for a slow reader, would be cut off in place of being ended.
 */
export function closeAfterAnswers(server: Pick<Server, 'on' | 'closeIdleConnections'>): void {
  /** Answers that have not left, by connection. Connections that have never sent a request are not in it. */
  const answers = new Map<Socket, number>();
  let isClosing = false;
  const count = (socket: Socket, by: 1 | -1): void => {
    const before = answers.get(socket);
    if (before === undefined) socket.once('close', () => answers.delete(socket));
    const now = (before ?? 0) + by;
    answers.set(socket, now);
    if (isClosing && now === 0) socket.destroySoon();
  };
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.once('close', () => {
      if (!socket.destroyed) count(socket, -1);
    });
  });
  server.on('upgrade', ({ socket }) => answers.delete(socket));
  // Called by the server's own `close`, too.
  server.closeIdleConnections = () => {
    isClosing = true;
    for (const [socket, under] of answers) if (under === 0) socket.destroy();
  };
}

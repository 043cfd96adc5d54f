import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';

/** What a viewer's WebSocket begins with. */
export const GREETING = 'RFB 003.008\n';

/**
 * Opens a viewer's WebSocket and ends it. Resolves with its first message, or with the status with which the server
 * refused it.
 */
export async function webSocketGreeting(
  url: string | URL,
  options: Pick<ClientOptions, 'ca' | 'headers'>,
): Promise<string | number> {
  const socket = new WebSocket(url, 'binary', options);
  try {
    return await Promise.race([
      once(socket, 'message').then(([data]) => String(data)),
      once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number),
    ]);
  } finally {
    socket.on('error', () => {}).terminate();
  }
}

import type { Size } from '../../src/pixels/rect.ts';
import { startDeskwire } from '../../test/support/start-deskwire.ts';
import type { Peer } from './peer.ts';

/** Starts Deskwire as a user does, over TLS. Its desktop shows only what the bench paints. */
export async function startDeskwirePeer(size: Size): Promise<Peer> {
  const server = await startDeskwire({
    flags: ['--size', `${size.width}x${size.height}`, '--max-fps', '60', '--run', 'true'],
  });
  return {
    name: 'deskwire',
    pid: server.pid,
    display: server.display,
    environment: server.xEnvironment(),
    target: { kind: 'websocket', url: server.url, ca: server.ca, user: server.owner },
    close: async () => {
      await server.stop();
    },
  };
}

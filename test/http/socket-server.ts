import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { ListenPlace } from '../../src/config/listen-place.ts';
import { ContractServer, type ContractServerOptions, type Login } from '../api/contract-server.ts';

/** What a viewer's WebSocket begins with. */
export const GREETING = 'RFB 003.008\n';

export const basic = ({ name, password }: Login): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

/** Starts a server on a Unix socket of its own, after `more` places. It ends with the test. */
export async function startOnSocket(
  t: TestContext,
  options: ContractServerOptions = {},
  more: readonly ListenPlace[] = [],
): Promise<{ readonly server: ContractServer; readonly socketPath: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-socket-'));
  const socketPath = join(folder, 'desk.sock');
  const server = await ContractServer.start({
    ...options,
    listen: [...more, { kind: 'unix', path: socketPath }],
  });
  t.after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  return { server, socketPath };
}

/** The first message of a viewer's WebSocket, or the status of a refusal. */
export async function viewer(url: string, headers: Record<string, string>): Promise<string | number> {
  const socket = new WebSocket(url, 'binary', { headers });
  try {
    return await Promise.race([
      once(socket, 'message').then(([data]) => String(data)),
      once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number),
    ]);
  } finally {
    socket.on('error', () => {}).terminate();
  }
}

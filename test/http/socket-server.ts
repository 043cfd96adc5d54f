import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ListenPlace } from '../../src/config/listen-place.ts';
import { ContractServer, type ContractServerOptions, type Login } from '../api/contract-server.ts';
import { webSocketGreeting } from '../support/websocket-greeting.ts';

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
export const viewer = (url: string, headers: Record<string, string>): Promise<string | number> =>
  webSocketGreeting(url, { headers });

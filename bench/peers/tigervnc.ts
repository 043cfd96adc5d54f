import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Readable } from 'node:stream';
import type { Size } from '../../src/pixels/rect.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { Peer } from './peer.ts';

/** Starts Debian's TigerVNC server: X server and VNC server in one process. Plain TCP, no password, loopback only. */
export async function startTigerVnc(size: Size): Promise<Peer> {
  const port = await freePort();
  const child = spawn(
    'Xtigervnc',
    [
      ...['-displayfd', '3', '-geometry', `${size.width}x${size.height}`, '-depth', '24'],
      ...['-rfbport', String(port), '-localhost', '-SecurityTypes', 'None', '-AlwaysShared'],
      ...['-FrameRate', '60', '-nolisten', 'tcp', '-noreset'],
    ],
    // A session of its own, as Deskwire's X server has: Linux may divide the cores among sessions (autogroups).
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true },
  );
  const failed = once(child, 'error').then(([error]) => {
    throw new Error('TigerVNC does not start; Debian has it as tigervnc-standalone-server.', {
      cause: error,
    });
  });
  const display = await Promise.race([firstLine(child.stdio[3] as Readable), failed]);
  failed.catch(() => {});
  await waitFor('TigerVNC to listen', () => canConnect(port));
  return {
    name: 'tigervnc',
    pid: child.pid!,
    display: `:${display}`,
    environment: process.env,
    target: { kind: 'tcp', port },
    close: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

async function firstLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const part of stream) {
    text += part;
    if (text.includes('\n')) break;
  }
  if (!text.includes('\n')) throw new Error('TigerVNC ended before it named its display.');
  return text.slice(0, text.indexOf('\n'));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

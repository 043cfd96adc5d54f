import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Ports below this one belong to well-known services, and may need privileges. */
const FIRST_PORT = 10_000;
const EPHEMERAL_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';
const TRIES = 100;

/**
 * Returns a free TCP port that the kernel gives to no connection and to no listener that takes any port. A server that
 * ends can listen on it again, whatever other programs do meanwhile.
 */
export async function stablePort(): Promise<number> {
  const [endPort = 0] = readFileSync(EPHEMERAL_RANGE, 'utf8').trim().split(/\s+/).map(Number);
  const ports = endPort - FIRST_PORT;
  if (ports <= 0) throw new Error(`${EPHEMERAL_RANGE} leaves no port from ${FIRST_PORT} on.`);
  for (let i = 0; i < TRIES; i++) {
    const port = FIRST_PORT + Math.floor(Math.random() * ports);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${TRIES} ports was free.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

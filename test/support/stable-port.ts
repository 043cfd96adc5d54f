import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Ports below this one belong to well-known services, and may need privileges. */
const FIRST_PORT = 10_000;
const EPHEMERAL_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';
const TRIES = 100;
/**
 * Shares of the ports, one of which a process has by its id. A larger value leaves each process fewer ports; with 1, two
 * tests that run at the same time may be given the same port before either listens on it.
 */
const SHARES = 16;

/** Ports that this process has been given. Nothing may listen on one of them yet. */
const given = new Set<number>();

/**
 * Returns a free TCP port that the kernel gives to no connection and to no listener that takes any port. A server that
 * ends can listen on it again, whatever other programs do meanwhile.
 */
export async function stablePort(): Promise<number> {
  const [endPort = 0] = readFileSync(EPHEMERAL_RANGE, 'utf8').trim().split(/\s+/).map(Number);
  const ports = Math.floor((endPort - FIRST_PORT) / SHARES);
  if (ports <= 0) throw new Error(`${EPHEMERAL_RANGE} leaves no port from ${FIRST_PORT} on.`);
  for (let i = 0; i < TRIES; i++) {
    const port = FIRST_PORT + Math.floor(Math.random() * ports) * SHARES + (process.pid % SHARES);
    if (given.has(port) || !(await isFree(port)) || given.has(port)) continue;
    given.add(port);
    return port;
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

import { once } from 'node:events';
import { accessSync, constants, lstatSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Config } from '../../config/config.ts';
import { type Finding, failed, ok, reasonOf, warning } from './finding.ts';

/** What to do about errors of listen(2). */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'choose another --port, or end the program that listens; a Deskwire that runs does so too',
  EACCES: 'choose a --port from 1024 on, or give the process CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'give an address of this machine with --listen',
  ENOTFOUND: 'give an address of this machine with --listen',
};

/** Checks that the server can listen, by listening for a moment, and that the congestion control exists. */
export async function checkNetwork(
  config: Pick<Config, 'listen' | 'port' | 'tcpCongestion'>,
): Promise<Finding[]> {
  const places = config.listen.map((place) =>
    place.kind === 'unix' ? checkSocket(place.path) : checkPort(place.host, place.port ?? config.port),
  );
  return [...(await Promise.all(places)), ...checkCongestion(config.tcpCongestion)];
}

async function checkPort(host: string, port: number): Promise<Finding> {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return ok('port', port === 0 ? `any free one of ${host}` : `${place} is free`);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return failed('port', reasonOf(error), REMEDIES[code] ?? 'choose another --listen or --port');
  } finally {
    server.close();
  }
}

/** Checks the place of a Unix socket, without making one. */
async function checkSocket(path: string): Promise<Finding> {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    return failed('socket', reasonOf(error), `make the folder ${dirname(path)} for this account`);
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return ok('socket', `${path} is free`);
  const remedy = 'choose another --listen unix:PATH';
  if (!found.isSocket()) return failed('socket', `${path} is there and is no socket`, remedy);
  const socket = connect({ path });
  try {
    await once(socket, 'connect');
    return failed('socket', `a program listens on ${path}`, `${remedy}, or end that program`);
  } catch {
    return ok('socket', `${path} is of a program that has ended, and will be replaced`);
  } finally {
    socket.destroy();
  }
}

function checkCongestion(name: string | undefined): Finding[] {
  if (name === undefined) return [];
  const known = textOf('/proc/sys/net/ipv4/tcp_available_congestion_control');
  if (known === undefined || known.split(/\s+/).includes(name)) return [ok('congestion', name)];
  const detail = `this system has no ${name}, only ${known.trim()}`;
  return [warning('congestion', detail, `run modprobe tcp_${name} as root, or leave out --tcp-congestion`)];
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

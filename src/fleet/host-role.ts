import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Passages } from './edge/passages.ts';
import type { PortRange } from './host/desktop-ports.ts';
import { Host } from './host/host.ts';
import { hostCertificate } from './host/host-certificate.ts';
import { IdleTimes } from './host/idle-times.ts';
import { introduceHost } from './host/introduce-host.ts';
import type { FleetHost } from './store/fleet-state.ts';
import type { Heart } from './store/heart.ts';
import type { FleetStore } from './store/store.ts';

/** What a process does as a host: it runs desktops on this machine. */
export interface HostRole {
  readonly name: string;
  /** Desktops that may run at a time. */
  readonly capacity: number;
  /** Where edges on other machines reach its desktops. Undefined: only the edge in this process does. */
  readonly address: string | undefined;
  /** TCP ports of its desktops there. */
  readonly ports: PortRange;
  /** The only desktop that it runs, if that was started from outside. */
  readonly only?: string;
}

export interface HostParts {
  readonly config: Config;
  readonly program: string;
  readonly store: FleetStore;
  readonly heart: Heart;
  readonly passages: Passages;
  readonly log: Logger;
}

/** Starts what a host is made of, with its first report. `started` ends it. Throws FLEET_NODE_NAME_TAKEN. */
export async function startHostRole(
  started: AsyncDisposableStack,
  { name, capacity, address, ports, only }: HostRole,
  { config, program, store, heart, passages, log }: HostParts,
): Promise<Host> {
  const { data } = config;
  const certificate = address === undefined ? undefined : await hostCertificate(data);
  const introduction: FleetHost = {
    ...{ name, capacity, instance: await instanceOf(data) },
    ...(only !== undefined && { only }),
    ...(address !== undefined && { address, certificate: certificate!.digest }),
  };
  const isKnown = await introduceHost(store, introduction);
  let host: Host | undefined;
  // Nobody has told its desktops of anything yet.
  heart.version = () => host?.version ?? 0;
  await heart.start();
  started.defer(async () => {
    await heart.close();
    // A host whose desktops run on leaves its last report, and has them back within its lease.
    if (!hasDesktops(store, name))
      await store.leave(name).catch((err) => log.warn({ err }, 'The store is not told of the end'));
  });
  heart.on('beat', () => {
    // An operator has removed it while it was silent.
    if (!store.state.host.has(name))
      void introduceHost(store, introduction).catch((err) =>
        log.warn({ err }, 'The store does not take the host'),
      );
  });
  const idle = new IdleTimes(heart, (desktop) => passages.idleSinceMs(desktop));
  started.defer(() => idle.close());
  host = await Host.start({
    ...{ store, heart, isKnown, ownsAlways: only !== undefined },
    ...{ name, data, program, log, basePath: config.basePath ?? '' },
    reach: certificate && address !== undefined ? { address, ports, certificate } : undefined,
    idleSinceMs: (desktop) => idle.sinceMs(desktop),
  });
  const begun = host;
  started.defer(() => begun.close());
  return begun;
}

/** Whether a host has desktops that may run. */
const hasDesktops = ({ state }: FleetStore, name: string): boolean =>
  [...state.desktop.values()].some(({ host, status }) => host === name && status.state !== 'ended');

/** A text that tells this data folder from those of all other hosts. It is made once. */
async function instanceOf(data: string): Promise<string> {
  const file = join(data, 'host-instance');
  const made = randomUUID();
  await writeFile(file, `${made}\n`, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return (await readFile(file, 'utf8')).trim();
}

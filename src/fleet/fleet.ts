import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { ensureOwner, type MadeOwner } from '../accounts/first-owner.ts';
import { StoredAccounts } from '../accounts/stored-accounts.ts';
import { openAudit, usersChanged } from '../audit/open-audit.ts';
import type { Config } from '../config/config.ts';
import { speaksPlainHttp } from '../config/listen-place.ts';
import { loadCertificate } from '../http/tls/certificate.ts';
import { certificateNames } from '../http/tls/certificate-names.ts';
import { keepCertificate } from '../http/tls/keep-certificate.ts';
import { Passages } from './edge/passages.ts';
import { placeIn } from './edge/place-in.ts';
import { Staleness } from './edge/staleness.ts';
import { keepFleetAddress } from './fleet-address.ts';
import { openFleetServer } from './fleet-server.ts';
import { placesOf } from './host/desktop-places.ts';
import type { Host } from './host/host.ts';
import { type HostRole, startHostRole } from './host-role.ts';
import { type JoinRole, joinedHostName, startJoined } from './join-role.ts';
import { fleetProblem } from './store/errors.ts';
import { holdLock } from './store/fleet-lock.ts';
import { FleetUsers } from './store/fleet-users.ts';
import { Heart } from './store/heart.ts';
import { openStore, type StorePlace } from './store/open-store.ts';
import { Reaper } from './store/reaper.ts';
import { concernsRights } from './store/rights.ts';
import type { FleetStore } from './store/store.ts';

/** What a process does as an edge: it has the port, the logins and the page. */
export interface EdgeRole {
  /** Tells it from other edges. */
  readonly name: string;
  readonly maxStaleMs: number;
  readonly blankAfterMs: number | undefined;
  readonly adminPassword: string | undefined;
}

export interface FleetOptions {
  readonly config: Config;
  /** Where the store is. Undefined: in the data folder. */
  readonly place: StorePlace | undefined;
  /** One of these, or `edge` and `host`. */
  readonly edge?: EdgeRole;
  readonly host?: HostRole;
  readonly join?: JoinRole;
  /** The `deskwire` command, with which desktops are started. */
  readonly program: string;
  readonly log: Logger;
}

/** A process of a fleet that runs. */
export interface RunningFleet {
  /** All addresses. None without an edge. */
  readonly urls: readonly string[];
  /** The admin that was made because there was none. Has the password if it was generated, to show it once. */
  readonly newAdmin: MadeOwner | undefined;
  /** Desktops that it has found or started. */
  readonly desktops: number;
  /** Ends this process's part of the fleet. Desktops run on, but for one that was started from outside. */
  close(): Promise<void>;
}

/** Starts a process of a fleet: an edge, a host, or both. Closes all of it again if one fails. */
export async function startFleet(options: FleetOptions): Promise<RunningFleet> {
  const { config, edge, host, join, log } = options;
  const { data } = config;
  const hostName = join === undefined ? host?.name : joinedHostName(join.desktop);
  const started = new AsyncDisposableStack();
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    started.defer(holdLock(data, hostName === undefined ? 'edge' : 'fleet'));
    const store = await openStore({ place: options.place, data, log });
    started.defer(() => store.close());
    const passages = new Passages();
    const heart = new Heart({
      ...(hostName === undefined
        ? { id: `edge:${edge!.name}`, kind: 'edge' }
        : { id: hostName, kind: 'host' }),
      ...{ store, log, viewers: () => passages.viewers() },
    });
    const parts = { ...options, hostName, store, heart, passages };
    let ownHost: Host | undefined;
    if (join !== undefined) await startJoined(started, join, parts);
    else if (host !== undefined) ownHost = await startHostRole(started, host, parts);
    else {
      await heart.start();
      // A caller may wait until all edges act on the change.
      store.on('changed', (before, after) => {
        if (concernsRights(before, after)) heart.beatSoon();
      });
      started.defer(async () => {
        await heart.close();
        await store.leave(heart.id).catch((err) => log.warn({ err }, 'The store is not told of the end'));
      });
    }
    const shown = edge === undefined ? NO_EDGE : await startEdgeRole(started, edge, { ...parts, ownHost });
    const own = (name: string | undefined): boolean => hostName === undefined || name === hostName;
    const desktops = [...store.state.desktop.values()].filter((desktop) => own(desktop.host)).length;
    return { ...shown, desktops, close: () => started.disposeAsync() };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

const NO_EDGE = { urls: [], newAdmin: undefined } as const;

interface Parts extends Pick<FleetOptions, 'config' | 'log'> {
  /** Name of the host in this process. */
  readonly hostName: string | undefined;
  readonly ownHost: Host | undefined;
  readonly store: FleetStore;
  readonly heart: Heart;
  readonly passages: Passages;
}

/** Starts what an edge is made of. `started` ends it. */
async function startEdgeRole(
  started: AsyncDisposableStack,
  { maxStaleMs, blankAfterMs, adminPassword }: EdgeRole,
  { config, hostName, ownHost, store, heart, passages, log }: Parts,
): Promise<Pick<RunningFleet, 'urls' | 'newAdmin'>> {
  const { data } = config;
  const accounts = new StoredAccounts({
    onProblem: (err) => log.error({ err }, 'The users of the fleet have a problem'),
    openStore: (onChange) => new FleetUsers(store, onChange),
  });
  started.defer(() => accounts.close());
  const audit = await openAudit({
    auditLog: config.auditLog ?? join(data, 'fleet-audit.jsonl'),
    data,
    onProblem: (err) => log.error({ err }, 'The audit trail cannot be written'),
  });
  started.defer(() => audit.close());
  accounts.on('changed', (changes) => audit.record(usersChanged(changes)));
  const names = certificateNames(config.listen);
  const speaksTls = config.listen.some((place) => !speaksPlainHttp(place, config.insecureHttp));
  const certificate = speaksTls ? await loadCertificate({ ...config, names, log }) : undefined;
  const staleness = new Staleness({ silentMs: () => heart.silentMs, maxStaleMs, blankAfterMs });
  started.defer(() => staleness.close());
  const reaper = new Reaper({ store, heart, log });
  started.defer(() => reaper.close());
  const socketOf = (name: string): string => placesOf(name, data).socket;
  const server = await openFleetServer({
    ...{ config, store, heart, accounts, audit, certificate, passages, staleness, log },
    placeOf: (desktop) => placeIn(store.state, desktop, { host: hostName, socketOf }),
    logOf: async ({ name, host }, lines) => {
      if (ownHost !== undefined && host === hostName) return ownHost.logOf(name, lines);
      throw fleetProblem('FLEET_LOG_ELSEWHERE', `Its log is on its host ${host}.`);
    },
  });
  started.defer(() => server.close());
  if (certificate !== undefined) {
    const renewal = keepCertificate({ ...config, names }, log, certificate, server.useCertificate);
    started.defer(() => renewal.close());
  }
  const newAdmin = await ensureOwner(accounts, { name: config.owner, password: adminPassword });
  audit.record({ door: 'server', outcome: 'done', what: 'started' });
  started.defer(() => audit.record({ door: 'server', outcome: 'done', what: 'stopped' }));
  const { urls } = server;
  const url = urls.find((one) => !one.startsWith('unix:'));
  if (url !== undefined) {
    const isOwn = certificate !== undefined && config.cert === undefined;
    started.defer(await keepFleetAddress(data, { url, ...(isOwn && { certificate: 'cert.pem' }) }));
  }
  return { urls, newAdmin };
}

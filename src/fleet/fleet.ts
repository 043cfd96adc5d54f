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
import { keepFleetAddress } from './fleet-address.ts';
import { openFleetServer } from './fleet-server.ts';
import { Host } from './host/host.ts';
import { holdLock } from './store/fleet-lock.ts';
import { FleetUsers } from './store/fleet-users.ts';
import { openStore } from './store/open-store.ts';
import type { PostgresPlace } from './store/postgres/store-url.ts';

export interface FleetOptions {
  readonly config: Config;
  /** Database with the store. Undefined: the embedded store in the data folder. */
  readonly place: PostgresPlace | undefined;
  /** Desktops that may run at a time. */
  readonly capacity: number;
  /** The `deskwire` command, with which desktops are started. */
  readonly program: string;
  readonly adminPassword: string | undefined;
  readonly log: Logger;
}

/** A fleet that runs. */
export interface RunningFleet {
  /** All addresses. */
  readonly urls: readonly string[];
  /** The admin that was made because there was none. Has the password if it was generated, to show it once. */
  readonly newAdmin: MadeOwner | undefined;
  /** Desktops that it has found or started. */
  readonly desktops: number;
  /** Ends the fleet. Its desktops run on. */
  close(): Promise<void>;
}

/** Starts a fleet on one machine: store, host and edge in this process. Closes them again if one fails. */
export async function startFleet(options: FleetOptions): Promise<RunningFleet> {
  const { config, program, log } = options;
  const { data } = config;
  const started = new AsyncDisposableStack();
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    started.defer(holdLock(data));
    const store = await openStore({ place: options.place, data, log });
    started.defer(() => store.close());
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

    const passages = new Passages();
    const host = await Host.start({
      ...{ store, data, program, log, basePath: config.basePath ?? '' },
      idleSinceMs: (name) => passages.idleSinceMs(name),
    });
    started.defer(() => host.close());
    const server = await openFleetServer({
      ...options,
      ...{ store, accounts, audit, certificate, passages },
      socketOf: (name) => host.socketOf(name),
      logOf: ({ name }, lines) => host.logOf(name, lines),
    });
    started.defer(() => server.close());
    if (certificate !== undefined) {
      const renewal = keepCertificate({ ...config, names }, log, certificate, server.useCertificate);
      started.defer(() => renewal.close());
    }
    const newAdmin = await ensureOwner(accounts, { name: config.owner, password: options.adminPassword });
    audit.record({ door: 'server', outcome: 'done', what: 'started' });
    started.defer(() => audit.record({ door: 'server', outcome: 'done', what: 'stopped' }));
    const { urls } = server;
    const url = urls.find((one) => !one.startsWith('unix:'));
    if (url !== undefined) {
      const isOwn = certificate !== undefined && config.cert === undefined;
      started.defer(await keepFleetAddress(data, { url, ...(isOwn && { certificate: 'cert.pem' }) }));
    }
    return { urls, newAdmin, desktops: store.state.desktop.size, close: () => started.disposeAsync() };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

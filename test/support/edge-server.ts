import { pino } from 'pino';
import { StoredAccounts } from '../../src/accounts/stored-accounts.ts';
import type { Grant } from '../../src/accounts/user.ts';
import { NO_AUDIT } from '../../src/audit/audit.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { Passages } from '../../src/fleet/edge/passages.ts';
import { Staleness } from '../../src/fleet/edge/staleness.ts';
import { type FleetServer, openFleetServer } from '../../src/fleet/fleet-server.ts';
import type { Desktop } from '../../src/fleet/store/fleet-state.ts';
import { FleetUsers } from '../../src/fleet/store/fleet-users.ts';
import { SqliteStore } from '../../src/fleet/store/sqlite-store.ts';
import { CHEAP } from '../api/contract-server.ts';
import type { TestLogin } from './login-headers.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface EdgeServerOptions {
  readonly admin: TestLogin;
  readonly users?: readonly (TestLogin & { readonly grants: readonly Grant[] })[];
  /** Names of desktops, and the Unix socket of each. They count as running. */
  readonly desktops: ReadonlyMap<string, string>;
}

/** The port of a fleet, by plain HTTP at 127.0.0.1, for desktops that something else runs. */
export class EdgeServer {
  readonly store: SqliteStore;
  readonly #accounts: StoredAccounts;
  readonly #server: FleetServer;

  static async start({ admin, users = [], desktops }: EdgeServerOptions): Promise<EdgeServer> {
    const data = temporaryFolder('deskwire-edge-');
    const flags = new Map([
      ['data', [data]],
      ['port', ['0']],
      ['insecure-http', ['true']],
    ]);
    const { config } = loadConfig(flags, {}, data);
    const store = new SqliteStore(data);
    await store.transact(() =>
      [...desktops.keys()].map((name) => ({ kind: 'desktop', name, value: runningDesktop(name) })),
    );
    const accounts = new StoredAccounts({
      cost: CHEAP,
      openStore: (onChange) => new FleetUsers(store, onChange),
    });
    const rights = { read: true, write: false, owner: false };
    await accounts.apply([
      { kind: 'create', ...admin, rights: { ...rights, owner: true }, overwrite: false },
      ...users.map((user) => ({ kind: 'create', ...user, rights, overwrite: false }) as const),
    ]);
    const server = await openFleetServer({
      ...{ config, store, accounts, audit: NO_AUDIT, certificate: undefined },
      heart: { nodes: [], viewersElsewhere: new Map(), beatNow: async () => {} },
      staleness: new Staleness({ silentMs: () => 0, maxStaleMs: 1, blankAfterMs: undefined }),
      ...{ passages: new Passages(), log: pino({ level: 'silent' }) },
      placeOf: ({ name }) => ({ kind: 'unix', path: desktops.get(name) ?? '' }),
      logOf: async () => '',
    });
    return new EdgeServer(store, accounts, server);
  }

  private constructor(store: SqliteStore, accounts: StoredAccounts, server: FleetServer) {
    this.store = store;
    this.#accounts = accounts;
    this.#server = server;
  }

  get url(): string {
    return this.#server.urls[0]!;
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#accounts.close();
    await this.store.close();
  }
}

/** A desktop as the store has it once it has started. */
export const runningDesktop = (name: string): Desktop => ({
  ...{ name, wanted: 'running', epoch: 1, key: 'A'.repeat(43), createdMs: 0 },
  status: { state: 'running', reason: '', sinceMs: 0 },
});

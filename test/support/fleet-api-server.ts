import type { IncomingHttpHeaders } from 'node:http';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { StoredAccounts } from '../../src/accounts/stored-accounts.ts';
import { NO_AUDIT } from '../../src/audit/audit.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { Passages } from '../../src/fleet/edge/passages.ts';
import { Staleness } from '../../src/fleet/edge/staleness.ts';
import { openFleetServer } from '../../src/fleet/fleet-server.ts';
import type { Desktop } from '../../src/fleet/store/fleet-state.ts';
import { FleetUsers } from '../../src/fleet/store/fleet-users.ts';
import { Heart } from '../../src/fleet/store/heart.ts';
import { SqliteStore } from '../../src/fleet/store/sqlite-store.ts';
import { CHEAP } from '../api/contract-server.ts';
import { loginHeaders, type TestLogin } from './login-headers.ts';
import { type PlainPlace, plainRequest } from './plain-request.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const ADMIN: TestLogin = { name: 'ada', password: 'ada-secret' };
export const CAPACITY = 3;

interface FleetAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the content.
  readonly body: any;
}

export type FleetCall = (
  method: string,
  path: string,
  body?: unknown,
  user?: TestLogin,
) => Promise<FleetAnswer>;

/** The host that reports, but starts no desktops. */
const HOST = 'here';

/** The port of a fleet whose desktops no host starts. */
export async function startServer(
  t: TestContext,
  capacity = CAPACITY,
  /** The folder of another one, which is one more edge then. */
  data = temporaryFolder('deskwire-fleet-api-'),
): Promise<{ call: FleetCall; store: SqliteStore; url: string; data: string }> {
  const flags = new Map([
    ['data', [data]],
    ['port', ['0']],
    ['insecure-http', ['true']],
  ]);
  const { config } = loadConfig(flags, {}, data);
  const store = new SqliteStore(data);
  const accounts = new StoredAccounts({
    cost: CHEAP,
    openStore: (onChange) => new FleetUsers(store, onChange),
  });
  const rights = { read: true, write: false, owner: true };
  if (accounts.get(ADMIN.name) === undefined)
    await accounts.apply([{ kind: 'create', ...ADMIN, rights, overwrite: false }]);
  const log = pino({ level: 'silent' });
  const heart = new Heart({ store, id: HOST, kind: 'host', viewers: () => ({}), log });
  await store.transact(() => [{ kind: 'host', name: HOST, value: { name: HOST, capacity } }]);
  await heart.start();
  const staleness = new Staleness({ silentMs: () => 0, maxStaleMs: 1, blankAfterMs: undefined });
  const server = await openFleetServer({
    ...{ config, heart, staleness, store, accounts, audit: NO_AUDIT, certificate: undefined },
    ...{ passages: new Passages(), placeOf: () => undefined, log },
    logOf: async ({ name }, lines) => `${name} ${lines}\n`,
  });
  t.after(async () => {
    await server.close();
    await heart.close();
    await accounts.close();
    await store.close();
  });
  const { hostname: host, port } = new URL(server.urls[0]!);
  const place: PlainPlace = { host, port: Number(port) };
  const call: FleetCall = async (method, path, body, user = ADMIN) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await plainRequest(place, path, {
      method,
      // Node.js sends no length of its own with a DELETE.
      headers: { ...loginHeaders(user), 'content-length': String(Buffer.byteLength(text ?? '')) },
      ...(text !== undefined && { body: text }),
    });
    const { status, headers } = answer;
    return { status, headers, body: answer.body === '' ? undefined : JSON.parse(answer.body) };
  };
  return { call, store, url: server.urls[0]!, data };
}

/** Has the store say that a desktop is in another state, as its host would. */
export async function setState(
  store: SqliteStore,
  name: string,
  state: Desktop['status']['state'],
): Promise<void> {
  await store.transact(({ desktop }) => {
    const status = { state, reason: 'A test has said so.', sinceMs: Date.now() };
    return [{ kind: 'desktop', name, value: { ...desktop.get(name)!, status } }];
  });
}

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { processIds } from '../../src/common/process-tree.ts';
import { FleetProcess } from '../support/fleet-process.ts';
import { withSlack } from '../support/limits.ts';
import { lacksPostgres } from '../support/postgres-here.ts';
import { PostgresServer, ROLE_PASSWORD } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const skip = lacksPostgres();
const server = skip === false ? await PostgresServer.start() : undefined;
after(() => server?.stop());

/** A file with the URL of a new database. */
async function storeFile(): Promise<string> {
  const path = join(temporaryFolder('deskwire-store-file-'), 'store');
  writeFileSync(path, `${server!.url(await server!.database())}\n`, { mode: 0o600 });
  return path;
}

const fred = { user: 'fred', password: 'another long one', grants: [{ right: 'read', desktop: 'lab-1' }] };

test('what a fleet has in PostgreSQL is there for the next one, also with another data folder', {
  skip,
}, async (t) => {
  const file = await storeFile();
  const first = await FleetProcess.start(undefined, ['--store-file', file]);
  const client = first.client();
  assert.equal((await client.post('/api/users', [fred])).status, 204);
  client.close();
  await first.stop();
  const second = await FleetProcess.start(undefined, ['--store-file', file]);
  t.after(() => second.stop());
  const again = second.client({ name: 'fred', password: fred.password });
  t.after(async () => again.close());
  assert.deepEqual((await again.get('/api/me')).json(), {
    user: 'fred',
    admin: false,
    groups: [],
    grants: fred.grants,
  });
});

test('a fleet whose PostgreSQL is away shows what it knows, refuses changes, and goes on by itself', {
  skip,
}, async (t) => {
  const fleet = await FleetProcess.start(undefined, ['--store-file', await storeFile()]);
  t.after(() => fleet.stop());
  const client = fleet.client();
  t.after(async () => client.close());
  assert.equal((await client.post('/api/users', [fred])).status, 204);
  await server!.stop();
  assert.deepEqual(
    (await client.get('/api/users')).json().map(({ user }: { user: string }) => user),
    ['ada', 'fred'],
  );
  const template = { method: 'PUT', body: { size: '800x600' } };
  const refused = await client.send('/api/templates/class', template);
  assert.deepEqual([refused.status, refused.json().code], [503, 'FLEET_STORE_UNAVAILABLE']);
  assert.ok(Number(refused.headers['retry-after']) > 0);
  assert.ok(!refused.text().includes(String(server!.port)), 'the answer has nothing of the network behind');
  await server!.startAgain();
  await waitFor(
    'the fleet',
    async () => (await client.send('/api/templates/class', template)).status === 200,
    withSlack(5000),
  );
});

test('no desktop inherits where the store is, and no list of processes has its password', {
  skip,
}, async (t) => {
  process.env.DESKWIRE_STORE = server!.url(await server!.database());
  const fleet = await FleetProcess.start().finally(() => {
    delete process.env.DESKWIRE_STORE;
  });
  t.after(() => fleet.removeAll());
  const client = fleet.client();
  t.after(async () => client.close());
  const made = await client.post(
    '/api/desktops?wait=60',
    { name: 'lab-1', command: 'sleep 1000' },
    { timeoutMs: 80_000 },
  );
  assert.equal(made.json().state, 'running');
  const secrets = [encodeURIComponent(ROLE_PASSWORD), ROLE_PASSWORD];
  let inherited = 0;
  for (const pid of processIds()) {
    if (pid === process.pid || pid === fleet.pid) continue;
    for (const file of ['cmdline', 'environ']) {
      const text = read(`/proc/${pid}/${file}`);
      if (text.includes(fleet.data)) inherited++;
      for (const secret of secrets) assert.ok(!text.includes(secret), `${file} of ${pid}`);
    }
  }
  assert.ok(inherited > 0, 'a process of the desktop was looked at');
});

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { MOST_REMOVALS } from '../../src/fleet/store/postgres/statements.ts';
import { parseStoreUrl } from '../../src/fleet/store/postgres/store-url.ts';
import { PostgresStore } from '../../src/fleet/store/postgres-store.ts';
import { MAX_CHANGES } from '../../src/fleet/store/store.ts';
import { testStore, userChange, userGone } from '../support/fleet-store-contract.ts';
import { lacksPostgres } from '../support/postgres-here.ts';
import { PostgresServer, ROLE_PASSWORD } from '../support/postgres-server.ts';
import { PostgresStores } from '../support/postgres-stores.ts';
import { waitFor } from '../support/wait-for.ts';

const skip = lacksPostgres();
const server = skip === false ? await PostgresServer.start() : undefined;
after(() => server?.stop());

testStore(
  'the store on PostgreSQL',
  (t) => {
    let stores: Promise<PostgresStores> | undefined;
    return async () => {
      stores ??= PostgresStores.make(t, server!);
      return (await stores).open();
    };
  },
  { skip },
);

test('a store on PostgreSQL tells the others of a change before they ask', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const [one, other] = [await stores.open(), await stores.open()];
  for (let round = 0; round < 5; round++) {
    const changed = once(other, 'changed');
    const { version } = await one.transact(() => [userChange(`user-${round}`)]);
    await changed;
    assert.equal(other.state.version, version);
  }
});

test('a store on PostgreSQL that gets no notifications sees changes by its poll', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const store = await stores.open();
  await store.transact(() => [userChange('ada')]);
  // As a commit whose notification is lost.
  await server!.sql(
    `WITH put AS (INSERT INTO deskwire.entries SELECT kind, 'bob', 2, value FROM deskwire.entries)
     UPDATE deskwire.fleet SET version = 2`,
    stores.database,
  );
  await waitFor('the poll', () => store.state.version === 2);
  assert.deepEqual([...store.state.user.keys()], ['ada', 'bob']);
});

test('reports of nodes wake no other process', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const [one, other] = [await stores.open(), await stores.open()];
  let changes = 0;
  other.on('changed', () => changes++);
  for (let i = 0; i < 20; i++) await one.beat({ id: 'edge-1', kind: 'edge', version: i, viewers: {} });
  await other.refresh();
  assert.equal(changes, 0);
  assert.equal(other.state.version, 0);
});

test('after a time in which no node could report, all reports are as old as that time’s end', {
  skip,
}, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const store = await stores.open();
  const report = (id: string) => store.beat({ id, kind: 'host', version: 0, viewers: {} });
  const agesOf = async (id: string) => (await report(id)).map((node) => [node.id, node.ageMs] as const);
  await report('host-1');
  await report('host-2');
  const shift = (by: string) =>
    server!.sql(
      `UPDATE deskwire.pulse SET at = at + interval '${by}'; UPDATE deskwire.nodes SET seen = seen + interval '${by}'`,
      stores.database,
    );
  for (const by of ['-1 hour', '1 hour']) {
    await shift(by);
    for (const [id, ageMs] of await agesOf('host-1'))
      assert.ok(ageMs >= 0 && ageMs < 60_000, `${by}: ${id} is ${ageMs} ms old`);
  }
  // A standby that was promoted, and has missed the last reports.
  await shift('-4 s');
  await server!.sql(`UPDATE deskwire.pulse SET timeline = '00000000'`, stores.database);
  await store.transact((_state, nodes) => {
    for (const { id, ageMs } of nodes)
      assert.ok(ageMs < 4000, `${id} is ${ageMs} ms old before the first report`);
    return [];
  });
  for (const [id, ageMs] of await agesOf('host-1')) assert.ok(ageMs < 4000, `${id} is ${ageMs} ms old`);
  // A node alone that does not report is as old as it is.
  await report('host-2');
  await server!.sql(
    `UPDATE deskwire.nodes SET seen = seen - interval '1 hour' WHERE id = 'host-2'`,
    stores.database,
  );
  const [, other] = await agesOf('host-1');
  assert.ok(other![1] >= 3_600_000, `${other} ms`);
});

test('one process of all leads, and another one when that has ended', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const [one, other] = [await stores.open(), await stores.open()];
  assert.deepEqual([await one.lead(), await other.lead(), await one.lead()], [true, false, true]);
  await one.close();
  await waitFor('the other leader', () => other.lead());
  assert.equal(await one.lead(), false);
});

test('a process that has missed more removals than PostgreSQL keeps reads everything anew', {
  skip,
}, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const [writer, reader] = [await stores.open(), await stores.open()];
  await writer.transact(() => [userChange('stays'), userChange('goes')]);
  await reader.refresh();
  const { state } = reader;
  await reader.close();
  await writer.transact(() => [userGone('goes')]);
  for (let removed = 0; removed <= MOST_REMOVALS; removed += MAX_CHANGES) {
    const names = Array.from({ length: MAX_CHANGES }, (_, i) => `user-${removed + i}`);
    await writer.transact(() => names.map((name) => userChange(name)));
    await writer.transact(() => names.map((name) => userGone(name)));
  }
  const [{ kept, forgotten }] = (await server!.sql(
    `SELECT (SELECT count(*)::int FROM deskwire.entries WHERE value IS NULL) AS kept, forgotten::int
     FROM deskwire.fleet`,
    stores.database,
  )) as [{ kept: number; forgotten: number }];
  assert.ok(kept <= MOST_REMOVALS + MAX_CHANGES, `${kept} removals are kept`);
  assert.ok(forgotten > state.version, 'the reader has missed some');
  const late = await stores.open();
  assert.deepEqual([...late.state.user.keys()], ['stays']);
});

test('entries that are read anew and have not changed stay the same objects', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const store = await stores.open();
  await store.transact(() => [userChange('ada'), userChange('bob')]);
  const { user: users } = store.state;
  await server!.sql(
    `UPDATE deskwire.entries SET value = NULL, version = 1 WHERE name = 'bob';
     UPDATE deskwire.fleet SET version = 3, forgotten = 2`,
    stores.database,
  );
  await store.refresh();
  assert.equal(store.state.version, 3);
  assert.deepEqual([...store.state.user.keys()], ['ada']);
  assert.equal(store.state.user.get('ada'), users.get('ada'));
});

test('a database that is older than what a process has seen is read anew', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const store = await stores.open();
  await store.transact(() => [userChange('ada')]);
  await store.transact(() => [userChange('bob')]);
  // As a backup that was restored.
  await server!.sql(
    `DELETE FROM deskwire.entries WHERE name = 'bob'; UPDATE deskwire.fleet SET version = 1`,
    stores.database,
  );
  await store.refresh();
  assert.deepEqual([...store.state.user.keys()], ['ada']);
  const { version } = await store.transact(() => [userChange('eve')]);
  assert.equal(version, 2);
});

test('a role that owns nothing but a schema in a database of others is enough', { skip }, async (t) => {
  const [name, roleName] = [`other_${process.pid}`, 'deskwire'];
  await server!.sql(`CREATE DATABASE ${name}`);
  await server!.sql(
    `CREATE SCHEMA deskwire AUTHORIZATION ${roleName}; REVOKE ALL ON SCHEMA public FROM PUBLIC`,
    name,
  );
  const stores = new PostgresStores(t, { place: server!.place(name) });
  const store = await stores.open();
  await store.transact(() => [userChange('ada')]);
  assert.equal((await store.beat({ id: 'edge-1', kind: 'edge', version: 1, viewers: {} })).length, 1);
  assert.equal(await store.lead(), true);
});

test('commits stay on the disk, also if the database was set to be quicker', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  await server!.sql(`ALTER DATABASE ${stores.database} SET synchronous_commit = off`);
  await server!.sql(
    `ALTER DATABASE ${stores.database} SET default_transaction_isolation = 'repeatable read'`,
  );
  const [one, other] = [await stores.open(), await stores.open()];
  await server!.sql(
    `CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN NEW.forgotten := CASE WHEN current_setting('synchronous_commit') = 'on' THEN 0 ELSE 99 END;
         RETURN NEW; END $$;
     CREATE TRIGGER note BEFORE UPDATE ON deskwire.fleet FOR EACH ROW EXECUTE FUNCTION public.note()`,
    stores.database,
  );
  await one.transact(() => [userChange('ada')]);
  await other.transact(() => [userChange('bob')]);
  const [row] = await server!.sql('SELECT forgotten::int FROM deskwire.fleet', stores.database);
  assert.equal(row!.forgotten, 0);
});

test('a store that may not be used says why, without its password', { skip }, async () => {
  const place = server!.place(await server!.database());
  const cases = {
    'a wrong password': { ...place, password: 'a wrong one' },
    'no password': { ...place, password: undefined },
    'a database that does not exist': { ...place, database: 'nothing' },
    'a role that does not exist': { ...place, user: 'nobody' },
    'a server without TLS': { ...place, tls: 'verify-full' as const },
    'a database of others': { ...place, database: 'postgres' },
  };
  for (const [what, wrong] of Object.entries(cases)) {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
    const error: Error = await PostgresStore.open({ place: wrong, log }).then(
      () => assert.fail(`${what} is taken`),
      (reason) => reason,
    );
    assert.equal((error as Error & { code: string }).code, 'FLEET_STORE_BROKEN', `${what}: ${error.message}`);
    const said = `${error.stack}${JSON.stringify(error)}${(error.cause as Error | undefined)?.stack}${lines.join()}`;
    for (const secret of [place.password!, 'a wrong one', encodeURIComponent(place.password!)])
      assert.ok(!said.includes(secret), `${what}: ${said}`);
  }
});

test('a store with TLS is used if its certificate is the right one, or need not be', { skip }, async (t) => {
  const secure = await PostgresServer.start('localhost');
  t.after(() => secure.stop());
  const database = await secure.database();
  const port = String(secure.port);
  const placeOf = (host: string, parameters: string) => ({
    ...secure.place(database),
    ...parseStoreUrl(`postgres://deskwire@${host}:${port}/${database}?${parameters}`),
    password: ROLE_PASSWORD,
  });
  const ca = `sslrootcert=${secure.certificate}`;
  for (const place of [
    placeOf('localhost', `sslmode=verify-full&${ca}`),
    placeOf('127.0.0.1', `sslmode=verify-ca&${ca}`),
    placeOf('127.0.0.1', 'sslmode=require'),
  ]) {
    await new PostgresStores(t, { place }).open();
    const rows = await secure.sql(
      `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = '${database}'`,
    );
    assert.ok(rows.length > 0 && rows.every(({ ssl }) => ssl === true));
  }
  for (const place of [
    placeOf('127.0.0.1', `sslmode=verify-full&${ca}`),
    placeOf('localhost', 'sslmode=verify-full'),
    placeOf('localhost', 'sslmode=verify-ca'),
    placeOf('localhost', `sslmode=verify-full&sslrootcert=${secure.certificate}.missing`),
  ])
    await assert.rejects(new PostgresStores(t, { place }).open(), { code: 'FLEET_STORE_BROKEN' });
});

test('a closed store leaves no connection behind', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const store = await stores.open();
  await store.transact(() => [userChange('ada')]);
  await store.close();
  await store.close();
  await assert.rejects(
    store.transact(() => [userChange('bob')]),
    { code: 'FLEET_STORE_UNAVAILABLE' },
  );
  await assert.rejects(store.refresh(), { code: 'FLEET_STORE_UNAVAILABLE' });
  await waitFor('the end of its connections', async () => {
    const rows = await server!.sql(`SELECT FROM pg_stat_activity WHERE datname = '${stores.database}'`);
    return rows.length === 0;
  });
});

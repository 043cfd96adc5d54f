import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FORMATS, type Format } from '../../src/fleet/store/postgres/formats.ts';
import { desktop, testStore, userChange } from '../support/fleet-store-contract.ts';
import { lacksPostgres } from '../support/postgres-here.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { PostgresStores } from '../support/postgres-stores.ts';

const skip = lacksPostgres();
const server = skip === false ? await PostgresServer.start() : undefined;
after(() => server?.stop());

/** What a next version might add: everything that the rule allows. */
const NEXT: Format = {
  needs: FORMATS.length,
  sql: `
    ALTER TABLE deskwire.fleet ADD COLUMN motto text;
    ALTER TABLE deskwire.entries ADD COLUMN written_by text DEFAULT 'nobody';
    ALTER TABLE deskwire.nodes ADD COLUMN place text;
    CREATE TABLE deskwire.places (name text PRIMARY KEY);
    CREATE INDEX entries_by_writer ON deskwire.entries (written_by);
    INSERT INTO deskwire.entries (kind, name, version, value) VALUES ('place', 'north', 0, '{"name":"north"}');`,
};
/** One that programs of this version may not use. */
const LATER: Format = { needs: FORMATS.length + 1, sql: 'ALTER TABLE deskwire.fleet DROP COLUMN motto;' };

testStore(
  'a store whose tables a newer version has upgraded',
  (t) => {
    let stores: Promise<PostgresStores> | undefined;
    return async () => {
      stores ??= (async () => {
        const made = await PostgresStores.make(t, server!);
        await made.open({ formats: [...FORMATS, NEXT] });
        return made;
      })();
      return (await stores).open();
    };
  },
  { skip },
);

test('a program works on beside one of the next format, which upgrades the tables under it', {
  skip,
}, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const present = await stores.open();
  const made = desktop('lab-1', { command: 'xterm' });
  await present.transact(() => [{ kind: 'desktop', name: 'lab-1', value: { ...made } }]);
  const next = await stores.open({ formats: [...FORMATS, NEXT] });
  assert.equal(next.state.desktop.get('lab-1')?.command, 'xterm');
  await next.transact(({ desktop: desktops }) => {
    const more = { ...desktops.get('lab-1')!, shade: 'blue' };
    return [{ kind: 'desktop', name: 'lab-1', value: more }, userChange('ada')];
  });
  // A new kind of entries, which this one does not know.
  await next.transact(() => [
    { kind: 'place' as 'user', name: 'south', value: undefined },
    userChange('bob'),
  ]);
  const { version } = await present.transact(({ desktop: desktops }) => [
    { kind: 'desktop', name: 'lab-1', value: { ...desktops.get('lab-1')!, wanted: 'paused' } },
  ]);
  assert.equal(version, 4);
  assert.deepEqual([...present.state.user.keys()], ['ada', 'bob']);
  await next.refresh();
  const seen = next.state.desktop.get('lab-1') as unknown as Record<string, unknown>;
  assert.deepEqual(
    [seen.shade, seen.wanted],
    ['blue', 'paused'],
    'a field that this one does not know is kept',
  );
  await present.beat({ id: 'edge-1', kind: 'edge', version, viewers: {} });
  const nodes = await next.beat({ id: 'edge-2', kind: 'edge', version, viewers: {} });
  assert.deepEqual(
    nodes.map(({ id }) => id),
    ['edge-1', 'edge-2'],
  );
});

test('a program that is too old for the tables says so, and changes nothing', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const present = await stores.open();
  await present.transact(() => [userChange('ada')]);
  const later = await stores.open({ formats: [...FORMATS, NEXT, LATER] });
  await assert.rejects(
    present.transact(() => [userChange('bob')]),
    { code: 'FLEET_STORE_UNAVAILABLE' },
  );
  assert.deepEqual([...present.state.user.keys()], ['ada'], 'what it knows can be read');
  await assert.rejects(stores.open(), { code: 'FLEET_STORE_BROKEN', message: /Update Deskwire/ });
  await later.transact(() => [userChange('eve')]);
  await assert.rejects(present.refresh(), { code: 'FLEET_STORE_UNAVAILABLE' });
});

test('of many programs that upgrade at once, one does', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const opened = await Promise.all(
    Array.from({ length: 6 }, () => stores.open({ formats: [...FORMATS, NEXT] })),
  );
  await opened[0]!.transact(() => [userChange('ada')]);
  for (const store of opened) {
    await store.refresh();
    assert.equal(store.state.version, 1);
  }
});

test('an upgrade that fails leaves the tables as they were', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const store = await stores.open();
  const broken = { needs: FORMATS.length, sql: `${NEXT.sql}; SELECT 1 / 0` };
  await assert.rejects(stores.open({ formats: [...FORMATS, broken] }));
  const columns = await server!.sql(
    `SELECT FROM information_schema.columns WHERE table_schema = 'deskwire' AND column_name = 'motto'`,
    stores.database,
  );
  assert.equal(columns.length, 0);
  await store.transact(() => [userChange('ada')]);
});

test('formats after the first one only add, and let programs of the format before go on', () => {
  const allowed = /^(CREATE (UNIQUE )?INDEX|CREATE TABLE|ALTER TABLE \S+ ADD COLUMN|INSERT INTO|UPDATE)\b/;
  const breaches = (formats: readonly Format[]): string[] =>
    formats.slice(1).flatMap(({ needs, sql }, i) => [
      ...sql
        .split(';')
        .map((statement) => statement.trim())
        .filter((statement) => statement !== '' && !allowed.test(statement)),
      ...(needs <= i + 1 ? [] : [`format ${i + 2} needs ${needs}`]),
    ]);
  assert.deepEqual(breaches(FORMATS), []);
  assert.deepEqual(breaches([...FORMATS, NEXT]), []);
  assert.equal(breaches([...FORMATS, NEXT, { ...LATER, needs: FORMATS.length + 2 }]).length, 2);
});

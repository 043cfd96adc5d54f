import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresStore } from '../../src/fleet/store/postgres-store.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { userChange } from '../support/fleet-store-contract.ts';
import { withSlack } from '../support/limits.ts';
import { lacksPostgres } from '../support/postgres-here.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { PostgresStores } from '../support/postgres-stores.ts';
import { waitFor } from '../support/wait-for.ts';

const skip = lacksPostgres();

/** Promised time from the return of a store until everything is normal. */
const NORMAL_MS = 5000;

/** Promised time until another process leads, when the leader is gone without a word. */
const LEADER_MS = 10_000;

/** Resolves when a process can write and read again. */
const isNormal = async (store: PostgresStore, name: string): Promise<boolean> => {
  try {
    await store.transact(() => [userChange(name)]);
    await store.refresh();
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'FLEET_STORE_UNAVAILABLE');
    return false;
  }
};

async function assertAway(store: PostgresStore): Promise<void> {
  await assert.rejects(
    store.transact(() => [userChange('refused')]),
    { code: 'FLEET_STORE_UNAVAILABLE', status: 503, headers: { 'Retry-After': '2' } },
  );
  await assert.rejects(store.refresh(), { code: 'FLEET_STORE_UNAVAILABLE' });
  await assert.rejects(store.beat({ id: 'edge-1', kind: 'edge', version: 0, viewers: {} }), {
    code: 'FLEET_STORE_UNAVAILABLE',
  });
  assert.equal(await store.lead(), false);
  assert.ok(store.state.user.has('ada'), 'what was known can be read');
}

test('a store that is restarted refuses changes meanwhile, and is normal again soon', { skip }, async (t) => {
  const server = await PostgresServer.start();
  t.after(() => server.stop());
  const stores = await PostgresStores.make(t, server);
  const [store, other] = [await stores.open(), await stores.open()];
  await store.transact(() => [userChange('ada')]);
  await other.refresh();
  for (const end of [() => server.kill(), () => server.stop('SIGINT')]) {
    await end();
    await assertAway(store);
    await waitFor('the time without an answer', () => store.silentMs > 1500);
    await server.startAgain();
    const startMs = performance.now();
    await waitFor('the store', () => isNormal(store, 'back'), withSlack(NORMAL_MS));
    assert.ok(performance.now() - startMs < withSlack(NORMAL_MS));
    assert.ok(store.silentMs < 1000, `${store.silentMs} ms`);
    await waitFor('the other one', () => other.state.version === store.state.version);
    assert.ok(!store.state.user.has('refused'));
  }
});

test('a store behind a network that drops everything is away, and back with the network', {
  skip,
}, async (t) => {
  const server = await PostgresServer.start();
  t.after(() => server.stop());
  const direct = await PostgresStores.make(t, server);
  const proxy = await CuttingProxy.open(server.port);
  t.after(() => proxy.close());
  const place = { ...server.place(direct.database), hosts: [{ host: '127.0.0.1', port: proxy.port }] };
  const store = await new PostgresStores(t, { place }).open();
  await store.transact(() => [userChange('ada')]);
  proxy.isCut = true;
  await waitFor('the notice of it', () =>
    store.refresh().then(
      () => false,
      () => true,
    ),
  );
  await assertAway(store);
  const other = await direct.open();
  await other.transact(() => [userChange('meanwhile')]);
  proxy.isCut = false;
  await waitFor('the change of the other one', () => store.state.user.has('meanwhile'), withSlack(NORMAL_MS));
  assert.ok(await isNormal(store, 'back'));
});

test('another process leads when the leader is cut off, or stands still', { skip }, async (t) => {
  const server = await PostgresServer.start();
  t.after(() => server.stop());
  const direct = await PostgresStores.make(t, server);
  const proxy = await CuttingProxy.open(server.port);
  t.after(() => proxy.close());
  const place = { ...server.place(direct.database), hosts: [{ host: '127.0.0.1', port: proxy.port }] };
  const [leader, other] = [await new PostgresStores(t, { place }).open(), await direct.open()];
  assert.equal(await leader.lead(), true);
  assert.equal(await other.lead(), false);
  // The proxy keeps its connection to the server open, as the kernel of a process that is stopped does.
  proxy.isCut = true;
  await waitFor('another leader', () => other.lead(), withSlack(LEADER_MS));
  proxy.isCut = false;
  await waitFor('the return of the first one', () => isNormal(leader, 'back'), withSlack(NORMAL_MS));
  assert.equal(await leader.lead(), false);
});

test('no acknowledged change is lost when the primary is killed and the standby promoted', {
  skip,
}, async (t) => {
  const primary = await PostgresServer.start();
  t.after(() => primary.stop('SIGQUIT'));
  const database = await primary.database();
  const standby = await primary.addStandby();
  t.after(() => standby.stop('SIGQUIT'));
  const stores = new PostgresStores(t, { place: primary.place(database, [primary, standby]) });
  const writers = [await stores.open(), await stores.open()];
  const acknowledged = new Set<string>();
  const refused = new Set<string>();
  let isOver = false;
  const writing = writers.map(async (writer, i) => {
    for (let j = 0; !isOver; j++) {
      const name = `user-${i}-${j}`;
      await writer
        .transact(() => [userChange(name), userChange(`${name}-b`)])
        .then(
          () => acknowledged.add(name),
          async ({ code }: { code: string }) => {
            if (code === 'FLEET_STORE_UNAVAILABLE') refused.add(name);
            else assert.equal(code, 'FLEET_STORE_UNSURE');
            await sleep(20);
          },
        );
    }
  });
  await waitFor('some changes', () => acknowledged.size > 50);
  await primary.kill();
  await sleep(300);
  const before = acknowledged.size;
  await standby.promote();
  await waitFor('changes at the new primary', () => acknowledged.size > before + 20, withSlack(NORMAL_MS));
  isOver = true;
  await Promise.all(writing);
  const late = await stores.open();
  for (const name of acknowledged) assert.ok(late.state.user.has(name), `${name} is lost`);
  for (const name of refused) assert.ok(!late.state.user.has(name), `${name} was refused, and is there`);
  for (const name of late.state.user.keys())
    assert.ok(late.state.user.has(name.endsWith('-b') ? name.slice(0, -2) : `${name}-b`), `half of ${name}`);
  for (const writer of writers) {
    await writer.refresh();
    assert.deepEqual(new Set(writer.state.user.keys()), new Set(late.state.user.keys()));
  }

  // The former primary starts again by mistake: it can be written, and has an older past.
  await primary.sql(`SELECT 1`).catch(() => {});
  await primary.startAgain();
  const { version } = late.state;
  await standby.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`);
  for (const store of [...writers, await stores.open()]) {
    await waitFor('the newer primary', () => isNormal(store, 'after'));
    assert.ok(store.state.version > version);
  }
  const [row] = await primary.sql('SELECT version::int FROM deskwire.fleet', database);
  assert.ok((row!.version as number) <= version, 'nothing was written to the former primary');
});

test('a change is acknowledged when the synchronous standby has it, whatever ends its wait', {
  skip,
}, async (t) => {
  const primary = await PostgresServer.start();
  t.after(() => primary.stop('SIGQUIT'));
  const standby = await primary.addStandby();
  t.after(() => standby.stop('SIGQUIT'));
  const stores = await PostgresStores.make(t, primary);
  const store = await stores.open();
  await store.transact(() => [userChange('ada')]);
  standby.freeze(true);
  let isDone = false;
  const writing = store
    .transact(() => [userChange('bob')])
    .then(() => {
      isDone = true;
    });
  const waits = `SELECT pid FROM pg_stat_activity WHERE datname = '${stores.database}' AND wait_event = 'SyncRep'`;
  await waitFor('the wait', async () => (await primary.sql(waits)).length > 0);
  // Cancelled, the commit is made here alone, and reported with a warning.
  await primary.sql(`SELECT pg_cancel_backend(pid) FROM (${waits}) AS waiting`);
  await waitFor('the wait of the question for it', async () => (await primary.sql(waits)).length > 0);
  assert.equal(isDone, false);
  standby.freeze(false);
  await writing;
  assert.ok(store.state.user.has('bob'));
  // It is on the standby's disk, and is shown there in a moment.
  await waitFor('the change at the standby', async () => {
    const [row] = await standby.sql('SELECT version::int FROM deskwire.fleet', stores.database);
    return row!.version === 2;
  });
});

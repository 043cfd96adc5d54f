import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { desktop } from '../../../test/support/fleet-store-contract.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { introduceHost } from './introduce-host.ts';

async function storeWith(t: TestContext, hosts: readonly (string | undefined)[]): Promise<SqliteStore> {
  const store = new SqliteStore(temporaryFolder('deskwire-introduce-'));
  t.after(() => store.close());
  await store.transact(() =>
    hosts.map((host, i) => {
      const name = `lab-${i}`;
      return { kind: 'desktop', name, value: desktop(name, host === undefined ? {} : { host }) };
    }),
  );
  return store;
}

const hostsOf = ({ state }: SqliteStore): (string | undefined)[] =>
  [...state.desktop.values()].map(({ host }) => host);

test('a host whose machine has another name than before keeps its desktops', async (t) => {
  const store = await storeWith(t, ['old', 'other', 'old']);
  const common = { capacity: 3, instance: 'a' };
  assert.equal(await introduceHost(store, { ...common, name: 'old' }), false);
  await introduceHost(store, { name: 'other', capacity: 1, instance: 'b' });
  await store.transact(({ host }) => [
    { kind: 'host', name: 'old', value: { ...host.get('old')!, isDraining: true } },
  ]);
  assert.equal(await introduceHost(store, { ...common, name: 'new' }), true);
  assert.deepEqual(hostsOf(store), ['new', 'other', 'new']);
  assert.deepEqual([...store.state.host.keys()].sort(), ['new', 'other']);
  assert.equal(store.state.host.get('new')?.isDraining, true);
  const { version } = store.state;
  assert.equal(await introduceHost(store, { ...common, name: 'new' }), true);
  assert.equal(store.state.version, version, 'nothing is written twice');
});

test('the desktops of a fleet whose host had no name are those of the first one that has', async (t) => {
  const store = await storeWith(t, [undefined, undefined]);
  await introduceHost(store, { name: 'first', capacity: 3, instance: 'a' });
  assert.deepEqual(hostsOf(store), ['first', 'first']);
});

test('a name belongs to the host that reports under it, until it reports no more', async (t) => {
  const store = await storeWith(t, []);
  await introduceHost(store, { name: 'host', capacity: 1, instance: 'a' });
  assert.equal(await introduceHost(store, { name: 'host', capacity: 1, instance: 'b' }), false);
  await store.beat({ id: 'host', kind: 'host', version: 0, viewers: {} });
  await assert.rejects(introduceHost(store, { name: 'host', capacity: 1, instance: 'c' }), {
    code: 'FLEET_NODE_NAME_TAKEN',
  });
});

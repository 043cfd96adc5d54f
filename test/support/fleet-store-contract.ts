import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredUser } from '../../src/accounts/store-state.ts';
import type { Desktop, FleetChange } from '../../src/fleet/store/fleet-state.ts';
import type { NodeReport } from '../../src/fleet/store/nodes.ts';
import { type FleetStore, MAX_CHANGES, MAX_ENTRIES, MAX_NODES } from '../../src/fleet/store/store.ts';

/** Opens stores that share what is in them, as those of several processes do. They are closed with the test. */
export type OpenStore = () => FleetStore | Promise<FleetStore>;

const user = (name: string, hash = 'hash'): StoredUser => ({
  ...{ name, read: true, write: false, owner: false },
  ...{ hash, passwordId: 'id' },
});

export const desktop = (name: string, more: Partial<Desktop> = {}): Desktop => ({
  ...{ name, wanted: 'running', createdMs: 1, epoch: 1, key: 'key' },
  status: { state: 'running', reason: '', sinceMs: 1 },
  ...more,
});

export const userChange = (name: string): FleetChange => ({ kind: 'user', name, value: user(name) });

export const userGone = (name: string): FleetChange => ({ kind: 'user', name, value: undefined });

/** What every store of a fleet does. `opened` makes a new place for stores. */
export function testStore(
  what: string,
  opened: (t: { after(end: () => Promise<void>): void }) => OpenStore,
  { skip = false }: { readonly skip?: string | false } = {},
): void {
  test(`${what} gives each transaction with changes the next version, and tells of it`, {
    skip,
  }, async (t) => {
    const store = await opened(t)();
    assert.equal(store.state.version, 0);
    const versions: [number, number][] = [];
    store.on('changed', (before, after) => versions.push([before.version, after.version]));
    await store.transact(() => [
      userChange('ada'),
      { kind: 'desktop', name: 'lab-1', value: desktop('lab-1') },
    ]);
    await store.transact(() => []);
    const { version, user: users } = await store.transact(() => [userChange('bob')]);
    assert.equal(version, 2);
    assert.deepEqual([...users.keys()], ['ada', 'bob']);
    assert.deepEqual(versions, [
      [0, 1],
      [1, 2],
    ]);
  });

  test(`${what} decides on the newest state, whichever process has written it`, { skip }, async (t) => {
    const open = opened(t);
    const [one, other] = [await open(), await open()];
    await one.transact(() => [userChange('ada')]);
    let seen: string[] = [];
    await other.transact(({ user: users }) => {
      seen = [...users.keys()];
      return [userChange('bob')];
    });
    assert.deepEqual(seen, ['ada']);
    await one.refresh();
    assert.deepEqual([...one.state.user.keys()], ['ada', 'bob']);
    await one.transact(() => [userGone('ada')]);
    await other.refresh();
    assert.deepEqual([...other.state.user.keys()], ['bob']);
  });

  test(`${what} applies all changes of a transaction or none`, { skip }, async (t) => {
    const open = opened(t);
    const store = await open();
    await store.transact(() => [userChange('ada')]);
    const before = store.state;
    const names = (count: number): FleetChange[] =>
      Array.from({ length: count }, (_, i) => userChange(`user-${i}`));
    await assert.rejects(
      store.transact(() => {
        throw new RangeError('no');
      }),
      RangeError,
    );
    await assert.rejects(
      store.transact(() => names(MAX_CHANGES + 1)),
      { code: 'FLEET_TOO_MANY_CHANGES' },
    );
    assert.equal(store.state, before);
    assert.equal((await open()).state.version, before.version);
    const { user: users } = await store.transact(() => names(MAX_CHANGES));
    assert.equal(users.size, MAX_CHANGES + 1);
    assert.equal((await open()).state.user.size, MAX_CHANGES + 1);
  });

  test(`${what} takes no more entries of a kind than there may be, and lets them be changed and removed`, {
    skip,
  }, async (t) => {
    const store = await opened(t)();
    const most = MAX_ENTRIES.template;
    const template = (i: number, size?: string): FleetChange => {
      const name = `template-${i}`;
      return { kind: 'template', name, value: { name, ...(size && { size }) } };
    };
    await store.transact(() => Array.from({ length: most }, (_, i) => template(i)));
    await assert.rejects(
      store.transact(() => [template(most)]),
      { code: 'FLEET_STORE_FULL' },
    );
    await store.transact(() => [template(0, '800x600')]);
    await store.transact(() => [{ kind: 'template', name: 'template-1', value: undefined }, template(most)]);
    assert.equal(store.state.template.size, most);
  });

  test(`${what} loses no transaction when several processes write at the same time`, { skip }, async (t) => {
    const open = opened(t);
    const stores = [await open(), await open(), await open(), await open()];
    await Promise.all(
      stores.flatMap((store, i) =>
        Array.from({ length: 25 }, (_, j) =>
          store.transact(({ desktop: desktops }) => {
            // Each gets a place that no other one has: nothing is overbooked.
            const name = `lab-${desktops.size}`;
            return [{ kind: 'desktop', name, value: desktop(name, { command: `${i}-${j}` }) }];
          }),
        ),
      ),
    );
    const { desktop: desktops, version } = (await open()).state;
    assert.equal(version, 100);
    assert.equal(new Set([...desktops.values()].map(({ command }) => command)).size, 100);
  });

  test(`${what} keeps the last report of each node, without a new version`, { skip }, async (t) => {
    const open = opened(t);
    const [one, other] = [await open(), await open()];
    const report = (id: string, version: number): NodeReport => ({
      ...{ id, kind: 'edge', version },
      viewers: { 'lab-1': version },
    });
    await one.beat(report('edge-1', 1));
    await other.beat(report('edge-2', 1));
    const nodes = await one.beat(report('edge-1', 2));
    assert.deepEqual(
      nodes.map(({ ageMs: _ageMs, ...node }) => node),
      [report('edge-1', 2), report('edge-2', 1)],
    );
    for (const { ageMs } of nodes) assert.ok(ageMs >= 0 && ageMs < 60_000, `${ageMs} ms old`);
    assert.ok(nodes[1]!.ageMs >= nodes[0]!.ageMs, 'the older report is the older one');
    let seen: string[] = [];
    await other.transact((_state, now) => {
      seen = now.map(({ id }) => id);
      return [];
    });
    assert.deepEqual(seen, ['edge-1', 'edge-2']);
    await one.leave('edge-2');
    assert.deepEqual(
      (await one.beat(report('edge-1', 3))).map(({ id }) => id),
      ['edge-1'],
    );
    assert.equal(one.state.version, 0);
  });

  test(`${what} takes no more nodes than there may be, and still hears those that it has`, {
    skip,
  }, async (t) => {
    const store = await opened(t)();
    const report = (i: number): NodeReport => ({ id: `edge-${i}`, kind: 'edge', version: 0, viewers: {} });
    for (let i = 0; i < MAX_NODES; i++) await store.beat(report(i));
    await assert.rejects(store.beat(report(MAX_NODES)), { code: 'FLEET_STORE_FULL' });
    assert.equal((await store.beat(report(0))).length, MAX_NODES);
  });
}

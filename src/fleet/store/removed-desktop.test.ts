import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desktop } from '../../../test/support/fleet-store-contract.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { Grant } from '../../accounts/user.ts';
import type { FleetChange } from './fleet-state.ts';
import { removeFromStore } from './removed-desktop.ts';
import { SqliteStore } from './sqlite-store.ts';
import { MAX_CHANGES } from './store.ts';

const user = (name: string, grants?: readonly Grant[]): FleetChange => {
  const value = { name, read: true, write: false, owner: false, hash: 'hash', passwordId: 'id' };
  return { kind: 'user', name, value: { ...value, ...(grants && { grants }) } };
};

test('grants by a desktop’s name end with it, in the same transaction, and no others do', async (t) => {
  const store = new SqliteStore(temporaryFolder('deskwire-removed-'));
  t.after(() => store.close());
  const label: Grant = { right: 'read', labels: ['class=7b'] };
  const host = { name: 'lab-1', capacity: 9 };
  const onLab: Grant = { right: 'read', desktop: 'lab-1' };
  const other: Grant = { right: 'owner', desktop: 'lab-2' };
  await store.transact(() => [
    { kind: 'desktop', name: 'lab-1', value: desktop('lab-1') },
    user('ada', [{ right: 'read', desktop: 'lab-1' }, other, { right: 'write', desktop: 'lab-1' }, label]),
    user('bob', [{ right: 'owner', desktop: 'lab-1' }]),
    user('eve', [other]),
    user('fay'),
    { kind: 'host', name: 'lab-1', value: host },
    { kind: 'group', name: 'class', value: { name: 'class', admin: false, grants: [other, label, onLab] } },
  ]);
  const before = store.state;
  const seen: string[] = [];
  store.on('changed', (_before, { user: users, desktop: desktops }) => {
    seen.push(`${desktops.has('lab-1')} ${users.get('bob')?.grants?.length}`);
  });
  await removeFromStore(store, 'lab-1');
  assert.deepEqual(seen, ['false 0']);
  const { user: users } = store.state;
  assert.deepEqual(users.get('ada')?.grants, [other, label]);
  assert.deepEqual(store.state.group.get('class')?.grants, [other, label]);
  for (const name of ['eve', 'fay']) assert.equal(users.get(name), before.user.get(name), name);
  assert.deepEqual(store.state.host.get('lab-1'), host, 'a host of the same name');
  await removeFromStore(store, 'lab-1');
  assert.equal(seen.length, 1, 'nothing is left to remove');
});

test('a desktop with more grants than a transaction can change goes after all of them', async (t) => {
  const store = new SqliteStore(temporaryFolder('deskwire-removed-'));
  t.after(() => store.close());
  const count = 2 * MAX_CHANGES;
  await store.transact(() => [{ kind: 'desktop', name: 'lab-1', value: desktop('lab-1') }]);
  for (let from = 0; from < count; from += MAX_CHANGES)
    await store.transact(() =>
      Array.from({ length: MAX_CHANGES }, (_, i) =>
        user(`user-${from + i}`, [{ right: 'read', desktop: 'lab-1' }]),
      ),
    );
  const left: [grants: number, hasDesktop: boolean][] = [];
  store.on('changed', (_before, { user: users, desktop: desktops }) => {
    const grants = [...users.values()].filter((one) => one.grants?.length === 1).length;
    left.push([grants, desktops.has('lab-1')]);
  });
  await removeFromStore(store, 'lab-1');
  assert.deepEqual(left, [
    [MAX_CHANGES, true],
    [0, true],
    [0, false],
  ]);
});

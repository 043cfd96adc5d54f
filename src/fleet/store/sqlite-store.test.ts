import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { desktop, testStore, userChange, userGone } from '../../../test/support/fleet-store-contract.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { holdLock } from './fleet-lock.ts';
import { MOST_REMOVALS, SqliteStore } from './sqlite-store.ts';
import { MAX_CHANGES } from './store.ts';

const folder = (): string => temporaryFolder('deskwire-fleet-store-');

testStore('the embedded store', (t) => {
  const place = folder();
  return () => {
    const store = new SqliteStore(place);
    t.after(() => store.close());
    return store;
  };
});

test('a process that has missed more removals than the embedded store keeps reads everything anew', async (t) => {
  const place = folder();
  const [writer, reader] = [new SqliteStore(place), new SqliteStore(place)];
  t.after(() => Promise.all([writer.close(), reader.close()]));
  await writer.transact(() => [userChange('stays'), userChange('goes')]);
  await reader.refresh();
  await writer.transact(() => [userGone('goes')]);
  for (let removed = 0; removed <= MOST_REMOVALS; removed += MAX_CHANGES) {
    const names = Array.from({ length: MAX_CHANGES }, (_, i) => `user-${removed + i}`);
    await writer.transact(() => names.map((name) => userChange(name)));
    await writer.transact(() => names.map((name) => userGone(name)));
  }
  await reader.refresh();
  assert.deepEqual([...reader.state.user.keys()], ['stays']);
  assert.equal(reader.state.version, writer.state.version);
  const db = new DatabaseSync(join(place, 'fleet.db'), { readOnly: true });
  const { kept } = db.prepare('SELECT count(*) AS kept FROM entries WHERE value IS NULL').get() as {
    kept: number;
  };
  db.close();
  assert.ok(kept <= MOST_REMOVALS + MAX_CHANGES, `${kept} removals are kept`);
});

test('of a writer that is killed at any moment, the embedded store has whole transactions only', async () => {
  for (let round = 0; round < 5; round++) {
    const place = folder();
    const source = `
      import { SqliteStore } from ${JSON.stringify(new URL('./sqlite-store.ts', import.meta.url).href)};
      const store = new SqliteStore(process.argv[1]);
      for (let i = 0; ; i++) {
        const names = Array.from({ length: 1000 }, (_, j) => 'user-' + (i % 20) + '-' + j);
        await store.transact(() => names.map((name) => ({ kind: 'user', name, value: { name, hash: String(i) } })));
        console.log(i);
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source, '--', place], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let acknowledged = -1;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      acknowledged = Number(text.trim().split('\n').at(-1));
      if (acknowledged >= 2 * round) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const store = new SqliteStore(place);
    const { user: users, version } = store.state;
    await store.close();
    assert.ok(version > acknowledged, 'an acknowledged transaction is lost');
    assert.equal(users.size % 1000, 0);
    const byWrite = Map.groupBy(users.values(), ({ hash }) => hash);
    for (const [write, written] of byWrite) assert.equal(written.length, 1000, `write ${write}`);
  }
});

test('only the user of the fleet can read the embedded store', async (t) => {
  const place = folder();
  const store = new SqliteStore(place);
  t.after(() => store.close());
  await store.transact(() => [{ kind: 'desktop', name: 'lab-1', value: desktop('lab-1') }]);
  for (const name of ['fleet.db', 'fleet.db-wal', 'fleet.db-shm'])
    assert.equal(statSync(join(place, name)).mode & 0o077, 0, name);
});

test('an embedded store of a newer version, and a file that is none, are left alone', async () => {
  const place = folder();
  await new SqliteStore(place).close();
  const db = new DatabaseSync(join(place, 'fleet.db'));
  db.exec('PRAGMA user_version = 99');
  db.close();
  assert.throws(() => new SqliteStore(place), { code: 'FLEET_STORE_BROKEN' });
});

test('a data folder has one fleet at a time', () => {
  const place = folder();
  const release = holdLock(place);
  assert.throws(() => holdLock(place), { code: 'FLEET_RUNS_ALREADY' });
  release();
  holdLock(place)();
});

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import type { PostgresPlace } from '../fleet/store/postgres/store-url.ts';
import { takeStorePlace } from './store-place.ts';

const URL_TEXT = 'postgres://desk:s3cret@db1/lab';
const folder = temporaryFolder('deskwire-store-place-');
const file = join(folder, 'store');
writeFileSync(file, `${URL_TEXT}\n`, { mode: 0o600 });

const take = (flags: Record<string, string>, env: Record<string, string | undefined> = {}) =>
  takeStorePlace(new Map(Object.entries(flags).map(([name, value]) => [name, [value]])), env, folder);

test('the place of a store comes from a flag, a file or the environment, and leaves the environment', () => {
  assert.equal(take({}).place, undefined);
  assert.equal(take({}, { DESKWIRE_STORE: '' }).place, undefined);
  for (const [flags, more] of [
    [{ store: URL_TEXT }, {}],
    [{ 'store-file': 'store' }, {}],
    [{}, { DESKWIRE_STORE: URL_TEXT }],
    [{}, { DESKWIRE_STORE_FILE: file }],
    [{ 'store-file': file }, { DESKWIRE_STORE: 'postgres://other/lab' }],
  ] as const) {
    const env: Record<string, string | undefined> = { ...more, OTHER: 'x' };
    const place = take(flags, env).place as PostgresPlace;
    assert.deepEqual([place.hosts[0]?.host, place.password, place.database], ['db1', 's3cret', 'lab']);
    assert.deepEqual(env, { OTHER: 'x' });
  }
});

test('a path is the folder of an embedded store', () => {
  for (const store of ['/srv/store', './store', '../store'])
    assert.deepEqual(take({ store }).place, { folder: resolve(folder, store) });
});

test('a store that is given twice, or by a file that cannot be read, is refused', () => {
  for (const [flags, env] of [
    [{ store: URL_TEXT, 'store-file': file }, {}],
    [{}, { DESKWIRE_STORE: URL_TEXT, DESKWIRE_STORE_FILE: file }],
    [{ 'store-file': 'nothing' }, {}],
    [{ store: 'fleet.db' }, {}],
  ] as const)
    assert.throws(() => take(flags, { ...env }), { code: 'CFG_STORE' });
});

test('a password that other users can read is warned of, and not shown', () => {
  const seen = take({ store: URL_TEXT }).warnings;
  assert.match(seen.join(), /--store-file/);
  assert.deepEqual(take({ store: 'postgres://desk@db1/lab' }).warnings, []);
  assert.deepEqual(take({ 'store-file': file }).warnings, []);
  assert.deepEqual(take({}, { DESKWIRE_STORE: URL_TEXT }).warnings, []);
  chmodSync(file, 0o640);
  const open = take({ 'store-file': file }).warnings;
  chmodSync(file, 0o600);
  assert.match(open.join(), /0600/);
  assert.ok(![...seen, ...open].join().includes('s3cret'));
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAccounts } from './file-accounts.ts';
import { hashPassword } from './password-hash.ts';
import type { UserChange } from './user.ts';

const CHEAP = { algorithm: 'argon2id', memoryKiB: 8, passes: 1, lanes: 1 } as const;
const PASSWORD = 'password of ada';
const OWNER = { read: true, write: true, owner: true };

const create = (name: string, overwrite = false): UserChange => ({
  ...{ kind: 'create', name, password: PASSWORD, rights: OWNER, overwrite },
});

test('a login that was right is right no more when its user has another password or hash, is gone, or was made again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-accounts-'));
  const accounts = await openAccounts({ folder, cost: CHEAP });
  const elsewhere = await openAccounts({ folder, cost: CHEAP });
  t.after(async () => {
    await Promise.all([accounts.close(), elsewhere.close()]);
    rmSync(folder, { recursive: true, force: true });
  });
  await accounts.apply([create('ada'), create('bob')]);
  const login = async () => (await accounts.verify('ada', PASSWORD))!;
  const path = join(folder, 'users.json');

  const first = await login();
  assert.deepEqual(accounts.ifPasswordUnchanged(first), first);
  await accounts.apply([{ kind: 'update', name: 'ada', rights: { owner: false, write: false } }]);
  assert.deepEqual(accounts.ifPasswordUnchanged(first), { ...first, owner: false, write: false });

  // The file system gives notice of what another process writes only later.
  await elsewhere.apply([{ kind: 'update', name: 'ada', password: 'another', rights: {} }]);
  assert.equal(accounts.ifPasswordUnchanged(first), undefined);
  await elsewhere.apply([{ kind: 'update', name: 'ada', password: PASSWORD, rights: {} }]);
  assert.equal(accounts.ifPasswordUnchanged(first), undefined, 'the same password, given once more');

  const second = await login();
  await elsewhere.apply([{ kind: 'remove', name: 'ada' }]);
  assert.equal(accounts.ifPasswordUnchanged(second), undefined);
  await elsewhere.apply([create('ada')]);
  assert.equal(accounts.ifPasswordUnchanged(second), undefined);

  const third = await login();
  const { hash } = JSON.parse(readFileSync(path, 'utf8')).users.find(
    ({ user }: { user: string }) => user === 'ada',
  );
  writeFileSync(path, readFileSync(path, 'utf8').replace(hash, hashPassword('edited by hand', CHEAP)));
  assert.equal(accounts.ifPasswordUnchanged(third), undefined);
  assert.equal(
    accounts.ifPasswordUnchanged({ ...third }),
    undefined,
    'a user that these accounts did not return',
  );
});

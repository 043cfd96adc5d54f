import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ApiServer, createOwner } from './api-server.ts';

const CLI = new URL('../../bin/deskwire.mjs', import.meta.url).pathname;

let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-mounted-'));
  await createOwner(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const users = (): string => join(folder, 'users.json');

function addUser(name: string): { readonly status: number | null; readonly stderr: string } {
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const command = [CLI, 'user', 'add', name, '--read', '--data', folder];
  return spawnSync(process.execPath, command, { env, input: 'a password\n', encoding: 'utf8' });
}

test('a user file that is mounted by itself refuses changes and says to mount its folder; logins go on', async (t) => {
  const elsewhere = `${users()}.elsewhere`;
  writeFileSync(elsewhere, readFileSync(users()), { mode: 0o600 });
  try {
    execFileSync('mount', ['--bind', elsewhere, users()], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    return t.skip(String((error as { stderr?: Buffer }).stderr ?? error));
  }
  const server = await ApiServer.start(folder);
  try {
    const old = readFileSync(users(), 'utf8');
    for (const call of ['create_user?name=new&password=x', 'update_user?name=ada&write=false']) {
      const answer = await server.client.get(`/api/${call}`);
      const { code, detail } = answer.json() as { code: string; detail: string };
      assert.deepEqual([answer.status, code], [507, 'ACCOUNTS_STORE_MOUNTED'], call);
      assert.match(detail, /mount its folder/);
      assert.ok(!answer.text().includes(folder), 'the answer has a path of the server in it');
    }
    const { status, stderr } = addUser('new');
    assert.equal(status, 1);
    assert.match(stderr, /mount the folder.*ACCOUNTS_STORE_MOUNTED/);
    assert.equal(readFileSync(users(), 'utf8'), old);
    assert.equal((await server.client.get('/api/get_users')).status, 200);
  } finally {
    await server.kill();
    execFileSync('umount', [users()]);
    rmSync(elsewhere);
  }
});

test('a user file behind a link is changed where the link leads to, and the link stays', async () => {
  const target = join(folder, 'volume-users.json');
  renameSync(users(), target);
  symlinkSync('volume-users.json', users());
  const server = await ApiServer.start(folder);
  try {
    const made = await server.client.get('/api/create_user?name=linked&password=x&read=true');
    assert.equal(made.status, 200, made.text());
    assert.ok(lstatSync(users()).isSymbolicLink());
    assert.match(readFileSync(target, 'utf8'), /"linked"/);
    assert.equal(addUser('by-command').status, 0);
    assert.match(readFileSync(target, 'utf8'), /"by-command"/);
    assert.match((await server.client.get('/api/get_users')).text(), /by-command/);
  } finally {
    await server.kill();
    rmSync(users());
    if (existsSync(target)) renameSync(target, users());
  }
});

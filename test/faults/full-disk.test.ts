import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HttpsClient } from '../support/https-client.ts';
import { ApiServer, createOwner } from './api-server.ts';

/** Size of the disk in KiB: room for the certificate and some users. */
const DISK_KIB = 256;
/** Users of a file that is larger than what the disk has left, and the length of their names. */
const MANY_USERS = 100;
const LONG_NAME_LENGTH = 100;
const LEFT_BYTES = 12 * 1024;
const CLI = new URL('../../bin/deskwire.mjs', import.meta.url).pathname;

let folder: string;
let whyNot: string | undefined;
let server: ApiServer;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-disk-'));
  whyNot = mounted(['-t', 'tmpfs', '-o', `size=${DISK_KIB}k,mode=700`, 'tmpfs']);
  if (whyNot !== undefined) return;
  await createOwner(folder);
  server = await ApiServer.start(folder);
});
after(async () => {
  await server?.kill();
  if (whyNot === undefined) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

/** Mounts something at the folder. Returns the reason if that is not allowed here. */
function mounted(options: readonly string[]): string | undefined {
  try {
    execFileSync('mount', [...options, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    return `mount: ${(error as { stderr?: Buffer }).stderr?.toString().trim() ?? error}`;
  }
}

const stored = (): string => readFileSync(join(folder, 'users.json'), 'utf8');

/** Runs `deskwire user …`. */
function runCommand(...args: string[]): { readonly status: number | null; readonly stderr: string } {
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const command = [CLI, 'user', ...args, '--data', folder];
  return spawnSync(process.execPath, command, { env, input: 'a password\n', encoding: 'utf8' });
}

/** Fills the disk, apart from about so many bytes. Returns the file that does. */
function fillDisk(leftBytes: number): string {
  const filler = join(folder, 'filler');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
  return filler;
}

/** Asserts that each kind of change is refused with 507, or by the command, and that nothing changes. */
async function assertRefused({ client }: ApiServer): Promise<void> {
  const old = { file: stored(), list: (await client.get('/api/get_users')).text() };
  for (const call of [
    'create_user?name=new&password=x',
    'update_user?name=old&write=true',
    'update_user?name=old&password=y',
    'remove_user?name=old',
  ]) {
    const answer = await client.get(`/api/${call}`);
    assert.deepEqual([answer.status, answer.json().code], [507, 'ACCOUNTS_STORE_UNWRITABLE'], call);
    assert.ok(!answer.text().includes(folder), 'the answer has a path of the server in it');
  }
  for (const args of [
    ['add', 'new', '--read'],
    ['passwd', 'old'],
    ['remove', 'old'],
  ]) {
    const { status, stderr } = runCommand(...args);
    assert.deepEqual(
      [status, /ACCOUNTS_STORE_UNWRITABLE/.test(stderr)],
      [1, true],
      `${args.join(' ')}: ${stderr}`,
    );
  }
  assert.deepEqual({ file: stored(), list: (await client.get('/api/get_users')).text() }, old);
  const leftOver = readdirSync(folder).filter((name) => name.endsWith('.new'));
  assert.deepEqual(leftOver, []);
}

async function assertAccepted({ client }: ApiServer, name: string): Promise<void> {
  const answer = await client.get(`/api/create_user?name=${name}&password=x&read=true`);
  assert.equal(answer.status, 200, answer.text());
  assert.ok(stored().includes(`"${name}"`));
}

test('on a full disk changes of users are refused with 507, and the old users stay', async (t) => {
  if (whyNot !== undefined) return t.skip(whyNot);
  await assertAccepted(server, 'old');
  const filler = fillDisk(0);
  await assertRefused(server);
  rmSync(filler);
  await assertAccepted(server, 'later');
});

test('a disk that is full in the middle of the user file keeps the old users, and no part of the new file', async (t) => {
  if (whyNot !== undefined) return t.skip(whyNot);
  const many = Array.from({ length: MANY_USERS }, (_, i) => ({
    user: `${i}`.padEnd(LONG_NAME_LENGTH, 'x'),
    password: 'x',
  }));
  const made = await server.client.post('/api/create_user', many);
  assert.equal(made.status, 200, made.text());
  assert.ok(stored().length > LEFT_BYTES);
  const filler = fillDisk(LEFT_BYTES);
  await assertRefused(server);
  rmSync(filler);
  await assertAccepted(server, 'with-many');
});

test('on a disk that became read-only changes of users are refused with 507, and logins go on', async (t) => {
  if (whyNot !== undefined) return t.skip(whyNot);
  assert.equal(mounted(['-o', 'remount,ro']), undefined);
  try {
    await assertRefused(server);
  } finally {
    assert.equal(mounted(['-o', 'remount,rw']), undefined);
  }
  await assertAccepted(server, 'writable-again');
});

test('a server on a full disk lets a user in who is not remembered', async (t) => {
  if (whyNot !== undefined) return t.skip(whyNot);
  const made = await server.client.get('/api/create_user?name=boss&password=boss-secret&owner=true');
  assert.equal(made.status, 200);
  const filler = fillDisk(0);
  const ca = readFileSync(join(folder, 'cert.pem'), 'utf8');
  const boss = new HttpsClient(server.url, ca, { name: 'boss', password: 'boss-secret' });
  try {
    assert.equal((await boss.get('/api/get_users')).status, 200);
  } finally {
    boss.close();
    rmSync(filler);
  }
});

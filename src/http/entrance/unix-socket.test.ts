import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { listenOnUnixSocket } from './unix-socket.ts';

/** A user and group without rights, which every system has. */
const NOBODY = 65534;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-socket-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The sockets below a folder to which every account may connect. */
function openToAll(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const { mode } = statSync(path);
    if (entry.isDirectory()) return mode & 0o001 ? openToAll(path) : [];
    return entry.isSocket() && mode & 0o002 ? [path] : [];
  });
}

test('no other account can connect to a Unix socket before its mode is set, whatever the umask', async (t) => {
  const folder = folderOf(t);
  chmodSync(folder, 0o755);
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  const server = createServer();
  t.after(() => void server.close());
  let whenBound: string[] | undefined;
  server.once('listening', () => {
    whenBound = openToAll(folder);
  });
  const remove = await listenOnUnixSocket(server, join(folder, 'desk.sock'));
  assert.deepEqual(whenBound, []);
  assert.equal(statSync(join(folder, 'desk.sock')).mode & 0o777, 0o660);
  assert.deepEqual(readdirSync(folder), ['desk.sock']);
  remove();
  server.close();
  await once(server, 'close');
  assert.deepEqual(readdirSync(folder), []);
});

test('a Unix socket that cannot have its name leaves nothing behind', async (t) => {
  const folder = folderOf(t);
  const taken = join(folder, 'desk.sock');
  const first = createServer();
  const remove = await listenOnUnixSocket(first, taken);
  t.after(() => void first.close());
  await assert.rejects(listenOnUnixSocket(createServer(), taken), { code: 'HTTP_PORT_BUSY' });
  assert.deepEqual(readdirSync(folder), ['desk.sock']);
  remove();
});

test('a Unix socket takes the group of a folder with the setgid bit', {
  skip: process.getuid?.() !== 0 && 'only root can give a folder to another group',
}, async (t) => {
  const folder = folderOf(t);
  chownSync(folder, 0, NOBODY);
  chmodSync(folder, 0o2750);
  const server = createServer();
  t.after(() => void server.close());
  const remove = await listenOnUnixSocket(server, join(folder, 'desk.sock'));
  assert.equal(statSync(join(folder, 'desk.sock')).gid, NOBODY);
  remove();
});

import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { textContent } from '../../src/protocol/clipboard-content.ts';
import type { HttpsClient } from '../support/https-client.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, ContractServer, EVE } from './contract-server.ts';

let server: ContractServer;
let ada: HttpsClient;
before(async () => {
  server = await ContractServer.start();
  ada = server.client(ADA);
});
after(() => server.close());

test('get_sessions lists every connection, newest first, with its start in UTC', async () => {
  assert.deepEqual((await ada.get('/api/get_sessions')).json(), { users: [] });
  const startMs = Date.now();
  const viewers = [await server.viewer(EVE), await server.viewer(EVE), await server.viewer(ADA)];
  const names = async (): Promise<string[]> => {
    const { users } = (await ada.get('/api/get_sessions')).json();
    return users.map(({ username }: { username: string }) => username);
  };
  assert.deepEqual(await names(), ['ada', 'eve', 'eve']);
  const { users } = (await ada.get('/api/get_sessions')).json();
  for (const { connected_since: since } of users) {
    assert.match(since, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    const connectedMs = Date.parse(`${since.replace(' ', 'T')}Z`);
    // The API cuts the time to whole seconds.
    assert.ok(connectedMs > startMs - 1_000 && connectedMs <= Date.now(), since);
  }
  viewers.push(await server.viewer(EVE));
  assert.deepEqual(await names(), ['eve', 'ada', 'eve', 'eve']);
  await viewers[0]!.close();
  await waitFor('one connection of eve to end', async () => String(await names()) === 'eve,ada,eve');
  await Promise.all(viewers.map((viewer) => viewer.close()));
  await waitFor('all connections to end', async () => (await names()).length === 0);
});

test('clear_clipboard clears the desktop’s selection', async () => {
  server.desktop.clipboard = textContent('secret');
  assert.equal((await ada.get('/api/clear_clipboard')).text(), '200 OK');
  assert.equal(server.desktop.clipboardText, undefined);
});

test('downloads lists the folder and folders below it, and nothing outside', async () => {
  const list = async (path?: string) => {
    const answer = await ada.get(`/api/downloads${path === undefined ? '' : `?path=${path}`}`);
    return answer.status === 200 ? answer.json().files : answer.json().code;
  };
  assert.deepEqual(await list(), []);
  const root = join(server.folder, 'Downloads');
  mkdirSync(join(root, 'sub dir'), { recursive: true });
  writeFileSync(join(root, 'sub dir', 'a+b.txt'), 'hello', { mode: 0o640 });
  symlinkSync('/etc', join(root, 'leak'));
  symlinkSync('sub dir', join(root, 'inside'));
  mkdirSync(join(server.folder, 'Downloads-other'));

  for (const path of [undefined, '', '/', '.', 'sub dir/..']) {
    const names = (await list(path && encodeURIComponent(path))).map(
      ({ filename }: { filename: string }) => filename,
    );
    assert.deepEqual(names, ['inside', 'leak', 'sub dir'], path);
  }
  for (const path of ['sub+dir', 'sub%20dir/', '/sub%20dir', 'inside']) {
    const [file] = await list(path);
    assert.equal(file.filename, 'a+b.txt', path);
    assert.deepEqual(
      [file.size, file.is_dir, file.perms, file.owner],
      [5, false, 'rw-r-----', userInfo().username],
    );
    for (const date of [file.date_modified, file.date_created])
      assert.match(date, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  }
  const outside = [
    '..',
    '../',
    '%2e%2e',
    '..%2f..%2fetc',
    'leak',
    'leak/ssl',
    '../Downloads-other',
    '/etc',
    'none',
    'sub+dir/a%2Bb.txt',
    'x%00',
  ];
  for (const path of outside) assert.equal(await list(path), 'API_NO_SUCH_FOLDER', path);
  assert.equal(await list('%252e%252e'), 'API_NO_SUCH_FOLDER', 'decoded once');
});

test('a Downloads folder of another user that is a link to another folder is not listed', async () => {
  const folder = join(server.folder, 'Downloads');
  const kept = `${folder}-kept`;
  mkdirSync(folder, { recursive: true });
  renameSync(folder, kept);
  symlinkSync('/etc', folder);
  try {
    assert.deepEqual((await ada.get('/api/downloads')).json(), { files: [] });
    assert.equal((await ada.get('/api/downloads?path=ssl')).json().code, 'API_NO_SUCH_FOLDER');
  } finally {
    rmSync(folder);
    renameSync(kept, folder);
  }
});

test('downloads lists at most 10,000 files of a folder', async () => {
  const folder = join(server.folder, 'Downloads', 'many');
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < 10_001; i++) writeFileSync(join(folder, String(i)), '');
  const { files } = (await ada.get('/api/downloads?path=many')).json();
  assert.equal(files.length, 10_000);
  rmSync(folder, { recursive: true });
});

test('system/stats reports plausible values of the host', async () => {
  const { cpu, memory, cgroup, disks } = (await ada.get('/api/system/stats')).json();
  const shares = [
    cpu.user_percent,
    cpu.system_percent,
    cpu.idle_percent,
    cpu.io_wait_percent,
    cpu.steal_percent,
  ];
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 1, String(shares));
  assert.ok(cpu.processors >= 1);
  assert.ok(memory.available_bytes > 0 && memory.available_bytes <= memory.total_bytes);
  assert.ok('cpu_limit' in cgroup && 'memory_limit_bytes' in cgroup && 'throttling' in cgroup);
  assert.ok(Array.isArray(disks));
  assert.ok(memory.used > 0 && memory.used + memory.free + memory.cached <= memory.total + 1);
  assert.ok(cpu.usage_percent >= 0 && cpu.cgroup_effective_cores > 0);
});

test('openapi.json describes every call, and all its references resolve', async () => {
  const document = (await ada.get('/api/openapi.json')).json();
  assert.match(document.openapi, /^3\.1/);
  const operations = Object.entries<Record<string, { operationId: string }>>(document.paths).flatMap(
    ([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const expected = ['create_user', 'update_user', 'remove_user'].flatMap((name) => [
    `get /api/${name}`,
    `post /api/${name}`,
  ]);
  for (const name of [
    'get_bottleneck_stats',
    'get_frame_stats',
    'get_next_frame_stats',
    'get_screenshot',
    'send_full_frame',
    'get_users',
    'get_sessions',
    'get_login_blocks',
  ]) {
    expected.push(`get /api/${name}`);
  }
  for (const name of ['tokens', 'tickets'])
    expected.push(`get /api/${name}`, `post /api/${name}`, `delete /api/${name}/{id}`);
  expected.push('get /api/viewers', 'delete /api/viewers/{id}', 'post /api/message', 'post /api/resize');
  expected.push('get /api/clipboard', 'put /api/clipboard', 'get /api/docs');
  for (const name of ['clear_clipboard', 'clear_login_blocks', 'downloads', 'system/stats', 'openapi.json'])
    expected.push(`get /api/${name}`);
  for (const name of ['events', 'metrics']) expected.push(`get /api/${name}`);
  assert.deepEqual(operations.sort(), expected.sort());
  for (const [, reference = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = reference.split('/').reduce((value, key) => value?.[key], document);
    assert.ok(target !== undefined, reference);
  }
  const ids = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, ids.length);
});

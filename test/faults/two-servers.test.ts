import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../support/wait-for.ts';
import { ApiServer, createOwner } from './api-server.ts';

/** Changes by each server, half of them at the same time as one of the other. */
const CHANGES = 40;

let folder: string;
let servers: ApiServer[];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-two-'));
  await createOwner(folder);
  servers = [await ApiServer.start(folder), await ApiServer.start(folder)];
});
after(async () => {
  for (const server of servers ?? []) await server.kill();
  rmSync(folder, { recursive: true, force: true });
});

const users = async ({ client }: ApiServer): Promise<string> => (await client.get('/api/get_users')).text();

test('two servers on one data folder keep agreeing about users that both change', async () => {
  const [one, other] = servers as [ApiServer, ApiServer];
  for (let i = 0; i < CHANGES; i++) {
    const made = await Promise.all(
      servers.map(({ client }, n) => client.get(`/api/create_user?name=user-${n}-${i}&password=x&read=true`)),
    );
    assert.deepEqual(
      made.map(({ status }) => status),
      [200, 200],
    );
    // Each removes a user that the other has made.
    const removed = await Promise.all(
      servers.map(({ client }, n) => client.get(`/api/remove_user?name=user-${1 - n}-${i}`)),
    );
    assert.deepEqual(
      removed.map(({ status }) => status),
      [200, 200],
    );
    if (i % 2 === 0) continue;
    const kept = await one.client.get(`/api/create_user?name=kept-${i}&password=x`);
    assert.equal(kept.status, 200);
    await waitFor(`both to have kept-${i}`, async () => {
      const [here, there] = await Promise.all(servers.map(users));
      return here === there && here!.includes(`kept-${i}`);
    });
  }
  const list: { user: string }[] = JSON.parse(await users(other));
  assert.equal(list.length, 1 + CHANGES / 2);
});

test('two servers on one data folder know each other’s tokens, and revocations at once', async () => {
  for (const [maker, other] of [servers, servers.toReversed()] as [ApiServer, ApiServer][]) {
    const made = (await maker.client.post('/api/tokens', { name: 'ci', scopes: ['users'] })).json();
    const headers = { authorization: `Bearer ${made.token}` };
    const ask = async ({ client }: ApiServer) => (await client.get('/api/get_users', { headers })).status;
    assert.deepEqual(await Promise.all([maker, other].map(ask)), [200, 200]);
    assert.equal((await other.client.send(`/api/tokens/${made.id}`, { method: 'DELETE' })).status, 200);
    assert.deepEqual(await Promise.all([maker, other].map(ask)), [401, 401]);
  }
});

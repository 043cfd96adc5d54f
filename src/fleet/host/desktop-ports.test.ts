import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { freePort } from './desktop-ports.ts';

test('a desktop gets a port of the range that neither another desktop nor another program has', async (t) => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ports = { first: port, last: port };
  assert.equal(await freePort({ address: '127.0.0.1', ports }, new Set()), undefined);
  // Another address of the machine has ports of its own.
  assert.equal(await freePort({ address: '127.0.0.2', ports }, new Set()), port);
  assert.equal(await freePort({ address: '127.0.0.2', ports }, new Set([port])), undefined);
});

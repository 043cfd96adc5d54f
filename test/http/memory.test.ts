import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { ADA, ContractServer, EVE } from '../api/contract-server.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 1024 * 1024;
/** What this process, which is the server, may take in addition. */
const ROOM_BYTES = 300 * MIB;

/** Takes memory, with each page written, until the returned function is called. */
function takeMemory(bytes: number): () => void {
  let taken: Buffer | undefined = Buffer.alloc(bytes, 1);
  return () => {
    taken?.fill(2, 0, 1);
    taken = undefined;
  };
}

test('near the memory limit, new connections and viewers are told 503, open ones go on, and later all is well', async (t) => {
  const server = await ContractServer.start({ maxMemoryBytes: process.memoryUsage.rss() + ROOM_BYTES });
  t.after(() => server.close());
  const [api, page] = [server.client(ADA), server.client(EVE)];
  const viewer = await server.viewer(EVE);
  assert.equal((await api.get('/api/get_users')).status, 200);
  assert.equal((await page.get('/')).status, 200);

  const giveBack = takeMemory(ROOM_BYTES);
  const refused = await waitFor('the first refusal', async () => {
    const client = server.client(ADA);
    const answer = await client.get('/api/get_users');
    client.close();
    return answer.status === 200 ? undefined : answer;
  });
  assert.equal(refused.status, 503);
  assert.equal(refused.json().code, 'HTTP_MEMORY_SHORT');
  assert.equal(refused.headers['retry-after'], '10');
  await assert.rejects(server.viewer(EVE), { status: 503 });
  assert.match(server.logged, /"code":"HTTP_MEMORY_SHORT"/);

  assert.equal((await api.get('/api/get_users')).status, 200, 'an open connection goes on');
  await viewer.roundTrip();
  viewer.requestUpdate(false);
  await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
  assert.equal((await server.client().get('/healthz')).status, 200, 'a supervisor leaves the server alone');
  const probe = { method: 'HEAD', headers: { 'sec-fetch-mode': 'same-origin' } };
  assert.equal((await page.send('/', probe)).status, 503, 'the page can say why');

  giveBack();
  await waitFor(
    'the end of the shortage',
    () => server.logged.includes('There is enough memory again'),
    60_000,
  );
  assert.equal((await server.client(ADA).get('/api/get_users')).status, 200);
  const fresh = await server.viewer(EVE);
  await fresh.roundTrip();
  await viewer.roundTrip();
  for (const one of [fresh, viewer]) one.destroy();
});

test('a connection that was let in before memory ran out gets no viewer afterwards', async (t) => {
  const server = await ContractServer.start({ maxMemoryBytes: process.memoryUsage.rss() + ROOM_BYTES });
  t.after(() => server.close());
  const socket = connect({ port: server.http.port, host: '127.0.0.1', ca: server.ca });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  const giveBack = takeMemory(ROOM_BYTES);
  t.after(giveBack);
  await waitFor('the shortage', async () => {
    const client = server.client(ADA);
    const { status } = await client.get('/api/get_users');
    client.close();
    return status === 503;
  });
  const login = Buffer.from(`${EVE.name}:${EVE.password}`).toString('base64');
  const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
  const lines = ['GET /websockify HTTP/1.1', 'Host: desk', ...upgrade, key, `Authorization: Basic ${login}`];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let text = '';
  for await (const part of socket) text += part;
  assert.match(text, /^HTTP\/1\.1 503 [\s\S]*HTTP_MEMORY_SHORT/);
});

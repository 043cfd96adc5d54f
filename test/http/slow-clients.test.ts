import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { ConnectionLimits } from '../../src/http/connections/connection-limits.ts';
import { ADA, ContractServer, EVE, type Login } from '../api/contract-server.ts';
import { closeOf } from '../support/close-of.ts';
import { waitFor } from '../support/wait-for.ts';

/** Time between two bytes of a client that sends slowly, in ms: far less than the limits here. */
const DRIP_MS = 10;
/** Longest wait for the end of viewers that never finish their handshake, in ms: 10 s, and time for a busy machine. */
const ENDED_LIMIT_MS = 60_000;

/** Short limits of requests. */
const SHORT: Partial<ConnectionLimits> = { headersMs: 300, requestMs: 600 };

async function start(t: TestContext, limits: Partial<ConnectionLimits>): Promise<ContractServer> {
  const server = await ContractServer.start({ limits });
  t.after(() => server.close());
  return server;
}

/** A connection, and all that it was sent. */
class Client {
  static async open(t: TestContext, server: ContractServer): Promise<Client> {
    const socket = connect({ port: server.http.port, host: '127.0.0.1', ca: server.ca });
    socket.on('error', () => {});
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    return new Client(socket);
  }

  readonly socket: TLSSocket;
  text = '';

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (part: string) => {
      this.text += part;
    });
  }

  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
  }

  /** Sends the same byte again and again until the connection ends. */
  async drip(byte: number): Promise<void> {
    const timer = setInterval(() => this.socket.writable && this.socket.write(Uint8Array.of(byte)), DRIP_MS);
    await closeOf(this.socket).finally(() => clearInterval(timer));
  }
}

const basic = ({ name, password }: Login): string =>
  `Authorization: Basic ${Buffer.from(`${name}:${password}`).toString('base64')}\r\n`;

test('a client that sends nothing, or its headers byte by byte, is told 408 and closed', async (t) => {
  const server = await start(t, SHORT);
  const silent = await Client.open(t, server);
  const silentEnd = closeOf(silent.socket);
  const slow = await Client.open(t, server);
  slow.socket.write('GET / HTTP/1.1\r\nHost: desk\r\nX: ');
  await Promise.all([silentEnd, slow.drip(0x78)]);
  for (const { text } of [silent, slow])
    assert.match(text, /^HTTP\/1\.1 408 [\s\S]*"code":"HTTP_REQUEST_TIMED_OUT"/);
});

test('an owner who sends a body byte by byte is told 408 and closed, and nothing is done', async (t) => {
  const server = await start(t, SHORT);
  const client = await Client.open(t, server);
  const head = 'POST /api/create_user HTTP/1.1\r\nHost: desk\r\nContent-Length: 1000\r\n';
  client.socket.write(`${head}${basic(ADA)}\r\n`);
  await client.drip(0x20);
  assert.deepEqual(client.statuses, [408]);
});

test('a refused caller who goes on with its body byte by byte is closed', async (t) => {
  const server = await start(t, SHORT);
  const client = await Client.open(t, server);
  client.socket.write('POST /api/create_user HTTP/1.1\r\nHost: desk\r\nContent-Length: 1000\r\n\r\n');
  await client.drip(0x20);
  assert.equal(client.statuses[0], 401);
});

test('several requests at once are answered in order, and the connection stays', async (t) => {
  const server = await start(t, {});
  const client = await Client.open(t, server);
  const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: desk\r\n${basic(ADA)}\r\n`;
  client.socket.write([ask('/api/get_users'), ask('/nope'), ask('/healthz')].join(''));
  await waitFor('three answers', () => client.statuses.length === 3);
  assert.deepEqual(client.statuses, [200, 404, 200]);
  client.socket.write(ask('/healthz'));
  await waitFor('the fourth answer', () => client.statuses.length === 4);
});

test('of thousands of requests in one write, the first few are handled, and then the connection ends', async (t) => {
  const server = await start(t, { unansweredRequests: 16 });
  for (const extra of ['', 'Expect: a cake\r\n']) {
    const client = await Client.open(t, server);
    client.socket.write(`GET / HTTP/1.1\r\nHost: desk\r\n${extra}\r\n`.repeat(5000));
    // The end may overtake the answers, because the server has not read all that was sent.
    await waitFor('the end', () => client.socket.destroyed);
    assert.ok(client.statuses.length <= 16, `${client.statuses.length} answers`);
  }
  assert.equal(server.logged.match(/"msg":"Call"/g)?.length, 16);
  assert.match(server.logged, /HTTP_PIPELINE_FULL/);
  assert.equal((await server.client(ADA).get('/api/get_users')).status, 200);
});

test('a WebSocket that is asked for behind too many requests is not opened', async (t) => {
  const server = await start(t, { unansweredRequests: 2 });
  const client = await Client.open(t, server);
  const upgrade = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n${basic(EVE)}`;
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
  const ask = (headers: string): string => `GET /websockify HTTP/1.1\r\nHost: desk\r\n${headers}\r\n`;
  client.socket.write(ask('') + ask('') + ask(upgrade + key));
  await closeOf(client.socket);
  assert.deepEqual(client.statuses, [426, 426]);
});

test('a request with more than 100 headers is refused, also if a second Host comes after thousands', async (t) => {
  const server = await start(t, {});
  for (const [count, status] of [
    [90, 200],
    [101, 431],
    [2500, 431],
  ] as const) {
    const client = await Client.open(t, server);
    const many = 'a:\r\n'.repeat(count);
    const second = count > 100 ? 'Host: evil\r\n' : '';
    client.socket.write(`GET /healthz HTTP/1.1\r\nHost: desk\r\n${many}${second}Connection: close\r\n\r\n`);
    await closeOf(client.socket);
    assert.deepEqual(client.statuses, [status], `${count} headers`);
  }
});

test('viewers that never finish the RFB handshake are closed, whether they are silent, ping, or drip a message', async (t) => {
  const server = await start(t, {});
  const stayer = await server.viewer(ADA);
  const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
  /** A ping without data, and the header of a message of 65,535 bytes. Both with a mask of zeroes. */
  const ping = Uint8Array.of(0x89, 0x80, 0, 0, 0, 0);
  const message = Uint8Array.of(0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0);
  const clients: Client[] = [];
  for (let i = 0; i < 30; i++) {
    const client = await Client.open(t, server);
    client.socket.write(`GET /websockify HTTP/1.1\r\nHost: desk\r\n${upgrade}${key}${basic(EVE)}\r\n`);
    await waitFor('the WebSocket', () => client.statuses[0] === 101);
    if (i % 3 === 1) client.socket.write(message);
    clients.push(client);
  }
  const drip = setInterval(() => {
    for (const [i, { socket }] of clients.entries())
      if (i % 3 > 0 && socket.writable) socket.write(i % 3 === 1 ? Uint8Array.of(0) : ping);
  }, 500);
  t.after(() => clearInterval(drip));
  const isClosed = () => clients.every(({ socket }) => socket.destroyed);
  await waitFor('all to be closed', isClosed, ENDED_LIMIT_MS);
  await stayer.roundTrip();
  stayer.destroy();
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { SCHEMA } from '../../src/config/schema.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../../src/http/connections/connection-limits.ts';
import { ADA, ContractServer, EVE, type Login } from '../api/contract-server.ts';
import { closeOf } from '../support/close-of.ts';
import { waitFor } from '../support/wait-for.ts';

/** Time for the pages of 100 browsers, in ms: the client of the test has a shorter limit for a single one. */
const CLASS_LIMIT_MS = 60_000;

async function start(t: TestContext, limits: Partial<ConnectionLimits>, trustProxy: string[] = []) {
  const server = await ContractServer.start({ limits, trustProxy });
  t.after(() => server.close());
  return server;
}

/** Opens a TCP connection from an address of this machine. */
async function dial(t: TestContext, server: ContractServer, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connectTcp({ port: server.http.port, host: '127.0.0.1', localAddress });
  socket.on('error', () => {});
  // Its end is seen only while it is read.
  socket.resume();
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Opens a TLS connection, which waits for its first request. */
async function dialTls(
  t: TestContext,
  server: ContractServer,
  localAddress = '127.0.0.1',
): Promise<TLSSocket> {
  const socket = connectTls({
    socket: await dial(t, server, localAddress),
    ca: server.ca,
    host: '127.0.0.1',
  });
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** Sends a request and resolves with everything that comes until the connection ends. */
async function askToEnd(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  socket.write('GET /api/get_users HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n');
  await closeOf(socket);
  return text;
}

const codeOf = (answer: string): string | undefined => /"code":"(\w+)"/.exec(answer)?.[1];
const ended = (sockets: readonly Socket[]): boolean[] => sockets.map((socket) => socket.destroyed);

test('a handshake that never finishes is destroyed, whether its peer is silent or sends byte by byte', async (t) => {
  const server = await start(t, { handshakeMs: 200 });
  const silent = await dial(t, server);
  const slow = await dial(t, server);
  // The header of a record of 512 bytes, then one byte after the other.
  slow.write(Uint8Array.of(0x16, 3, 1, 2, 0));
  const drip = setInterval(() => slow.write(Uint8Array.of(1)), 20);
  t.after(() => clearInterval(drip));
  await waitFor('both to be closed', () => silent.destroyed && slow.destroyed);
  assert.match(server.logged, /HTTP_HANDSHAKE_TIMED_OUT/);
});

test('a connection that has finished its handshake outlives the time for that', async (t) => {
  const server = await start(t, { handshakeMs: 2000 });
  const socket = await dialTls(t, server);
  const late = await dial(t, server);
  await closeOf(late);
  assert.equal(socket.destroyed, false);
  assert.match(await askToEnd(socket), /^HTTP\/1\.1 401 /);
});

test('of too many half-open connections of one address the oldest makes way, and callers still get in', async (t) => {
  const server = await start(t, { halfOpenOfAddress: 4 });
  const other = await dial(t, server, '127.0.0.2');
  const sockets: Socket[] = [];
  for (let i = 0; i < 7; i++) sockets.push(await dial(t, server));
  await waitFor('the three oldest to be closed', () => ended(sockets.slice(0, 3)).every(Boolean));
  assert.deepEqual(ended(sockets.slice(3)), [false, false, false, false]);
  assert.match(server.logged, /HTTP_ADDRESS_HALF_OPEN_FULL/);
  assert.equal((await server.client(ADA).get('/api/get_users')).status, 200);
  assert.equal(other.destroyed, false);
});

test('of too many half-open connections in total the oldest makes way', async (t) => {
  const server = await start(t, { halfOpen: 4 });
  const sockets: Socket[] = [];
  for (let i = 1; i <= 6; i++) sockets.push(await dial(t, server, `127.0.0.${i}`));
  await waitFor('the two oldest to be closed', () => ended(sockets.slice(0, 2)).every(Boolean));
  assert.deepEqual(ended(sockets.slice(2)), [false, false, false, false]);
  assert.match(server.logged, /HTTP_HALF_OPEN_FULL/);
});

test('an address that connects too often is closed before its handshake, while other addresses get in', async (t) => {
  const server = await start(t, {
    connectsOfAddressPerSecond: 0.001,
    connectionsOfAddress: 2,
  });
  for (let i = 0; i < 4; i++) (await dial(t, server, '127.0.0.2')).destroy();
  const refused = await dial(t, server, '127.0.0.2');
  await waitFor('the connection to be closed', () => refused.destroyed);
  assert.match(server.logged, /HTTP_ADDRESS_CONNECTS_OFTEN/);
  assert.match(await askToEnd(await dialTls(t, server, '127.0.0.3')), /^HTTP\/1\.1 401 /);
});

/** Sends requests on one connection, one after the other, until it is closed. Resolves with the number of answers. */
async function askUntilClosed(socket: TLSSocket, most: number, headers = ''): Promise<number> {
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const answers = (): number => text.split('HTTP/1.1 ').length - 1;
  for (let sent = 1; sent <= most && !socket.destroyed; sent++) {
    socket.write(`GET /api/get_users HTTP/1.1\r\nHost: desk\r\n${headers}\r\n`);
    await waitFor('an answer', () => answers() === sent || socket.destroyed);
  }
  return answers();
}

test('answers without a login close the connection of an address that has had too many, and of no other one', async (t) => {
  const server = await start(t, { connectsOfAddressPerSecond: 0.001, connectionsOfAddress: 4 });
  assert.equal(await askUntilClosed(await dialTls(t, server, '127.0.0.2'), 20), 9);
  const basic = Buffer.from(`${ADA.name}:${ADA.password}`).toString('base64');
  const loggedIn = await dialTls(t, server, '127.0.0.2');
  assert.equal(await askUntilClosed(loggedIn, 20, `Authorization: Basic ${basic}\r\n`), 20);
  assert.equal(await askUntilClosed(await dialTls(t, server, '127.0.0.3'), 8), 8);
});

test('a connection above the limit of its address is answered 429 and closed, until an earlier one ends', async (t) => {
  const server = await start(t, { connectionsOfAddress: 2 });
  const [first] = [await dialTls(t, server, '127.0.0.2'), await dialTls(t, server, '127.0.0.2')];
  const answer = await askToEnd(await dialTls(t, server, '127.0.0.2'));
  assert.match(answer, /^HTTP\/1\.1 429 [\s\S]*\r\nRetry-After: 10\r\n/i);
  assert.equal(codeOf(answer), 'HTTP_ADDRESS_CONNECTIONS_FULL');
  assert.match(await askToEnd(await dialTls(t, server, '127.0.0.3')), /^HTTP\/1\.1 401 /);
  first.destroy();
  await waitFor('room for another connection', async () =>
    (await askToEnd(await dialTls(t, server, '127.0.0.2'))).startsWith('HTTP/1.1 401 '),
  );
});

test('a connection above the limit of the server is answered 503 and closed', async (t) => {
  const server = await start(t, { connections: 2 });
  for (let i = 0; i < 2; i++) await dialTls(t, server);
  const answer = await askToEnd(await dialTls(t, server));
  assert.match(answer, /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 10\r\n/i);
  assert.equal(codeOf(answer), 'HTTP_CONNECTIONS_FULL');
  assert.match(server.logged, /HTTP_CONNECTIONS_FULL/);
});

test('a full server lets in another address in place of the longest idle connection of the busiest one', async (t) => {
  const server = await start(t, { connections: 5 });
  const viewer = await server.viewer(EVE);
  const idle: TLSSocket[] = [];
  for (let i = 0; i < 4; i++) idle.push(await dialTls(t, server, '127.0.0.2'));
  assert.match(await askToEnd(await dialTls(t, server, '127.0.0.3')), /^HTTP\/1\.1 401 /);
  await waitFor('the oldest to be closed', () => idle[0]!.destroyed);
  assert.deepEqual(ended(idle.slice(1)), [false, false, false]);
  await viewer.roundTrip();
  viewer.destroy();
});

test('when all connections are viewers, a full server ends none of them for another caller', async (t) => {
  const server = await start(t, { connections: 2 });
  const viewers = [await server.viewer(EVE), await server.viewer(ADA)];
  assert.equal(codeOf(await askToEnd(await dialTls(t, server, '127.0.0.3'))), 'HTTP_CONNECTIONS_FULL');
  for (const viewer of viewers) {
    await viewer.roundTrip();
    viewer.destroy();
  }
});

test('a full server still says to supervisors that it runs', async (t) => {
  const server = await start(t, { connections: 1 });
  await dialTls(t, server);
  assert.equal((await server.client().get('/healthz')).status, 200);
  assert.equal((await server.client().get('/readyz')).status, 503);
});

test('a connection above a limit that sends no request is closed soon', async (t) => {
  const server = await start(t, { connections: 1, turnAwayMs: 200 });
  const first = await dialTls(t, server);
  const silent = await dialTls(t, server);
  await waitFor('the silent one to be closed', () => silent.destroyed);
  assert.equal(first.destroyed, false);
});

test('of many connections above a limit, a few are told why, and the others are closed at once', async (t) => {
  const server = await start(t, { connections: 1, turnedAway: 2 });
  await dialTls(t, server);
  const told = [await dialTls(t, server), await dialTls(t, server)];
  const third = await dialTls(t, server);
  await waitFor('the third to be closed', () => third.destroyed);
  for (const socket of told) assert.equal(codeOf(await askToEnd(socket)), 'HTTP_CONNECTIONS_FULL');
});

test('a viewer whose login takes too long is cut off, also while its password is checked', async (t) => {
  const slow = { algorithm: 'scrypt', logN: 15, blockSize: 8, lanes: 1 } as const;
  const server = await ContractServer.start({ limits: { upgradeMs: 20 }, cost: slow });
  t.after(() => server.close());
  await assert.rejects(server.viewer(EVE));
  await waitFor('the log', () => /hung up before the login was checked/.test(server.logged));
});

test('without limits of their own, servers have the limits that the settings have by default', () => {
  const { maxConnections, maxConnectionsPerAddress, maxConnectRate } = SCHEMA;
  const { maxViewers, maxViewersPerUser, maxViewersPerAddress } = SCHEMA;
  const defaults = [
    maxConnections,
    maxConnectionsPerAddress,
    maxConnectRate,
    maxViewers,
    maxViewersPerUser,
    maxViewersPerAddress,
  ];
  const {
    connections,
    connectionsOfAddress,
    connectsOfAddressPerSecond,
    viewers,
    viewersOfUser,
    viewersOfAddress,
  } = CONNECTION_LIMITS;
  assert.deepEqual(
    defaults.map((option) => option.defaultValue({})),
    [connections, connectionsOfAddress, connectsOfAddressPerSecond, viewers, viewersOfUser, viewersOfAddress],
  );
});

test('a viewer on a connection above the limit is refused as well', async (t) => {
  const server = await start(t, { connections: 1 });
  await dialTls(t, server);
  await assert.rejects(server.viewer(EVE), { status: 503 });
});

test('connections of a trusted proxy are limited in total, not as those of one address', async (t) => {
  const server = await start(t, { connectionsOfAddress: 1, halfOpenOfAddress: 1 }, ['127.0.0.1']);
  const waiting = [await dial(t, server), await dial(t, server)];
  for (let i = 0; i < 3; i++) await dialTls(t, server);
  assert.match(await askToEnd(await dialTls(t, server)), /^HTTP\/1\.1 401 /);
  assert.deepEqual(ended(waiting), [false, false]);
});

/** Status and code with which a viewer is refused; undefined if it is let in and stays. */
async function refusalOf(server: ContractServer, login: Login, from?: string): Promise<string | undefined> {
  const auth = `Authorization: Basic ${Buffer.from(`${login.name}:${login.password}`).toString('base64')}`;
  const socket = connectTls({ port: server.http.port, host: '127.0.0.1', ca: server.ca });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
  const forwarded = from === undefined ? [] : [`X-Forwarded-For: ${from}`];
  const lines = ['GET /websockify HTTP/1.1', 'Host: desk', ...upgrade, key, auth, ...forwarded];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let text = '';
  for await (const part of socket) {
    text += part;
    if (text.startsWith('HTTP/1.1 101 ')) return undefined;
  }
  return `${/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]} ${codeOf(text)}`;
}

test('a user has a limited number of viewers, and another user is not affected', async (t) => {
  const server = await start(t, { viewersOfUser: 2 });
  const [first] = [await server.viewer(EVE), await server.viewer(EVE)];
  assert.equal(await refusalOf(server, EVE), '429 HTTP_USER_VIEWERS_FULL');
  const probe = { method: 'HEAD', headers: { 'sec-fetch-mode': 'same-origin' } };
  assert.equal((await server.client(EVE).send('/', probe)).status, 429, 'the page can say why');
  const ada = await server.viewer(ADA);
  ada.destroy();
  first.destroy();
  await waitFor('a seat', async () => (await refusalOf(server, EVE)) === undefined);
});

test('an address behind a proxy has a limited number of viewers, counted by /64 of IPv6', async (t) => {
  const server = await start(t, { viewersOfAddress: 2 }, ['127.0.0.1']);
  for (const host of ['1', 'ffff:2'])
    await server.viewer(EVE, {}, { 'x-forwarded-for': `2001:db8:0:7::${host}` });
  assert.equal(await refusalOf(server, ADA, '2001:db8:0:7:a:b:c:d'), '429 HTTP_ADDRESS_VIEWERS_FULL');
  assert.equal(await refusalOf(server, ADA, '2001:db8:0:8::1'), undefined);
});

test('the desktop has a limited number of viewers', async (t) => {
  const server = await start(t, { viewers: 2 });
  for (const login of [ADA, EVE]) await server.viewer(login);
  assert.equal(await refusalOf(server, ADA), '503 HTTP_VIEWERS_FULL');
});

test('a class of 100 with one login behind one router gets in all at once, and again when its network was lost', async (t) => {
  const server = await start(t, {});
  const browsers = Array.from({ length: 100 }, () => Array.from({ length: 6 }, () => server.client(EVE)));
  const pages = await Promise.all(
    browsers.flat().map((client) => client.get('/', { timeoutMs: CLASS_LIMIT_MS })),
  );
  assert.deepEqual([...new Set(pages.map(({ status }) => status))], [200]);
  // The server does not know yet that the first ones are lost.
  const viewers = [];
  for (let lesson = 0; lesson < 2; lesson++)
    viewers.push(...(await Promise.all(browsers.map(() => server.viewer(EVE, { updates: 'none' })))));
  for (const viewer of viewers) {
    assert.equal(viewer.closedReason, undefined);
    viewer.destroy();
  }
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { createHttpServer } from '../../src/http/server.ts';
import type { Session } from '../../src/session/session.ts';
import { ADA, ContractServer, EVE, LOOPBACK } from '../api/contract-server.ts';
import { closeOf } from '../support/close-of.ts';
import { plainRequest } from '../support/plain-request.ts';
import { GREETING } from '../support/websocket-greeting.ts';
import { basic, startOnSocket, viewer } from './socket-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'deskwire-entrance-'));
after(() => rmSync(folder, { recursive: true }));

test('a server listens at several addresses and a Unix socket, and serves the page, calls and viewers at each', async () => {
  const socketPath = join(folder, 'several.sock');
  const server = await ContractServer.start({
    insecureHttp: 'local',
    listen: [
      ...LOOPBACK,
      { kind: 'unix', path: socketPath },
      { kind: 'tcp', host: '127.0.0.2', port: undefined },
    ],
  });
  try {
    const { port } = server.http;
    assert.deepEqual(server.http.urls, [
      `http://127.0.0.1:${port}/`,
      `unix:${socketPath}`,
      `http://127.0.0.2:${port}/`,
    ]);
    assert.equal(statSync(socketPath).mode & 0o7777, 0o660);
    const places = [{ host: '127.0.0.1', port }, { socketPath }, { host: '127.0.0.2', port }];
    for (const place of places) {
      assert.equal((await plainRequest(place, '/healthz')).body, 'ok');
      assert.equal((await plainRequest(place, '/api/get_users')).status, 401);
      const owner = { headers: { authorization: basic(ADA) } };
      assert.equal((await plainRequest(place, '/api/get_users', owner)).status, 200);
    }
    const urls = [
      `ws://127.0.0.1:${port}/websockify`,
      `ws+unix:${socketPath}:/websockify`,
      `ws://127.0.0.2:${port}/websockify`,
    ];
    for (const url of urls) {
      assert.equal(await viewer(url, { authorization: basic(EVE) }), GREETING, url);
      assert.equal(await viewer(url, {}), 401, url);
      assert.equal(
        await viewer(url, { authorization: basic(EVE), origin: 'https://evil.example' }),
        403,
        url,
      );
    }
  } finally {
    await server.close();
  }
  assert.equal(existsSync(socketPath), false);
});

test('a socket that a killed server left is replaced, and one in use or another file is not', async (t) => {
  const path = join(folder, 'left.sock');
  // Closing the descriptor alone leaves the socket, as killing the process does.
  const killed = createServer().listen(path);
  await once(killed, 'listening');
  const other = createServer().listen(join(folder, 'other.sock'));
  await once(other, 'listening');
  t.after(() => other.close());
  linkSync(path, `${path}.kept`);
  killed.close();
  await once(killed, 'close');
  linkSync(`${path}.kept`, path);
  const server = await ContractServer.start({ listen: [{ kind: 'unix', path }] });
  assert.equal((await plainRequest({ socketPath: path }, '/healthz')).status, 200);

  const log = pino({ enabled: false });
  const unused = {
    certificate: undefined,
    session: {} as Session,
    allowOrigin: [],
    trustProxy: [],
    api: () => {},
  };
  const refusal = async (taken: string): Promise<string> =>
    createHttpServer({
      ...unused,
      listen: [{ kind: 'unix', path: taken }],
      port: 0,
      accounts: server.accounts,
      pageFolder: undefined,
      log,
    }).then(
      () => 'started',
      (error: { code: string }) => error.code,
    );
  assert.equal(await refusal(path), 'HTTP_PORT_BUSY');
  assert.equal(await refusal(join(folder, 'other.sock')), 'HTTP_PORT_BUSY');
  writeFileSync(join(folder, 'file'), 'kept');
  assert.equal(await refusal(join(folder, 'file')), 'HTTP_BAD_ADDRESS');
  assert.equal(await refusal(join(folder, 'none/desk.sock')), 'HTTP_BAD_ADDRESS');

  // Another server has taken the name meanwhile: its socket stays.
  rmSync(path);
  const successor = createServer().listen(path);
  await once(successor, 'listening');
  await server.close();
  assert.ok(existsSync(path));
  successor.close();
});

test('silent callers of a Unix socket and of plain HTTP are ended in time, and make way for others', async (t) => {
  const { server, socketPath } = await startOnSocket(
    t,
    { insecureHttp: 'local', limits: { handshakeMs: 300, halfOpen: 3, headersMs: 400 } },
    LOOPBACK,
  );
  const silent = Array.from({ length: 6 }, (_, i) =>
    i % 2 === 0 ? connect(socketPath) : connect(server.http.port, '127.0.0.1'),
  );
  for (const socket of silent) socket.on('error', () => {}).resume();
  await Promise.all(silent.map(closeOf));
  assert.match(server.logged, /HTTP_HALF_OPEN_FULL/);
  const slow = connect(socketPath).on('error', () => {});
  slow.write('GET / HTTP/1.1\r\nHost: x\r\n');
  const [answer] = await once(slow, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 408 /);
  assert.equal((await plainRequest({ socketPath }, '/healthz')).status, 200);
});

test('a flood of requests, a broken request and too many connections are refused on a Unix socket as by TCP', async (t) => {
  const { server, socketPath } = await startOnSocket(t, {
    limits: { connections: 2, unansweredRequests: 4 },
  });
  const talk = async (text: string): Promise<string> => {
    const socket = connect(socketPath).on('error', () => {});
    let answer = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      answer += part;
    });
    socket.write(text);
    await closeOf(socket);
    return answer;
  };
  assert.match(await talk('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'), /^HTTP\/1\.1 400 /);
  assert.match(await talk('rubbish\r\n\r\n'), /^HTTP\/1\.1 400 /);
  await talk('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50));
  assert.match(server.logged, /HTTP_PIPELINE_FULL/);
  const viewers: WebSocket[] = [];
  for (let i = 0; i < 2; i++) {
    const socket = new WebSocket(`ws+unix:${socketPath}:/websockify`, 'binary', {
      headers: { authorization: basic(EVE) },
    });
    viewers.push(socket);
    await once(socket, 'message');
  }
  assert.equal((await plainRequest({ socketPath }, '/')).status, 503);
  assert.equal((await plainRequest({ socketPath }, '/healthz')).status, 200);
  for (const socket of viewers) socket.terminate();
});

test('wrong passwords through a Unix socket count for the address that the proxy forwards', async (t) => {
  const { server, socketPath } = await startOnSocket(t);
  const wrong = {
    authorization: basic({ name: EVE.name, password: 'wrong' }),
    'x-forwarded-for': '"[2001:db8::7]:4711"',
  };
  for (let i = 0; i < 5; i++)
    assert.equal((await plainRequest({ socketPath }, '/', { headers: wrong })).status, 401);
  const owner = { headers: { authorization: basic(ADA), 'x-forwarded-for': '192.0.2.1:80' } };
  const blocks = await plainRequest({ socketPath }, '/api/get_login_blocks', owner);
  assert.match(blocks.body, /2001:db8:0:0::\/64/, blocks.body);
  assert.match(server.auditText + server.logged, /"address":"2001:db8::7"/);
});

/** Writes bytes to a port, and resolves with everything that comes back until the server closes. */
async function speak(
  port: number,
  bytes: string,
  then?: (answer: string, socket: Socket) => void,
): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => {
    parts.push(part);
    then?.(Buffer.concat(parts).toString('latin1'), socket);
  });
  socket.write(bytes, 'latin1');
  await closeOf(socket);
  return Buffer.concat(parts);
}

test('a client of another protocol at an HTTPS port gets the reason in its protocol, and the log a line', async (t) => {
  const { server } = await startOnSocket(t, {}, LOOPBACK);
  const { port } = server.http;
  const here = `https://127.0.0.1:${port}/`;

  const redirect = String(await speak(port, `GET /desk?a=1 HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`));
  assert.match(redirect, /^HTTP\/1\.1 307 /);
  assert.ok(redirect.includes(`Location: https://localhost:${port}/desk?a=1\r\n`), redirect);
  const refused = String(
    await speak(port, `POST /api HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 5\r\n\r\nhello`),
  );
  assert.match(refused, /^HTTP\/1\.1 400 [\s\S]*This port speaks HTTPS/);

  const ssh = String(await speak(port, 'SSH-2.0-OpenSSH_9.2\r\n'));
  assert.ok(ssh.startsWith('SSH-2.0-Deskwire\r\n') && ssh.includes(here), ssh);
  assert.ok(String(await speak(port, 'EHLO desk\r\n')).includes(here));

  const lines = server.logged.split('\n').filter((line) => line.includes('HTTP_OTHER_PROTOCOL'));
  assert.equal(lines.length, 1, 'one line for one caller a minute');
  const { level, protocol, expected, address } = JSON.parse(lines[0]!);
  assert.deepEqual([level, protocol, expected, address], [40, 'plain HTTP', 'HTTPS', '127.0.0.1']);
  assert.equal((await server.client(ADA).get('/api/get_users')).status, 200);
});

test('a VNC viewer, which says nothing by itself, gets the reason when the time of a handshake is up', async (t) => {
  const { server } = await startOnSocket(t, { limits: { handshakeMs: 300 } }, LOOPBACK);
  const { port } = server.http;
  const here = `https://127.0.0.1:${port}/`;
  const versions = [
    ['RFB 003.008\n', [0]],
    ['RFB 003.003\n', [0, 0, 0, 0]],
  ] as const;
  await Promise.all(
    versions.map(async ([version, before]) => {
      const answer = await speak(port, '', (sofar, socket) => {
        if (sofar === GREETING) socket.write(version);
      });
      assert.equal(answer.toString('latin1', 0, GREETING.length), GREETING);
      const rest = answer.subarray(GREETING.length);
      assert.deepEqual([...rest.subarray(0, before.length)], before);
      const reason = rest.subarray(before.length + 4);
      assert.equal(rest.readUInt32BE(before.length), reason.length);
      assert.ok(String(reason).includes(here), String(reason));
    }),
  );
});

test('a TLS, RFB or SSH client at a place for plain HTTP gets an answer that it understands', async (t) => {
  const { server } = await startOnSocket(t, { insecureHttp: 'local' }, LOOPBACK);
  const { port } = server.http;
  assert.deepEqual([...(await speak(port, '\x16\x03\x01\x00\x05hello'))], [0x15, 3, 1, 0, 2, 2, 40]);
  assert.match(String(await speak(port, 'SSH-2.0-x\r\n')), /This port speaks plain HTTP/);
  assert.match(String(await speak(port, GREETING)), /^RFB 003\.008\n[\s\S]*This port speaks plain HTTP/);
});

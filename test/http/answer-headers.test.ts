import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { ANSWER_HEADERS } from '../../src/http/problems/answer-headers.ts';
import { pagePolicy } from '../../src/http/problems/page-policy.ts';
import { ADA, ContractServer, EVE, type Login } from '../api/contract-server.ts';

const PORTAL = 'https://portal.example';
const POLICY = 'content-security-policy';

let server: ContractServer;
before(async () => {
  server = await ContractServer.start({ allowOrigin: [PORTAL] });
});
after(() => server.close());

test('every answer forbids guessing of types, use by other origins, handles of openers, referrers, and content', () => {
  assert.deepEqual(ANSWER_HEADERS, {
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy':
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  });
});

/** Sends text on a new connection. Resolves with status and headers of the first answer. */
async function speak(text: string): Promise<{ status: number; headers: Record<string, string> }> {
  const socket = connect({ host: '127.0.0.1', port: server.http.port, ca: server.ca });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  socket.write(text);
  let answer = '';
  for await (const part of socket) answer += part;
  const [head = ''] = answer.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const pairs = lines.map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const;
  });
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(pairs) };
}

interface Kind {
  readonly path: string;
  readonly login?: Login;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request for each kind of answer, by its status. */
const KINDS: readonly (readonly [status: number, kind: Kind])[] = [
  [200, { path: '/api/get_users', login: ADA }],
  [200, { path: '/api/get_screenshot', login: ADA }],
  [200, { path: '/api/openapi.json', login: ADA }],
  [
    204,
    {
      path: '/api/get_users',
      method: 'OPTIONS',
      headers: { origin: PORTAL, 'access-control-request-method': 'GET' },
    },
  ],
  [400, { path: '/api/create_user', login: ADA }],
  [400, { path: '/%', login: ADA }],
  [401, { path: '/api/get_users' }],
  [401, { path: '/ticket', method: 'POST' }],
  [403, { path: '/api/get_users', login: EVE }],
  [404, { path: '/api/nope', login: ADA }],
  [404, { path: '/nope', login: ADA }],
  [405, { path: '/', method: 'DELETE', login: ADA }],
  [426, { path: '/websockify', login: EVE }],
];

for (const [status, { path, login, method, headers = {} }] of KINDS) {
  test(`the answer ${status} to ${method ?? 'GET'} ${path} has the headers of every answer`, async () => {
    const answer = await server.client(login).send(path, { ...(method && { method }), headers });
    assert.equal(answer.status, status);
    for (const [name, value] of Object.entries(ANSWER_HEADERS))
      assert.equal(answer.headers[name.toLowerCase()], value, name);
  });
}

test('answers to bytes that are no request, and to refused upgrades, have the headers of every answer', async () => {
  const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13';
  for (const [status, text] of [
    [400, 'nonsense\r\n\r\n'],
    [431, `GET / HTTP/1.1\r\nHost: desk\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    [417, 'GET / HTTP/1.1\r\nHost: desk\r\nExpect: more\r\n\r\n'],
    [401, `GET /websockify HTTP/1.1\r\nHost: desk\r\n${upgrade}\r\n\r\n`],
  ] as const) {
    const answer = await speak(text);
    assert.equal(answer.status, status);
    for (const [name, value] of Object.entries(ANSWER_HEADERS))
      assert.equal(answer.headers[name.toLowerCase()], value, `${status}: ${name}`);
  }
});

test('the page’s files have the page’s policy, and the other headers of every answer', async () => {
  for (const path of ['/', '/main-ABCD2345.js']) {
    const file = await server.client(EVE).get(path);
    const again = await server.client(EVE).get(path, { headers: { 'if-none-match': file.headers.etag! } });
    assert.deepEqual([file.status, again.status], [200, 304]);
    for (const { headers } of [file, again]) {
      assert.equal(headers[POLICY], pagePolicy([PORTAL]));
      for (const [name, value] of Object.entries(ANSWER_HEADERS))
        if (name.toLowerCase() !== POLICY) assert.equal(headers[name.toLowerCase()], value, name);
    }
  }
});

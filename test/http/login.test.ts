import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import type { Accounts } from '../../src/accounts/accounts.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { loadCertificate } from '../../src/http/tls/certificate.ts';
import { ADA, ContractServer, EVE, LOOPBACK, type Login } from '../api/contract-server.ts';
import { closeOf } from '../support/close-of.ts';
import { HttpsClient } from '../support/https-client.ts';
import { waitFor } from '../support/wait-for.ts';
import { webSocketGreeting } from '../support/websocket-greeting.ts';

let server: ContractServer;
before(async () => {
  server = await ContractServer.start({ trustProxy: ['127.0.0.1'] });
});
after(() => server.close());

const cookieOf = (headers: { readonly 'set-cookie'?: string[] }): string => {
  assert.ok(headers['set-cookie'] !== undefined, 'there is a cookie');
  return headers['set-cookie'][0]!.split(';')[0]!;
};

/** Opens a WebSocket without a password. Resolves with the greeting, or with the status of the refusal. */
async function open(path: string, headers: Record<string, string> = {}): Promise<string> {
  const url = new URL(path, server.url.replace('https', 'wss'));
  return String(await webSocketGreeting(url, { ca: server.ca, headers })).trim();
}

const GREETING = 'RFB 003.008';
const PROBE = { 'sec-fetch-mode': 'same-origin' };
const PAGE = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'same-origin', 'user-agent': 'Firefox' };

test('a ticket opens one WebSocket without a password, for the browser and address that it was given to', async () => {
  const tom: Login = { name: 'tom', password: 'tom-secret' };
  await server.accounts.apply([{ kind: 'create', ...tom, rights: { read: true }, overwrite: true }]);
  const client = server.client(tom);
  const origin = new URL(server.url).origin;
  const fetchTicket = async (): Promise<string> => {
    const answer = await client.post('/ticket', undefined, { headers: { ...PAGE, origin } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.json().expires_s, 30);
    return `/websockify?ticket=${answer.json().ticket}`;
  };
  const browser = { origin, 'user-agent': 'Firefox' };
  const path = await fetchTicket();
  assert.equal(await open(path, browser), GREETING);
  assert.equal(await open(path, browser), '401', 'once only');
  assert.equal(await open(await fetchTicket(), { ...browser, 'x-forwarded-for': '10.9.9.9' }), '401');
  assert.equal(await open(await fetchTicket(), { origin }), '401');
  assert.equal(await open('/websockify?ticket=nonsense', browser), '401');
  const unused = await fetchTicket();
  await server.accounts.apply([{ kind: 'remove', name: tom.name }]);
  assert.equal(await open(unused, browser), '401', 'the user is removed');
});

test('a ticket is given to scripts of our page and to programs whose user may read, and to no other', async () => {
  const post = async (
    login: Login | undefined,
    headers: Record<string, string>,
  ): Promise<[number, string]> => {
    const answer = await server.client(login).post('/ticket', undefined, { headers });
    return [answer.status, answer.json().code];
  };
  await server.client(ADA).get('/api/create_user?name=blind&password=p');
  assert.deepEqual(await post(EVE, {}), [200, undefined]);
  assert.deepEqual(await post(EVE, { origin: 'https://evil.example' }), [403, 'HTTP_FOREIGN_PAGE']);
  assert.deepEqual(await post(EVE, { 'sec-fetch-site': 'same-site' }), [403, 'HTTP_FOREIGN_PAGE']);
  assert.deepEqual(await post(EVE, { 'sec-fetch-mode': 'navigate' }), [403, 'HTTP_NAVIGATION']);
  assert.deepEqual(await post({ name: 'blind', password: 'p' }, PAGE), [403, 'HTTP_NO_READ']);
  const anonymous = await server.client().post('/ticket', undefined, { headers: PAGE });
  assert.equal(anonymous.status, 401);
  assert.equal(anonymous.headers['www-authenticate'], undefined, 'no dialog of the browser');
  const get = await server.client(EVE).get('/ticket');
  assert.deepEqual([get.status, get.headers.allow], [405, 'POST']);
});

test('a page that is given a ticket, or is loaded by a user who is logged in, finds the picture of now', async (t) => {
  const { mock: captures } = t.mock.method(server.desktop, 'capture');
  const paint = (colour: number): void => server.desktop.paint({ x: 0, y: 0, width: 8, height: 8 }, colour);
  paint(0x123456);
  const withCookie = (await server.client(EVE).post('/ticket', undefined, { headers: PAGE })).headers;
  await waitFor('a look for the ticket', () => captures.callCount() > 0);
  const before = captures.callCount();
  const navigation = { 'sec-fetch-mode': 'navigate', 'user-agent': 'Firefox' };
  await server.client().get('/', { headers: navigation });
  const refused = await server.client().post('/ticket', undefined, { headers: PAGE });
  assert.deepEqual([refused.status, captures.callCount()], [401, before], 'no login, no look');
  paint(0x654321);
  await server.client().get('/', { headers: { ...navigation, cookie: cookieOf(withCookie) } });
  await waitFor('a look for the page', () => captures.callCount() > before);
});

test('a ticket comes with a login cookie if the browser has none that is fresh', async () => {
  const first = await server.client(EVE).post('/ticket', undefined, { headers: PAGE });
  const cookie = cookieOf(first.headers);
  const second = await server.client().post('/ticket', undefined, { headers: { ...PAGE, cookie } });
  assert.equal(second.status, 200);
  assert.equal(second.headers['set-cookie'], undefined);
});

test('a login cookie is void from another address and in another browser', async () => {
  const page = await server.client(EVE).get('/', { headers: { 'user-agent': 'Firefox' } });
  const cookie = cookieOf(page.headers);
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await server.client().send('/', { method: 'HEAD', headers: { ...PROBE, cookie, ...headers } })).status;
  assert.equal(await status({ 'user-agent': 'Firefox' }), 200);
  assert.equal(await status({ 'user-agent': 'curl' }), 401);
  assert.equal(await status({ 'user-agent': 'Firefox', 'x-forwarded-for': '10.9.9.9' }), 401);
  assert.equal(await open('/websockify', { cookie, 'user-agent': 'Firefox' }), GREETING);
  assert.equal(await open('/websockify', { cookie, 'user-agent': 'curl' }), '401');
});

test('two desktops on one host name have cookies of different names, and a restart keeps the name', async () => {
  const nameVia = async (host: string): Promise<string> =>
    cookieOf((await server.client(EVE).get('/', { headers: { 'x-forwarded-host': host } })).headers).split(
      '=',
    )[0]!;
  const first = await nameVia('desk.example:9001');
  assert.notEqual(await nameVia('desk.example:9002'), first, 'ports that containers map to the same port');
  assert.equal(await nameVia('desk.example:9001'), first);
  const other = await ContractServer.start({ trustProxy: ['127.0.0.1'] });
  try {
    const headers = { 'x-forwarded-host': 'desk.example:9001' };
    const cookie = cookieOf((await other.client(EVE).get('/', { headers })).headers);
    assert.notEqual(cookie.split('=')[0], first, 'paths of one proxy');
  } finally {
    await other.close();
  }
});

test('an owner sees which logins must wait, by address and user, and lets them be tried at once', async () => {
  const ada = server.client(ADA);
  await ada.get('/api/get_users');
  const guessers = { 'x-forwarded-for': '2001:db8:5:6::7' };
  const guess = async (password: string): Promise<string> => {
    const answer = await server.client({ name: 'eve', password }).get('/', { headers: guessers });
    return answer.json().code;
  };
  for (let i = 0; i < 5; i++) assert.equal(await guess(`guess ${i}`), 'HTTP_LOGIN_NEEDED');
  const { blocks } = (await ada.get('/api/get_login_blocks')).json();
  assert.equal(blocks.length, 1);
  const { user, address, failures, until } = blocks[0];
  assert.deepEqual([user, address], ['eve', '2001:db8:5:6::/64']);
  assert.ok(failures >= 5, String(failures));
  assert.match(until, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const unknown = await ada.get('/api/clear_login_blocks?name=bob');
  assert.deepEqual([unknown.status, unknown.json().code], [400, 'API_NO_SUCH_BLOCK']);
  const cleared = await ada.get('/api/clear_login_blocks?name=eve&address=2001:db8:5:6::99');
  assert.equal(cleared.text(), '200 OK');
  assert.deepEqual((await ada.get('/api/get_login_blocks')).json(), { blocks: [] });
  assert.equal((await ada.get('/api/clear_login_blocks')).status, 200);
});

/** Sends a request with a password over a connection of its own, and leaves the answer unread. */
async function ask(port: number, name: string, headers: string): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: server.ca });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  const login = Buffer.from(`${name}:password`).toString('base64');
  socket.write(`${headers}\r\nHost: localhost\r\nAuthorization: Basic ${login}\r\n\r\n`);
  return socket;
}

test('the password of a page or a WebSocket is not checked when its caller has hung up', async () => {
  const checked: string[] = [];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: bothRun, resolve: setBothRun } = Promise.withResolvers<void>();
  const real = server.accounts;
  const accounts: Pick<Accounts, 'on' | 'off' | 'get' | 'refresh' | 'verifiedBefore' | 'verify'> = {
    on: real.on.bind(real) as Accounts['on'],
    off: real.off.bind(real) as Accounts['off'],
    get: (name) => real.get(name),
    refresh: () => real.refresh(),
    verifiedBefore: () => undefined,
    verify: async (name, password, signal) => {
      checked.push(name);
      if (checked.length === 2) setBothRun();
      await released;
      return real.verify(name, password, signal);
    },
  };
  const log = pino({ enabled: false });
  const certificate = await loadCertificate({ cert: undefined, key: undefined, data: server.folder, log });
  const http = await createHttpServer({
    listen: LOOPBACK,
    port: 0,
    certificate,
    accounts: accounts as Accounts,
    session: {} as never,
    allowOrigin: [],
    trustProxy: [],
    pageFolder: server.pageFolder,
    api: () => {},
    log,
  });
  try {
    const page = 'GET / HTTP/1.1';
    const upgrade = [
      'GET /websockify HTTP/1.1',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ].join('\r\n');
    const running = [await ask(http.port, 'first', page), await ask(http.port, 'second', upgrade)];
    await bothRun;
    const gone = [
      await ask(http.port, 'page', page),
      await ask(http.port, 'ticket', 'POST /ticket HTTP/1.1\r\nContent-Length: 0'),
      await ask(http.port, 'viewer', upgrade),
    ];
    const visitor = new HttpsClient(http.url, server.ca);
    // Its answer comes after the server has read what was sent before on the other connections.
    assert.equal((await visitor.get('/api/get_users')).status, 401);
    for (const socket of gone) {
      const closed = closeOf(socket);
      socket.destroy();
      await closed;
    }
    assert.equal((await visitor.get('/api/get_users')).status, 401);
    visitor.close();
    assert.equal((await new HttpsClient(http.url, server.ca).post('/ticket', undefined)).status, 401);
    release();
    for (const socket of running) {
      const [answer] = await once(socket, 'data');
      assert.match(String(answer), /^HTTP\/1\.1 401 /);
      socket.destroy();
    }
    assert.deepEqual(checked, ['first', 'second']);
  } finally {
    release();
    await http.close();
  }
});

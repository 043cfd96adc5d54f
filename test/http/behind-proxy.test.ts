import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADA, ContractServer, EVE, LOOPBACK } from '../api/contract-server.ts';
import { type PlainPlace, plainRequest } from '../support/plain-request.ts';
import { waitFor } from '../support/wait-for.ts';
import { GREETING } from '../support/websocket-greeting.ts';
import { basic, startOnSocket, viewer } from './socket-server.ts';

const cookieOf = (headers: { 'set-cookie'?: string[] }): string => headers['set-cookie']?.[0] ?? '';

test('a login cookie works by plain HTTP, and is secure behind a proxy’s TLS', async (t) => {
  const { server, socketPath } = await startOnSocket(t, { insecureHttp: 'local' }, LOOPBACK);
  const login = { authorization: basic(EVE) };
  const open = { host: '127.0.0.1', port: server.http.port };
  const plain = cookieOf((await plainRequest(open, '/', { headers: login })).headers);
  assert.match(plain, /^deskwire-\d+=[\w-]+; Path=\/; HttpOnly; SameSite=Strict$/);
  const url = `ws://127.0.0.1:${server.http.port}/websockify`;
  assert.equal(await viewer(url, { cookie: plain.split(';')[0]! }), GREETING);

  const forms: Record<string, string>[] = [
    { 'x-forwarded-proto': 'https' },
    { forwarded: 'for=192.0.2.1;proto=https' },
  ];
  for (const forwarded of forms) {
    const headers = { ...login, ...forwarded, host: 'desk.example' };
    const secure = cookieOf((await plainRequest({ socketPath }, '/', { headers })).headers);
    assert.match(secure, /^__Host-deskwire-\d+=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const cookie = secure.split(';')[0]!;
    const as = { ...forwarded, cookie, host: 'desk.example', origin: 'https://desk.example' };
    assert.equal(await viewer(`ws+unix:${socketPath}:/websockify`, as), GREETING);
    assert.equal(
      await viewer(`ws+unix:${socketPath}:/websockify`, { ...as, origin: 'http://desk.example' }),
      403,
    );
  }
});

test('a page behind a proxy that forwards neither scheme nor address gets its viewer', async (t) => {
  const { server } = await startOnSocket(t, { insecureHttp: 'local' }, LOOPBACK);
  const { port } = server.http;
  const hub = { host: 'hub.example', 'sec-fetch-site': 'same-origin' };
  const page = await plainRequest({ host: '127.0.0.1', port }, '/?login=basic', {
    headers: { ...hub, authorization: basic(EVE), 'sec-fetch-mode': 'navigate' },
  });
  const cookie = cookieOf(page.headers).split(';')[0]!;
  const origin = 'https://hub.example';
  const ticket = await plainRequest({ host: '127.0.0.1', port }, '/ticket', {
    method: 'POST',
    headers: { ...hub, cookie, origin, 'sec-fetch-mode': 'same-origin' },
  });
  assert.equal(ticket.status, 200);
  const url = `ws://127.0.0.1:${port}/websockify?ticket=${JSON.parse(ticket.body).ticket}`;
  assert.equal(await viewer(url, { host: 'hub.example', origin }), GREETING);
  assert.equal(await viewer(`ws://127.0.0.1:${port}/websockify`, { ...hub, cookie, origin }), GREETING);
  const evil = { host: 'hub.example', cookie, origin: 'https://evil.example' };
  assert.equal(await viewer(`ws://127.0.0.1:${port}/websockify`, evil), 403);
});

test('two desktops that have everything in common but their data have cookies of two names', async (t) => {
  const names: string[] = [];
  for (const desktopId of ['one', 'two', 'one']) {
    const server = await ContractServer.start({ desktopId, trustProxy: ['127.0.0.1'], listen: LOOPBACK });
    t.after(() => server.close());
    const headers = { 'x-forwarded-host': 'desk.example' };
    names.push(cookieOf((await server.client(EVE).get('/', { headers })).headers).split('=')[0]!);
    const { socketPath } = await startOnSocket(t, { desktopId });
    const login = { headers: { authorization: basic(EVE), host: 'desk.example' } };
    names.push(cookieOf((await plainRequest({ socketPath }, '/', login)).headers).split('=')[0]!);
  }
  // TCP ports and the prefix differ, so that only the Unix sockets can be compared.
  assert.notEqual(names[1], names[3]);
  assert.equal(names[1], names[5]);
  assert.equal(new Set(names).size, 5);
});

test('a trusted proxy names the user, for pages, tickets, viewers and calls, and nobody else does', async (t) => {
  const { server, socketPath } = await startOnSocket(
    t,
    { trustUserHeader: 'X-Remote-User', insecureHttp: 'local' },
    LOOPBACK,
  );
  const as = (name: string) => ({ headers: { 'x-remote-user': name, 'sec-fetch-mode': 'navigate' } });
  const page = await plainRequest({ socketPath }, '/', as('eve'));
  assert.deepEqual([page.status, page.headers['set-cookie']], [200, undefined]);
  const ticket = await plainRequest({ socketPath }, '/ticket', {
    method: 'POST',
    headers: { 'x-remote-user': 'eve' },
  });
  assert.equal(ticket.status, 200);
  const url = `ws+unix:${socketPath}:/websockify`;
  assert.equal(await viewer(url, { 'x-remote-user': 'eve' }), GREETING);
  assert.equal(await viewer(url, { 'x-remote-user': 'eve', origin: 'https://evil.example' }), 403);
  assert.equal((await plainRequest({ socketPath }, '/api/get_users', as('ada'))).status, 200);
  assert.equal((await plainRequest({ socketPath }, '/api/get_users', as('eve'))).status, 403);
  // A browser that the proxy knows must not be made to change something by a link.
  assert.equal(
    (await plainRequest({ socketPath }, '/api/create_user?name=x&password=y', as('ada'))).status,
    403,
  );

  const ask = (place: PlainPlace, names: string | string[]) =>
    plainRequest(place, '/ticket', { method: 'POST', headers: { 'X-Remote-User': names } });
  const stranger = await ask({ socketPath }, 'nobody');
  assert.equal(stranger.status, 403);
  assert.match(stranger.body, /HTTP_UNKNOWN_USER/);
  assert.equal((await plainRequest({ socketPath }, '/', as('nobody'))).status, 200, 'the page says why');
  assert.equal((await ask({ socketPath }, ['ada', 'eve'])).status, 400);
  assert.equal((await ask({ socketPath }, '')).status, 401);

  const { port } = server.http;
  assert.equal((await ask({ host: '127.0.0.1', port }, 'ada')).status, 401);
  assert.equal(await viewer(`ws://127.0.0.1:${port}/websockify`, { 'x-remote-user': 'ada' }), 401);
});

test('old addresses of the page and the WebSocket work, at the root and below the base path', async (t) => {
  const { socketPath } = await startOnSocket(t, { basePath: '/desk' });
  const headers = { authorization: basic(EVE) };
  for (const base of ['', '/desk', '//desk', '/desk/'])
    for (const path of [
      '/',
      '/index.html',
      '/vnc.html?autoconnect=1&resize=scale',
      '/vnc_lite.html',
      '/vnc_auto.html',
    ]) {
      const { status, body } = await plainRequest({ socketPath }, `${base}${path}`, { headers });
      assert.equal(status, 200, `${base}${path}`);
      assert.match(body, /<title>desk/);
    }
  const bare = await plainRequest({ socketPath }, '/desk', { headers });
  assert.equal(bare.status, 200);
  for (const path of ['/websockify', '//websockify', '/websockify/', '/desk/websockify', '/desk//websockify'])
    assert.equal(await viewer(`ws+unix:${socketPath}:${path}`, headers), GREETING, path);
  for (const path of ['/healthz', '/readyz', '/desk/healthz', '/desk/readyz'])
    assert.equal((await plainRequest({ socketPath }, path)).body, 'ok', path);
  assert.equal((await plainRequest({ socketPath }, '/desk/api/get_users', { headers })).status, 403);
  assert.equal((await plainRequest({ socketPath }, '/desktop', { headers })).status, 404);
});

test('the page names its base path, so that a browser finds its files without the slash', async (t) => {
  const { server } = await startOnSocket(t, { basePath: '/desk' });
  writeFileSync(join(server.pageFolder, 'index.html'), '<!doctype html><head><title>desk</title>');
  const again = await ContractServer.start({ basePath: '/desk', pageFolder: server.pageFolder });
  t.after(() => again.close());
  const page = await again.client(EVE).get('/');
  assert.match(page.text(), /<head><base href="\/desk\/" \/><title>/);
  assert.match(String(page.headers['content-security-policy']), /base-uri 'self'/);
});

test('a page learns by its probe why its WebSocket was refused', async (t) => {
  const { socketPath } = await startOnSocket(t);
  const headers = {
    host: 'desk.example',
    'x-forwarded-for': '192.0.2.1',
    authorization: basic(EVE),
    'user-agent': 'Firefox',
  };
  assert.equal(
    await viewer(`ws+unix:${socketPath}:/websockify`, { ...headers, origin: 'https://other.example' }),
    403,
  );
  const probe = { method: 'HEAD', headers: { ...headers, 'sec-fetch-mode': 'same-origin' } };
  const refused = await plainRequest({ socketPath }, '/', probe);
  assert.equal(refused.status, 403);
  const reason = decodeURIComponent(String(refused.headers['deskwire-reason']));
  assert.match(reason, /of https:\/\/other\.example, and the request asks for desk\.example/);
  assert.equal((await plainRequest({ socketPath }, '/', probe)).status, 200);
});

test('a password in Latin-1 is accepted, as Python’s requests sends it', async (t) => {
  const { socketPath } = await startOnSocket(t);
  const create = { headers: { authorization: basic(ADA) } };
  const query = new URLSearchParams({ name: 'jürgen', password: 'pässwört', read: 'true' });
  assert.equal((await plainRequest({ socketPath }, `/api/create_user?${query}`, create)).status, 200);
  for (const encoding of ['latin1', 'utf8'] as const) {
    const authorization = `Basic ${Buffer.from('jürgen:pässwört', encoding).toString('base64')}`;
    assert.equal(
      (await plainRequest({ socketPath }, '/', { headers: { authorization } })).status,
      200,
      encoding,
    );
  }
});

test('a page of an allowed site gets a ticket and a cookie for its own viewer, and other sites do not', async (t) => {
  const origin = 'https://novnc.example';
  const { socketPath } = await startOnSocket(t, { allowOrigin: [origin] });
  const headers = {
    host: 'desk.example',
    origin,
    'sec-fetch-site': 'cross-site',
    'x-forwarded-proto': 'https',
  };
  const preflight = await plainRequest({ socketPath }, '/ticket', {
    method: 'OPTIONS',
    headers: {
      ...headers,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
  });
  assert.deepEqual([preflight.status, preflight.headers['access-control-allow-origin']], [204, origin]);
  const login = { ...headers, authorization: basic(EVE), 'sec-fetch-mode': 'cors' };
  const answer = await plainRequest({ socketPath }, '/ticket', { method: 'POST', headers: login });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['access-control-allow-origin'], origin);
  const cookie = cookieOf(answer.headers);
  assert.match(cookie, /^__Host-deskwire-\d+=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=None; Partitioned$/);
  const url = `ws+unix:${socketPath}:/websockify`;
  assert.equal(await viewer(url, { ...headers, cookie: cookie.split(';')[0]! }), GREETING);
  assert.equal(await viewer(`${url}?ticket=${JSON.parse(answer.body).ticket}`, headers), GREETING);
  const evil = { ...login, origin: 'https://evil.example' };
  const refused = await plainRequest({ socketPath }, '/ticket', { method: 'POST', headers: evil });
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [403, undefined]);
});

test('each refused login, WebSocket, page and user has a line in the log with the reason and what was expected', async (t) => {
  const { server, socketPath } = await startOnSocket(t, { trustUserHeader: 'X-Remote-User' });
  const url = `ws+unix:${socketPath}:/websockify`;
  const from = (i: number) => ({ host: 'desk.example', 'x-forwarded-for': `192.0.2.${i}` });
  await viewer(url, from(1));
  await viewer(url, { ...from(2), authorization: basic({ name: 'eve', password: 'wrong' }) });
  assert.equal(
    await viewer(url, { ...from(3), authorization: basic(EVE), origin: 'https://desk.example:9443' }),
    GREETING,
  );
  await viewer(url, { ...from(4), authorization: basic(EVE), origin: 'https://evil.example' });
  const call = (headers: Record<string, string>, path = '/') =>
    plainRequest({ socketPath }, path, { headers });
  await call({ ...from(5), authorization: basic({ name: 'mistyped secret', password: 'wrong' }) });
  await call({ ...from(6), 'x-remote-user': 'nobody' }, '/api/get_users');
  await call(
    { ...from(7), authorization: basic(ADA), 'sec-fetch-mode': 'navigate' },
    '/api/create_user?name=x&password=y',
  );
  await call({ ...from(8), authorization: basic(EVE) }, '/api/get_users');
  await call({ ...from(10), 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }, '/websockify');
  // A browser that has not been asked yet is not refused.
  await call(from(9));
  const expected = [
    [1, 'HTTP_LOGIN_NEEDED', /no password, no login cookie and no valid ticket/],
    [2, 'HTTP_LOGIN_NEEDED', /"user":"eve".*password is wrong/],
    [4, 'HTTP_FOREIGN_PAGE', /https:\/\/evil\.example.*desk\.example/],
    [5, 'HTTP_LOGIN_NEEDED', /password is wrong/],
    [6, 'HTTP_UNKNOWN_USER', /add the user/],
    [7, 'HTTP_NAVIGATION', /Use a program such as curl/],
    [8, 'HTTP_NOT_OWNER', /owner/],
    [10, 'HTTP_UPGRADE_NEEDED', /a proxy has taken its Upgrade header out/],
  ] as const;
  const lines = (): string[] => server.logged.split('\n').filter((line) => line.includes('"Refused: '));
  await waitFor('the lines', () => lines().length >= expected.length);
  for (const [i, code, text] of expected) {
    const line = lines().find((one) => one.includes(`"192.0.2.${i}"`)) ?? '';
    assert.match(line, new RegExp(`"level":40.*"code":"${code}"`), `${i}: ${line}`);
    assert.match(line, text);
  }
  assert.equal(lines().length, expected.length);
  assert.doesNotMatch(server.logged, /mistyped secret/);
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { waitFor } from '../support/wait-for.ts';
import { ADA, ContractServer, EVE } from './contract-server.ts';

const run = promisify(execFile);
const PORTAL = 'https://portal.example';
let server: ContractServer;
before(async () => {
  server = await ContractServer.start({ allowOrigin: [PORTAL] });
});
after(() => server.close());

const basic = (text: string): string => Buffer.from(text).toString('base64');

test('a call without right credentials gets 401, with a challenge unless a page’s script sent it', async () => {
  const anybody = server.client();
  for (const authorization of [
    undefined,
    'Basic',
    `Basic ${basic('ada:wrong')}`,
    `Basic ${basic('nobody:x')}`,
    'Digest x',
  ]) {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const answer = await anybody.get('/api/get_users', { headers });
    assert.equal(answer.status, 401, authorization);
    assert.equal(answer.headers['www-authenticate'], 'Basic realm="Deskwire", charset="UTF-8"');
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json().code, 'HTTP_LOGIN_NEEDED');
  }
  for (const [mode, challenge] of [
    ['navigate', 'Basic realm="Deskwire", charset="UTF-8"'],
    ['cors', undefined],
    ['same-origin', undefined],
  ] as const) {
    const answer = await anybody.get('/api/get_users', { headers: { 'sec-fetch-mode': mode } });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['www-authenticate'], challenge, mode);
  }
});

test('the scheme of the Authorization header may have any letter case', async () => {
  for (const scheme of ['basic', 'BASIC', 'BaSiC']) {
    const headers = { authorization: `${scheme} ${basic('ada:ada-secret')}` };
    assert.equal((await server.client().get('/api/get_users', { headers })).status, 200);
  }
});

test('many wrong passwords are slowed down, and a program that keeps its connection is not', async () => {
  const ada = server.client(ADA);
  const guess = () => server.client({ name: 'ada', password: 'guess' }).get('/api/get_users');
  await ada.get('/api/get_users');
  const answers = await Promise.all(Array.from({ length: 12 }, guess));
  assert.ok(answers.every(({ status }) => status === 401));
  const turnedAway = answers.filter((answer) => answer.json().code === 'HTTP_TOO_MANY_LOGINS');
  assert.ok(turnedAway.length > 0);
  assert.ok(Number(turnedAway[0]?.headers['retry-after']) >= 1);
  assert.equal((await ada.get('/api/clear_login_blocks?name=ada')).status, 200);
});

test('right credentials of a user who is no owner get 403', async () => {
  for (const path of ['/api/get_users', '/api/get_screenshot', '/api/send_full_frame', '/api/openapi.json']) {
    const answer = await server.client(EVE).get(path);
    assert.equal(answer.status, 403, path);
    assert.equal(answer.json().code, 'HTTP_NOT_OWNER');
  }
});

test('an unknown path below /api is 404 and neither a file nor the page', async () => {
  for (const path of [
    '/api',
    '/api/',
    '/api/index.html',
    '/api/get_users/',
    '/api/GET_USERS',
    '/api/%2e%2e%2findex.html',
    '/api/nope?x=1',
  ]) {
    const answer = await server.client(ADA).get(path);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.json().code, 'HTTP_NOT_FOUND');
  }
});

test('actions are answered with the text 200 OK, and other calls with JSON', async () => {
  const done = await server.client(ADA).get('/api/send_full_frame');
  assert.equal(done.text(), '200 OK');
  assert.match(done.headers['content-type'] ?? '', /^text\/plain/);
  assert.equal((await server.client(ADA).get('/api/get_users')).headers['content-type'], 'application/json');
});

test('a refusal is a problem with a stable code', async () => {
  const problem = (await server.client(ADA).get('/api/remove_user?name=nobody')).json();
  assert.deepEqual(Object.keys(problem).slice(0, 5), ['type', 'title', 'status', 'detail', 'code']);
  assert.equal(problem.type, 'urn:deskwire:error:ACCOUNTS_NO_SUCH_USER');
  assert.equal(problem.status, 400);
});

const READING = [
  'get_bottleneck_stats',
  'get_frame_stats?client=none',
  'get_screenshot',
  'get_users',
  'get_login_blocks',
  'tokens',
  'tickets',
  'get_sessions',
  'viewers',
  'downloads',
  'system/stats',
  'events',
  'metrics',
  'openapi.json',
  'docs',
];
const CHANGING = [
  'create_user?name=x1&password=y',
  'update_user?name=eve&read=1',
  'remove_user?name=x1',
  'clear_login_blocks',
  'send_full_frame',
  'clear_clipboard',
];
/** Those that also take a POST that changes something. */
const LISTS = ['tokens', 'tickets'];
const allowOf = (path: string): string => {
  if (LISTS.includes(path)) return 'GET, HEAD, POST';
  if (READING.includes(path)) return 'GET, HEAD';
  return path.includes('user') ? 'GET, POST' : 'GET';
};

test('calls that change nothing take HEAD, and every other wrong method is 405 with Allow', async () => {
  const ada = server.client(ADA);
  for (const path of READING) {
    const head = await ada.send(`/api/${path}`, { method: 'HEAD' });
    assert.equal(head.status, 200, path);
    // A stream has no length.
    if (path !== 'events') assert.ok(Number(head.headers['content-length']) > 0, path);
    assert.equal(head.body.length, 0);
  }
  for (const path of [...READING, ...CHANGING]) {
    const allow = allowOf(path);
    for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].filter(
      (one) => !allow.includes(one),
    )) {
      const answer = await ada.send(`/api/${path}`, { method });
      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.equal(answer.headers.allow, allow, `${method} ${path}`);
    }
  }
  assert.equal(server.accounts.get('x1'), undefined);
});

test('every call refuses unknown and repeated parameters and names them', async () => {
  const ada = server.client(ADA);
  for (const path of [...READING, ...CHANGING]) {
    const answer = await ada.get(`/api/${path}${path.includes('?') ? '&' : '?'}wrong=1`);
    assert.equal(answer.status, 400, path);
    assert.equal(answer.json().code, 'API_PARAMETER_UNKNOWN');
    assert.match(answer.json().detail, /"wrong"/);
  }
  const twice = await ada.get('/api/get_screenshot?width=9&width=9');
  assert.equal(twice.json().code, 'API_PARAMETER_REPEATED');
  assert.match(twice.json().detail, /"width"/);
  assert.equal((await ada.post('/api/create_user?name=x', [])).status, 400);
  assert.equal((await ada.get('/api/remove_user?name=%zz')).json().code, 'API_QUERY_INVALID');
});

test('a call that changes something is 403 from a page of another site, as GET and as POST', async () => {
  const ada = server.client(ADA);
  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { referer: 'https://evil.example/page' },
    { referer: new URL(server.url).origin.replace(/\d+$/, '1') },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: new URL(server.url).origin.replace('https', 'http') },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ];
  for (const headers of foreign) {
    for (const path of CHANGING) {
      const answer = await ada.get(`/api/${path}`, { headers });
      assert.equal(answer.status, 403, `${path} ${JSON.stringify(headers)}`);
      assert.equal(answer.json().code, 'HTTP_FOREIGN_PAGE');
    }
    const post = await ada.post('/api/create_user', [{ user: 'x1', password: 'y' }], { headers });
    assert.equal(post.status, 403);
    assert.equal((await ada.get('/api/get_users', { headers })).status, 200, 'reading changes nothing');
  }
  assert.equal(server.accounts.get('x1'), undefined);
  const ours: Record<string, string>[] = [
    { 'sec-fetch-site': 'same-origin', origin: new URL(server.url).origin },
    { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-site': 'cross-site', origin: PORTAL },
    { referer: server.url },
    {},
  ];
  for (const headers of ours) assert.equal((await ada.get('/api/send_full_frame', { headers })).status, 200);
});

test('a call that changes something is 403 from a link, the address bar and a prefetch, with a remedy', async () => {
  const ada = server.client(ADA);
  const ownOrigin = new URL(server.url).origin;
  const sent: Record<string, string>[] = [
    { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
    { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', origin: ownOrigin },
    { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-purpose': 'prefetch;prerender' },
    { 'sec-fetch-site': 'same-origin', 'sec-purpose': 'prefetch' },
    { purpose: 'prefetch' },
  ];
  for (const headers of sent) {
    const answer = await ada.get('/api/create_user?name=x1&password=y&owner=true', { headers });
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.equal(answer.json().code, 'HTTP_NAVIGATION');
    assert.match(answer.json().detail, /curl/);
  }
  assert.equal(server.accounts.get('x1'), undefined);
});

test('a page of an allowed origin gets an answer to its preflight, and other pages do not', async () => {
  const preflight = (origin: string) =>
    server.client().send('/api/create_user', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
  const allowed = await preflight(PORTAL);
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers['access-control-allow-origin'], PORTAL);
  assert.equal(allowed.headers['access-control-allow-credentials'], 'true');
  const foreign = await preflight('https://evil.example');
  assert.equal(foreign.status, 401);
  assert.equal(foreign.headers['access-control-allow-origin'], undefined);
});

/** Milliseconds between the parts of a request, so that the server reads them apart. */
const PART_GAP_MS = 30;

/**
 * Sends requests over one connection, each in parts, after the answer to the one before: calls on a connection may run
 * at the same time. Resolves with everything that came back.
 */
async function speak(requests: readonly (readonly string[])[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: server.http.port, ca: server.ca });
  socket.setEncoding('utf8');
  let text = '';
  socket.on('data', (more) => {
    text += more;
  });
  for (const parts of requests) {
    const before = text.length;
    for (const part of parts) {
      await sleep(PART_GAP_MS);
      socket.write(part);
    }
    await waitFor('an answer', () => isWholeAnswer(text.slice(before)));
  }
  socket.destroy();
  return text;
}

/** Whether a text is an answer with the length that its head states. */
function isWholeAnswer(text: string): boolean {
  const [head, body] = text.split('\r\n\r\n');
  return body !== undefined && body.length === Number(/content-length: (\d+)/i.exec(head!)?.[1]);
}

test('one connection takes several calls, with chunked bodies and bodies that come later in pieces', async () => {
  const head = (path: string, more: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${basic('ada:ada-secret')}\r\n${more}\r\n\r\n`;
  const body = '[{"user":"raw1","password":"x"}]';
  const text = await speak([
    [head('/api/create_user', `Content-Length: ${body.length}`), body.slice(0, 9), body.slice(9)],
    [
      head('/api/create_user', 'Transfer-Encoding: chunked'),
      `9\r\n${body.slice(0, 9)}\r\n`,
      `${(body.length - 9).toString(16)}\r\n${body.slice(9)}\r\n0\r\n\r\n`,
    ],
    [head('/api/remove_user', 'Content-Length: 17'), '[{"user":"raw1"}]'],
  ]);
  assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 3, text);
});

test('curl may send chunked bodies and Expect: 100-continue, and trusts the certificate with --cacert', async () => {
  const common = ['-sS', '--cacert', server.certificatePath, '-u', 'ada:ada-secret', '-i'];
  const body = '[{"user":"curled","password":"x"}]';
  const headers = ['-H', 'Transfer-Encoding: chunked', '-H', 'Expect: 100-continue'];
  const { stdout } = await run('curl', [...common, ...headers, '-d', body, `${server.url}api/create_user`]);
  assert.match(stdout, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n200 OK$/);
  const byName = `https://localhost:${server.http.port}/api/remove_user?name=curled`;
  assert.match(
    (await run('curl', [...common, '--resolve', `localhost:${server.http.port}:127.0.0.1`, byName])).stdout,
    /200 OK$/,
  );
});

test('a password never reaches a log or an error', async () => {
  const ada = server.client(ADA);
  const secret = 'hunter2-hunter2';
  const answers = [
    await ada.get(`/api/create_user?name=quiet&password=${secret}&write=maybe`),
    await ada.get(`/api/create_user?name=quiet&password=${secret}%zz`),
    await ada.get(`/api/create_user?name=ada&password=${secret}`),
    await ada.get(`/api/nope?password=${secret}`),
    await ada.post('/api/create_user', `[{"user":"quiet","password":"${secret}"`),
    await ada.post('/api/create_user', `[{"user":"quiet","password":"${secret}","write":"${secret}"}]`),
    await ada.post('/api/update_user', [{ user: 'nobody', password: secret }]),
    await server.client({ name: 'ada', password: secret }).get('/api/get_users'),
  ];
  for (const answer of answers) {
    assert.ok(answer.status >= 400);
    assert.ok(!answer.text().includes(secret), answer.text());
  }
  assert.match(server.logged, /create_user/);
  for (const word of [secret, ADA.password, basic('ada:ada-secret')])
    assert.ok(!server.logged.includes(word));
});

test('no part of an address that was sent reaches the log', async () => {
  const secret = 'hunter3-hunter3';
  for (const target of [
    `/api/create_user;name=quiet;password=${secret}`,
    `/api/create_user/password=${secret}`,
    `/api/create_user&password=${secret}`,
    `/api/create_user%3Fpassword=${secret}`,
    `/api/create_user#password=${secret}`,
    `/api/%zz${secret}`,
    `/${secret}`,
    `//ada:${secret}@127.0.0.1/api/get_users`,
    `https://ada:${secret}@127.0.0.1/api/create_user?name=quiet&password=${secret}`,
    `https://127.0.0.1/api/create_user;password=${secret}`,
  ]) {
    for (const head of ['', 'Connection: Upgrade\r\nUpgrade: websocket\r\n']) {
      await speak([[`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}\r\n`]]);
      assert.ok(!server.logged.includes(secret), `${target} ${head}`);
    }
  }
  await speak([
    [`GET /websockify;${secret} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
  ]);
  assert.ok(!server.logged.includes(secret));
  assert.match(server.logged, /\(unknown\)/);
});

test('bytes that are no HTTP get a 400 and a closed connection', async () => {
  const text = await speak([['NONSENSE\r\n\r\n']]);
  assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*HTTP_BAD_REQUEST/);
});

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { openAccounts } from '../../src/accounts/file-accounts.ts';
import { createHttpServer, type HttpServerOptions } from '../../src/http/server.ts';
import { type Certificate, loadCertificate } from '../../src/http/tls/certificate.ts';
import { ADA, ContractServer, EVE, LOOPBACK } from '../api/contract-server.ts';
import { closeOf } from '../support/close-of.ts';
import { withSlack } from '../support/limits.ts';
import { waitFor } from '../support/wait-for.ts';

/** Time in which a server that closes has ended all its connections. */
const CLOSES_WITHIN_MS = 1000;

let server: ContractServer;
before(async () => {
  server = await ContractServer.start({ allowOrigin: ['https://portal.example'] });
});
after(() => server.close());

const BROWSER = { 'sec-fetch-mode': 'navigate' };

test('the page’s files need no login, and what a browser remembers is not checked for them', async () => {
  const wrong = { name: EVE.name, password: 'remembered, and wrong by now' };
  for (const login of [undefined, EVE, wrong]) {
    for (const path of ['/', '/main-ABCD2345.js', '/vnc.html?autoconnect=1', '/login.html']) {
      const file = await server.client(login).get(path, { headers: BROWSER });
      assert.deepEqual([file.status, file.headers['set-cookie']], [200, undefined], path);
    }
  }
  assert.equal((await server.client().get('/')).status, 200);
  const lan = { accept: 'text/html,*/*' };
  assert.equal((await server.client(wrong).get('/', { headers: lan })).status, 200, 'without Sec-Fetch-Mode');
  const { blocks } = (await server.client(ADA).get('/api/get_login_blocks')).json();
  assert.deepEqual(blocks, []);
});

test('a program that sends a password with a file learns whether it is right', async () => {
  const wrong = await server.client({ name: EVE.name, password: 'wrong' }).get('/');
  assert.deepEqual([wrong.status, wrong.json().code], [401, 'HTTP_LOGIN_NEEDED']);
  assert.equal(wrong.headers['www-authenticate'], 'Basic realm="Deskwire", charset="UTF-8"');
  const right = await server.client(EVE).get('/');
  assert.equal(right.status, 200);
  assert.match(right.headers['set-cookie']?.[0] ?? '', /^__Host-deskwire-/);
});

test('a page’s script gets a challenge only where it asks for one, and a frame of another site gets none', async () => {
  const script = { ...BROWSER, 'sec-fetch-mode': 'same-origin', 'sec-fetch-dest': 'empty' };
  const framed = { ...BROWSER, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' };
  for (const [path, headers, hasChallenge] of [
    ['/?login=basic', script, true],
    ['/', script, false],
    ['/?login=basic', { ...script, 'deskwire-session': 'none' }, false],
    ['/?login=basic', framed, false],
  ] as const) {
    const { status, headers: answer } = await server.client().send(path, { method: 'HEAD', headers });
    assert.equal(status, 401, path);
    assert.equal(
      answer['www-authenticate'] !== undefined,
      hasChallenge,
      `${path} ${JSON.stringify(headers)}`,
    );
  }
});

test('a navigation to ?login=basic opens the browser’s own dialog, and gets a login cookie', async () => {
  const anonymous = await server.client().get('/?login=basic', { headers: BROWSER });
  assert.equal(anonymous.status, 401);
  assert.equal(anonymous.headers['www-authenticate'], 'Basic realm="Deskwire", charset="UTF-8"');

  const page = await server.client(EVE).get('/vnc.html?resize=scale&login=basic', { headers: BROWSER });
  assert.equal(page.status, 200);
  assert.match(page.text(), /<title>desk/);
  assert.match(
    page.headers['set-cookie']?.[0] ?? '',
    /^__Host-deskwire-\d+=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
});

test('/healthz and /readyz answer without a login, and tell no more than that', async () => {
  for (const path of ['/healthz', '/readyz']) {
    const answer = await server.client().get(path);
    assert.deepEqual([answer.status, answer.text()], [200, 'ok'], path);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.equal((await server.client().send(path, { method: 'HEAD' })).status, 200);
    assert.equal((await server.client().send(path, { method: 'POST' })).status, 405);
  }
});

test('the page’s probe gets a login cookie, or 403 for a user without read', async () => {
  const probe = { method: 'HEAD', headers: { 'sec-fetch-mode': 'same-origin' } };
  const known = await server.client(EVE).send('/', probe);
  assert.equal(known.status, 200);
  const cookie = known.headers['set-cookie']![0]!.split(';')[0]!;
  const again = await server.client().send('/', { ...probe, headers: { ...probe.headers, cookie } });
  assert.equal(again.status, 200);
  assert.equal(again.headers['set-cookie'], undefined);
  await server.client(ADA).get('/api/create_user?name=blind&password=p');
  assert.equal((await server.client({ name: 'blind', password: 'p' }).send('/', probe)).status, 403);
});

test('the login cookie opens no call of the API, and is invalid after a new password', async () => {
  await server.client(ADA).get('/api/create_user?name=fred&password=p&owner=true&read=true');
  const page = await server.client({ name: 'fred', password: 'p' }).get('/');
  const cookie = page.headers['set-cookie']![0]!.split(';')[0]!;
  const withCookie = (path: string) => server.client().get(path, { headers: { cookie } });
  const ticket = () => server.client().post('/ticket', undefined, { headers: { cookie } });
  assert.equal((await ticket()).status, 200);
  assert.equal((await withCookie('/')).headers['set-cookie'], undefined);
  assert.equal((await withCookie('/api/get_users')).status, 401);
  await server.client(ADA).get('/api/update_user?name=fred&password=q');
  assert.equal((await ticket()).status, 401);
});

test('a login cookie ends with its user, also where the system gives no notice of changes to the users', async () => {
  const own = await ContractServer.start();
  const former = `${own.folder}.former`;
  try {
    const page = await own.client(EVE).get('/');
    const cookie = page.headers['set-cookie']![0]!.split(';')[0]!;
    // The system's watch follows the former folder.
    renameSync(own.folder, former);
    cpSync(former, own.folder, { recursive: true });
    const other = await openAccounts({ folder: own.folder });
    await other.apply([{ kind: 'remove', name: EVE.name }]);
    await other.close();
    assert.equal((await own.client().post('/ticket', undefined, { headers: { cookie } })).status, 401);
  } finally {
    await own.close();
    rmSync(former, { recursive: true });
  }
});

test('browsers check the index each time and cache hashed files, and both have type and policy', async () => {
  const eve = server.client(EVE);
  const [index, asset] = [await eve.get('/'), await eve.get('/main-ABCD2345.js')];
  assert.equal(index.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(index.headers['cache-control'], 'private, no-cache');
  assert.match(
    String(index.headers['content-security-policy']),
    /default-src 'none'.*frame-ancestors 'self' https:\/\/portal\.example/,
  );
  assert.equal(asset.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.match(asset.headers['cache-control'] ?? '', /immutable/);
  const again = await eve.get('/', { headers: { 'if-none-match': index.headers.etag! } });
  assert.equal(again.status, 304);
});

test('the server serves no other file of the disk, and the page takes only GET and HEAD', async () => {
  for (const path of ['/nope', '/%2e%2e/cert.pem', '/..%2fcert.pem', '/favicon.ico']) {
    assert.equal((await server.client(EVE).get(path)).status, 404, path);
  }
  const answer = await server.client(EVE).post('/', 'x');
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'GET, HEAD');
});

test('a renewed certificate serves new connections, and open connections continue', async (t) => {
  const other = mkdtempSync(join(tmpdir(), 'deskwire-certificate-'));
  t.after(() => rmSync(other, { recursive: true }));
  const log = pino({ enabled: false });
  const before = await loadCertificate({ cert: undefined, key: undefined, data: server.folder, log });
  const after = await loadCertificate({ cert: undefined, key: undefined, data: other, log });
  const served = async (ca: string): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port: server.http.port, ca });
    await once(socket, 'secureConnect');
    const { raw } = socket.getPeerCertificate();
    socket.destroy();
    return new X509Certificate(raw).fingerprint256;
  };
  const fingerprint = ({ cert }: Certificate): string => new X509Certificate(cert).fingerprint256;
  const viewer = await server.viewer(EVE);
  assert.equal(await served(before.cert), fingerprint(before));
  server.http.useCertificate(after);
  try {
    assert.equal(await served(after.cert), fingerprint(after));
    viewer.send({ type: 'requestBottleneckStats' });
    await viewer.waitForMessage('bottleneckStats');
  } finally {
    server.http.useCertificate(before);
    viewer.destroy();
  }
});

test('old TLS and plain HTTP are refused, and the server continues', async () => {
  const old = connect({
    host: '127.0.0.1',
    port: server.http.port,
    ca: server.ca,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
  });
  await assert.rejects(once(old, 'secureConnect'));
  const plain = connectTcp(server.http.port, '127.0.0.1');
  plain.on('error', () => {});
  plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  plain.resume();
  await closeOf(plain);
  assert.equal((await server.client(ADA).get('/api/get_users')).status, 200);
});

function options(part: Partial<HttpServerOptions>): HttpServerOptions {
  return {
    listen: LOOPBACK,
    port: 0,
    certificate: { cert: '', key: '' },
    accounts: server.accounts,
    session: {} as HttpServerOptions['session'],
    allowOrigin: [],
    trustProxy: [],
    pageFolder: undefined,
    api: () => {},
    log: pino({ enabled: false }),
    ...part,
  };
}

test('a busy port, an unknown address and an invalid proxy or origin are errors with code and remedy', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const listeners = server.accounts.listenerCount('changed');
  for (const [part, code, hint] of [
    [{ port }, 'HTTP_PORT_BUSY', '--port'],
    [{ listen: [{ kind: 'tcp', host: '192.0.2.1', port: undefined }] }, 'HTTP_BAD_ADDRESS', '--listen'],
    [{ trustProxy: ['proxy'] }, 'HTTP_BAD_PROXY', 'proxy'],
    [{ allowOrigin: ['portal'] }, 'HTTP_BAD_ORIGIN', 'portal'],
  ] as const) {
    await assert.rejects(createHttpServer(options(part)), (error: Error & { code: string }) => {
      return error.code === code && error.message.includes(hint);
    });
  }
  assert.equal(server.accounts.listenerCount('changed'), listeners, 'what failed has left nothing behind');
  other.close();
});

test('a caller that does not read its answer loses the connection, and its call is broken off', async () => {
  const { promise: isSent, resolve: setSent } = Promise.withResolvers<boolean>();
  const ownCertificate = { cert: undefined, key: undefined, data: server.folder };
  const log = pino({ enabled: false });
  const slow = await createHttpServer({
    ...options({ certificate: await loadCertificate({ ...ownCertificate, log }) }),
    limits: { answerStallMs: 100 },
    api: (app) =>
      app.get('/large', async (_request, reply) => {
        reply.raw.once('close', () => setSent(reply.raw.writableFinished));
        return reply.send(Buffer.alloc(64 * 1024 * 1024));
      }),
  });
  const socket = connect({ host: '127.0.0.1', port: slow.port, ca: server.ca });
  socket.on('error', () => {});
  try {
    await once(socket, 'secureConnect');
    socket.pause();
    const login = Buffer.from(`${ADA.name}:${ADA.password}`).toString('base64');
    socket.write(`GET /api/large HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${login}\r\n\r\n`);
    assert.equal(await isSent, false);
  } finally {
    socket.destroy();
    await slow.close();
  }
});

test('calls that wait behind others on one connection are broken off when it ends', async () => {
  let running = 0;
  const ownCertificate = { cert: undefined, key: undefined, data: server.folder };
  const log = pino({ enabled: false });
  const own = await createHttpServer({
    ...options({ certificate: await loadCertificate({ ...ownCertificate, log }) }),
    api: (app) =>
      app.get('/wait', async ({ brokenOff }) => {
        running++;
        await once(brokenOff!, 'abort');
        running--;
        return '';
      }),
  });
  const socket = connect({ host: '127.0.0.1', port: own.port, ca: server.ca });
  socket.on('error', () => {});
  try {
    await once(socket, 'secureConnect');
    const login = Buffer.from(`${ADA.name}:${ADA.password}`).toString('base64');
    const call = `GET /api/wait HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${login}\r\n\r\n`;
    socket.write(call.repeat(3));
    await waitFor('three calls', () => running === 3);
    socket.destroy();
    await waitFor('their end', () => running === 0);
  } finally {
    socket.destroy();
    await own.close();
  }
});

test('close ends idle and silent connections at once', async () => {
  const short = await ContractServer.start();
  const client = short.client(ADA);
  await client.get('/api/get_users');
  const silent = connectTcp(short.http.port, '127.0.0.1');
  silent.on('error', () => {});
  await once(silent, 'connect');
  const viewer = await short.viewer(ADA);
  const startMs = performance.now();
  await short.http.close();
  assert.ok(performance.now() - startMs < withSlack(CLOSES_WITHIN_MS));
  assert.match(await viewer.waitForClose(), /^1001 /);
  await assert.rejects(client.get('/api/get_users'));
  await short.close();
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { deflateSync } from 'node:zlib';
import type { AuditEntry, Door } from '../../src/audit/audit.ts';
import * as wire from '../../src/protocol/constants.ts';
import { clipboardTextToDeflate } from '../support/clipboard-text-to-deflate.ts';
import { closeOf } from '../support/close-of.ts';
import { STANDARD_ENCODINGS, type Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, BLIND, ContractServer, createReaders, EVE, LOOKER } from './contract-server.ts';

/** May only look. */
/** Nothing of this may be in the trail. */
const SECRETS = {
  newPassword: 'new-password-of-looker',
  guess: 'guessed-password',
  passwordAsName: 'password-in-the-field-for-names',
  text: 'text-on-the-clipboard',
  program: 'text-copied-by-a-program',
  query: 'secret-in-the-query',
};

let server: ContractServer;
let writer: Viewer;
let looker: Viewer;
before(async () => {
  server = await ContractServer.start();
  await createReaders(server);
  const encodings = [...STANDARD_ENCODINGS, wire.PSEUDO_EXTENDED_CLIPBOARD];
  writer = await server.viewer(EVE, { encodings });
  looker = await server.viewer(LOOKER, { encodings });
});
after(() => server.close());

type Expected = Partial<AuditEntry>;

const has = (entry: AuditEntry, expected: Expected): boolean =>
  Object.entries(expected).every(([field, value]) => {
    assert.ok(field !== 'users');
    return entry[field as keyof AuditEntry] === value;
  });

/** Waits until the trail has a line for each. */
async function recorded(...expected: Expected[]): Promise<void> {
  for (const one of expected) {
    await waitFor(`the line ${JSON.stringify(one)} in\n${server.auditText}`, () =>
      server.audited.some((entry) => has(entry, one)),
    );
  }
}

/** Sends bytes on a new connection, and resolves when the server has closed it. */
async function speak(text: string): Promise<void> {
  const socket = connect({ port: server.http.port, host: '127.0.0.1', ca: server.ca });
  await once(socket, 'secureConnect');
  const closed = closeOf(socket);
  socket.end(text);
  socket.resume();
  await closed;
}

const sendAll = (viewer: Viewer): void => {
  viewer.sendKey(0x61, true);
  viewer.sendKey(0x61, false);
  const flags = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;
  const data = deflateSync(clipboardTextToDeflate(SECRETS.text));
  viewer.send({ type: 'extendedClipboard', flags, data });
  viewer.requestSize({ width: 300, height: 200 });
  viewer.send({ type: 'subscribeRelay', name: SECRETS.text });
};

async function rfbPort() {
  const rfb = await server.rfbPort();
  return { port: Number(rfb.places[0]!.split(':')[1]), end: () => rfb.close() };
}

/** A user and what the user may do at a door of the session. */
const done = (door: Door): Expected => ({ door, outcome: 'done', user: EVE.name, address: '127.0.0.1' });
const refused = (door: Door, code: string, user = LOOKER.name): Expected => {
  return { door, outcome: 'refused', code, user, address: '127.0.0.1' };
};

/** What is done at each door, and the lines that it leaves. */
const AT: { readonly [D in Door]: (() => Promise<void>) | undefined } = {
  login: async () => {
    await server.client(EVE).get('/');
    await server.client({ name: 'ada', password: SECRETS.guess }).get('/api/get_users');
    await server.client({ name: SECRETS.passwordAsName, password: 'x' }).get('/');
    await assert.rejects(server.viewer({ name: 'eve', password: SECRETS.guess }));
    const code = 'HTTP_LOGIN_NEEDED';
    await recorded(
      { door: 'login', outcome: 'done', user: 'eve', address: '127.0.0.1' },
      { door: 'login', outcome: 'refused', code, user: undefined, claims: 'ada', what: 'GET /api/get_users' },
      { door: 'login', outcome: 'refused', code, user: undefined, claims: undefined, what: 'GET /' },
      { door: 'login', outcome: 'refused', code, claims: 'eve', what: 'websocket' },
    );
  },
  page: async () => {
    await server.client(EVE).get('/main-ABCD2345.js');
    await server.client(BLIND).send('/', { method: 'HEAD', headers: { 'sec-fetch-mode': 'same-origin' } });
    await server.client(EVE).post('/ticket', undefined);
    await server.client(BLIND).post('/ticket', undefined);
    await recorded(
      { ...done('page'), what: undefined },
      { door: 'page', outcome: 'refused', code: 'HTTP_NO_READ', what: undefined },
      { ...done('page'), what: 'POST /ticket' },
      { ...refused('page', 'HTTP_NO_READ', BLIND.name), what: 'POST /ticket' },
    );
  },
  websocket: async () => {
    const viewer = await server.viewer(ADA);
    await viewer.close();
    await assert.rejects(server.viewer(BLIND));
    const malformed = await server.viewer(ADA);
    malformed.sendRaw(Uint8Array.of(77));
    await malformed.waitForClose();
    await speak(
      'GET /websockify HTTP/1.1\r\nHost: desk\r\nHost: evil\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await recorded(
      { door: 'websocket', outcome: 'done', user: 'ada', what: 'opened' },
      { door: 'websocket', outcome: 'done', user: 'ada', what: 'closed' },
      { door: 'websocket', outcome: 'refused', claims: 'blind', code: 'HTTP_NO_READ' },
      { door: 'websocket', outcome: 'refused', user: 'ada', what: 'closed', code: 'RFB_UNKNOWN_MESSAGE' },
      { door: 'websocket', outcome: 'refused', what: 'websocket', code: 'HTTP_BAD_REQUEST' },
    );
  },
  rfb: async () => {
    const { port, end } = await rfbPort();
    const viewer = await server.rfbViewer({ port, ca: server.ca, login: ADA });
    await viewer.close();
    await assert.rejects(server.rfbViewer({ port, ca: server.ca, login: BLIND }));
    await assert.rejects(
      server.rfbViewer({ port, ca: server.ca, login: { ...EVE, password: SECRETS.guess } }),
    );
    await recorded(
      { door: 'rfb', outcome: 'done', user: 'ada', what: 'opened', address: '127.0.0.1' },
      { door: 'rfb', outcome: 'done', user: 'ada', what: 'closed' },
      { door: 'rfb', outcome: 'refused', claims: 'blind', code: 'HTTP_NO_READ', what: 'rfb' },
      { door: 'login', outcome: 'refused', claims: 'eve', code: 'HTTP_LOGIN_NEEDED', what: 'rfb' },
    );
    await end();
  },
  api: async () => {
    const ada = server.client(ADA);
    const { paths } = (await ada.get('/api/openapi.json')).json() as { paths: Record<string, object> };
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
    );
    assert.ok(calls.length > 12);
    for (const [method, path] of calls) {
      const options = method === 'GET' ? {} : { body: '[]' };
      await ada.send(path, { method, ...options });
      await server.client(EVE).send(path, { method, ...options });
      const what = `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
      await recorded(
        { door: 'api', what, user: 'ada' },
        { ...refused('api', 'HTTP_NOT_OWNER', 'eve'), what },
      );
    }
    await ada.get(`/api/update_user?name=nobody&password=${SECRETS.query}`);
    await recorded({ ...refused('api', 'ACCOUNTS_NO_SUCH_USER', 'ada'), what: 'GET /api/update_user' });
  },
  tokens: async () => {
    const ada = server.client(ADA);
    const made = (
      await ada.post('/api/tokens', { name: SECRETS.query, scopes: ['view'], user: 'eve' })
    ).json();
    const given = (await ada.post('/api/tickets', { guest: 'Anna' })).json();
    const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });
    await server.client().post('/ticket', undefined, bearer(made.token));
    await server.client().post('/ticket', undefined, bearer(given.url.split('=')[1]));
    await server.client().post('/ticket', undefined, bearer(given.url.split('=')[1]));
    await server.client().get('/api/get_users', bearer(made.token));
    await ada.send(`/api/tokens/${made.id}`, { method: 'DELETE' });
    await server.client().get('/api/get_sessions', bearer(made.token));
    await ada.send(`/api/tickets/${given.id}`, { method: 'DELETE' });
    const [token, ticket] = [`token ${made.id}`, `ticket ${given.id}`];
    await recorded(
      { door: 'tokens', outcome: 'done', what: 'token made', pass: token },
      { door: 'tokens', outcome: 'done', what: 'ticket made', pass: ticket },
      { door: 'login', outcome: 'done', user: 'eve', pass: token },
      { door: 'login', outcome: 'done', user: 'guest:Anna', pass: ticket },
      { door: 'login', outcome: 'refused', code: 'HTTP_TICKET_INVALID', what: 'POST /ticket' },
      { door: 'api', outcome: 'refused', code: 'HTTP_NOT_OWNER', user: 'eve', pass: token },
      { door: 'tokens', outcome: 'done', what: 'token ended', pass: token },
      { door: 'login', outcome: 'refused', code: 'HTTP_TOKEN_INVALID', what: 'GET /api/get_sessions' },
      { door: 'tokens', outcome: 'done', what: 'ticket revoked', pass: ticket },
    );
  },
  users: async () => {
    await server.client(ADA).get('/api/create_user?name=temp&password=x&read=1');
    await server.client(ADA).get(`/api/update_user?name=temp&write=1&password=${SECRETS.newPassword}`);
    await server.client(ADA).get('/api/remove_user?name=temp');
    const lines = await waitFor('the lines', () => {
      const about = server.audited.filter(({ users }) => users?.some(({ user }) => user === 'temp'));
      return about.length === 6 && about;
    });
    assert.deepEqual(
      lines.map(({ door, user, what, users }) => ({ door, user, what, users })),
      [
        {
          ...{ door: 'users', user: undefined, what: undefined },
          users: [{ user: 'temp', read: true, write: false, owner: false, password: true }],
        },
        {
          ...{ door: 'api', user: 'ada', what: 'GET /api/create_user' },
          users: [{ user: 'temp', read: true, password: true }],
        },
        {
          ...{ door: 'users', user: undefined, what: undefined },
          users: [{ user: 'temp', read: true, write: true, owner: false, password: true }],
        },
        {
          ...{ door: 'api', user: 'ada', what: 'GET /api/update_user' },
          users: [{ user: 'temp', write: true, password: true }],
        },
        { door: 'users', user: undefined, what: undefined, users: [{ user: 'temp', removed: true }] },
        { door: 'api', user: 'ada', what: 'GET /api/remove_user', users: [{ user: 'temp' }] },
      ],
    );
  },
  input: async () => {
    for (const viewer of [writer, looker]) sendAll(viewer);
    await recorded(done('input'), refused('input', 'AUDIT_NO_WRITE'));
  },
  clipboard: async () => {
    for (const viewer of [writer, looker]) sendAll(viewer);
    server.desktop.copyText(SECRETS.program);
    await recorded(
      { ...done('clipboard'), what: 'extendedClipboard' },
      { ...done('clipboard'), what: 'offered' },
      refused('clipboard', 'AUDIT_NO_WRITE'),
    );
  },
  resize: async () => {
    for (const viewer of [writer, looker]) sendAll(viewer);
    await recorded(done('resize'), refused('resize', 'AUDIT_NO_WRITE'));
  },
  kasm: async () => {
    sendAll(writer);
    await recorded(refused('kasm', 'AUDIT_NOT_OFFERED', 'eve'));
  },
  http: async () => {
    await server.client(ADA).get(`/${SECRETS.query};password=${SECRETS.query}`);
    await speak(`${SECRETS.query}\r\n\r\n`);
    await server.client(ADA).get('/healthz', { headers: { expect: SECRETS.query } });
    await recorded(
      { door: 'http', outcome: 'refused', code: 'HTTP_EXPECTATION', address: '127.0.0.1' },
      { door: 'http', outcome: 'refused', code: 'HTTP_NOT_FOUND' },
      { door: 'http', outcome: 'refused', code: 'HPE_INVALID_METHOD', address: '127.0.0.1' },
    );
  },
  // These two are in test/cli/audit.test.ts, because they need the command.
  server: undefined,
  cli: undefined,
};

for (const [door, act] of Object.entries(AT)) {
  if (act !== undefined)
    test(`the audit trail has lines for what is done and refused at the door "${door}"`, act);
}

test('a call whose caller leaves before the answer is in the audit trail', async () => {
  const call = request(new URL('/api/create_user', server.url), {
    method: 'POST',
    ca: server.ca,
    auth: `${ADA.name}:${ADA.password}`,
    headers: { expect: '100-continue', 'content-length': 1000 },
  });
  call.on('error', () => {});
  call.flushHeaders();
  await once(call, 'continue');
  call.destroy();
  await recorded({
    door: 'api',
    outcome: 'refused',
    code: 'AUDIT_BROKEN_OFF',
    what: 'POST /api/create_user',
    address: '127.0.0.1',
  });
});

test('the probes of supervisors leave no line in the audit trail', async () => {
  for (const path of ['/healthz', '/readyz']) assert.equal((await server.client().get(path)).status, 200);
  await server.client().get('/behind-the-probes');
  await recorded({ door: 'http', code: 'HTTP_NOT_FOUND', user: undefined });
  assert.ok(!server.auditText.includes('healthz') && !server.auditText.includes('readyz'));
  assert.ok(!server.audited.some(({ door, user }) => door === 'page' && user === undefined));
});

test('the audit trail has no password, no text and no query in it', () => {
  const logins = [ADA, EVE, LOOKER, BLIND].map(({ password }) => password);
  const secrets = [...logins, ...Object.values(SECRETS)];
  assert.ok(server.audited.length > 30);
  assert.deepEqual(
    secrets.filter((secret) => server.auditText.includes(secret)),
    [],
  );
});

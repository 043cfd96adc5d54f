import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bearing, makeTicket } from '../api/bearers.ts';
import { ADA, BLIND, BOB, ContractServer, createReaders, EVE, type Login } from '../api/contract-server.ts';
import { ACTS_WITHIN_MS } from '../api/rights-changes.ts';
import type { HttpsAnswer } from '../support/https-client.ts';
import { withSlack } from '../support/limits.ts';
import { waitFor } from '../support/wait-for.ts';
import { webSocketGreeting } from '../support/websocket-greeting.ts';

let server: ContractServer;
before(async () => {
  server = await ContractServer.start({ allowOrigin: ['https://portal.example'], trustProxy: ['127.0.0.1'] });
  await createReaders(server);
});
after(() => server.close());

/** What a browser adds to a request of our page’s script. */
const OURS = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'same-origin', 'user-agent': 'Firefox' };

interface Entered {
  readonly cookie: string;
  readonly key: string;
  /** The headers of our page in this session. */
  readonly ours: Readonly<Record<string, string>>;
}

function entered(answer: HttpsAnswer): Entered {
  assert.equal(answer.status, 200, answer.text());
  const cookie = answer.headers['set-cookie']![0]!.split(';')[0]!;
  const { key } = answer.json();
  return { cookie, key, ours: { ...OURS, cookie, 'deskwire-session': key } };
}

const logIn = (login: Login, query = '', headers: Readonly<Record<string, string>> = {}) =>
  server.client(login).post(`/session${query}`, undefined, {
    headers: { ...OURS, 'deskwire-session': 'none', ...headers },
  });

const ask = (path: string, headers: Readonly<Record<string, string>>, method = 'GET') =>
  server.client().send(path, { method, headers });

test('a login by the form begins a session, whose cookie and key together open calls and viewers', async () => {
  const answer = await logIn(ADA);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.match(
    answer.headers['set-cookie']![0]!,
    /^__Host-deskwire-\d+=dws_\w+_[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
  const { cookie, key, ours } = entered(answer);
  assert.equal((await ask('/api/get_users', ours)).status, 200);
  assert.equal((await ask('/api/create_user?name=zoe&password=zoe-secret', ours)).status, 200);
  assert.equal((await ask('/', ours, 'HEAD')).status, 200);

  const ticket = await ask('/ticket', ours, 'POST');
  const { user, logged_in_by } = ticket.json();
  assert.deepEqual([user, logged_in_by, ticket.headers['set-cookie']], ['ada', 'session', undefined]);
  const url = `${server.url.replace('https', 'wss')}websockify?ticket=${ticket.json().ticket}`;
  const greeting = await webSocketGreeting(url, { ca: server.ca, headers: { 'user-agent': 'Firefox' } });
  assert.match(String(greeting), /^RFB/);

  // The cookie is sent to other services of the host, which may replay it from the user's address.
  for (const headers of [
    { ...OURS, cookie },
    { ...OURS, cookie, 'deskwire-session': 'none' },
    { ...OURS, cookie, 'deskwire-session': 'x'.repeat(43) },
    { ...OURS, 'deskwire-session': key },
  ]) {
    assert.equal((await ask('/api/get_users', headers)).status, 401, JSON.stringify(headers));
  }
});

test('a session’s cookie alone opens viewers where the page is, and its key moves to another address', async () => {
  const { cookie, ours } = entered(await logIn(EVE));
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await ask('/ticket', headers, 'POST')).status;
  const elsewhere = { 'x-forwarded-for': '10.9.9.9' };
  assert.equal(await status({ ...OURS, cookie }), 200);
  assert.equal(await status({ ...OURS, cookie, ...elsewhere }), 401);
  assert.equal(await status({ ...OURS, cookie, 'user-agent': 'curl' }), 401);
  assert.equal(await status({ ...ours, ...elsewhere }), 200, 'a phone has changed its network');
  assert.equal(await status({ ...OURS, cookie, ...elsewhere }), 200);
  assert.equal(await status({ ...OURS, cookie }), 401);
});

test('logging out ends the session, its viewers and its calls, and clears the cookie in each of its forms', async () => {
  const { cookie, ours } = entered(await logIn(ADA));
  const tab = await server.viewer({ ...ADA, headers: ours });
  const other = await server.viewer(ADA);
  const watching = server.client().send('/api/get_frame_stats?client=all', { headers: ours });
  const out = await ask('/session', ours, 'DELETE');
  assert.equal(out.status, 204);
  for (const [i, sites] of ['SameSite=Strict', 'SameSite=None; Partitioned'].entries())
    assert.match(
      out.headers['set-cookie']![i]!,
      new RegExp(`=; Path=/; HttpOnly; Secure; ${sites}; Max-Age=0$`),
    );
  await waitFor('the end', () => tab.closedReason !== undefined, withSlack(ACTS_WITHIN_MS));
  assert.match(String(tab.closedReason), /You have logged out\./);
  assert.ok([200, 403].includes((await watching).status));
  for (const path of ['/api/get_users', '/api/get_sessions'])
    assert.equal((await ask(path, ours)).status, 401);
  assert.equal((await ask('/ticket', ours, 'POST')).status, 401);
  assert.equal((await ask('/ticket', { ...OURS, cookie }, 'POST')).status, 401);
  await other.roundTrip();
  other.destroy();
  assert.equal((await ask('/session', ours, 'DELETE')).status, 204, 'once more, and without a login');
});

test('a user who stays logged in has a cookie that outlives the browser, and in a frame it is partitioned', async () => {
  const stays = await logIn(EVE, '?stay');
  assert.match(stays.headers['set-cookie']![0]!, /SameSite=Strict; Max-Age=2592000$/);
  const framed = await logIn(EVE, '?framed=&stay=');
  assert.match(framed.headers['set-cookie']![0]!, /SameSite=None; Partitioned; Max-Age=2592000$/);
});

test('only our own page logs in and out: no other page, no link and no form', async () => {
  const { ours } = entered(await logIn(EVE));
  for (const [foreign, code] of [
    [{ origin: 'https://evil.example' }, 'HTTP_FOREIGN_PAGE'],
    [{ 'sec-fetch-site': 'cross-site' }, 'HTTP_FOREIGN_PAGE'],
    [{ 'sec-fetch-site': 'same-site' }, 'HTTP_FOREIGN_PAGE'],
    [{ 'sec-fetch-mode': 'navigate' }, 'HTTP_NAVIGATION'],
  ] as const) {
    const refused = await logIn(EVE, '', foreign);
    assert.deepEqual([refused.status, refused.json().code], [403, code], JSON.stringify(foreign));
    assert.equal(refused.headers['set-cookie'], undefined);
    assert.equal((await ask('/session', { ...ours, ...foreign }, 'DELETE')).status, 403);
  }
  const portal = { origin: 'https://portal.example', 'access-control-request-method': 'POST' };
  const preflight = await ask('/session', portal, 'OPTIONS');
  assert.equal(preflight.headers['access-control-allow-origin'], undefined, 'an allowed site neither');
  assert.equal((await ask('/ticket', ours, 'POST')).status, 200, 'the session goes on');
});

test('the form’s request is refused without a dialog: wrong password, throttled, no right to see, link used up', async () => {
  const from = { 'x-forwarded-for': '192.0.2.77' };
  const refusal = async (login: Login, headers: Record<string, string> = {}): Promise<[number, string]> => {
    const answer = await logIn(login, '', headers);
    assert.equal(answer.headers['www-authenticate']?.startsWith('Basic') ?? false, false);
    assert.equal(answer.headers['set-cookie'], undefined);
    return [answer.status, answer.json().code];
  };
  // Browsers that know the server by plain HTTP do not say what sends a request.
  const plain = await server.client({ ...EVE, password: 'wrong' }).post('/session', undefined, {
    headers: { 'deskwire-session': 'none', ...from },
  });
  assert.deepEqual([plain.status, plain.headers['www-authenticate']], [401, undefined]);
  assert.deepEqual(await refusal({ ...EVE, password: 'no' }, from), [401, 'HTTP_LOGIN_NEEDED']);
  assert.deepEqual(await refusal(BLIND), [403, 'HTTP_NO_READ']);
  const { ticket } = await makeTicket(server, { guest: 'Anna' });
  entered(await logIn(bearing(ticket)));
  assert.deepEqual(await refusal(bearing(ticket)), [401, 'HTTP_TICKET_INVALID']);
});

test('a link’s session has the guest’s rights, calls nothing, and ends with the ticket', async () => {
  const { id, ticket } = await makeTicket(server, { guest: 'Anna', write: true });
  const { ours } = entered(await logIn(bearing(ticket)));
  const viewer = await server.viewer({ name: '', password: '', headers: ours });
  assert.equal((await ask('/api/get_users', ours)).status, 403);
  await server.client(ADA).send(`/api/tickets/${id}`, { method: 'DELETE' });
  await waitFor('the end', () => viewer.closedReason !== undefined, withSlack(ACTS_WITHIN_MS));
  assert.equal((await ask('/ticket', ours, 'POST')).status, 401);
});

test('a session ends with its user’s password, and the viewer says so', async () => {
  await server.client(ADA).get('/api/create_user?name=tom&password=tom-secret&read=true');
  const { ours } = entered(await logIn({ name: 'tom', password: 'tom-secret' }));
  const viewer = await server.viewer({ name: '', password: '', headers: ours });
  await server.client(ADA).get('/api/update_user?name=tom&password=tom-secret-2');
  await waitFor('the end', () => viewer.closedReason !== undefined, withSlack(ACTS_WITHIN_MS));
  assert.match(String(viewer.closedReason), /password was changed/);
  assert.equal((await ask('/ticket', ours, 'POST')).status, 401);
});

test('an owner who logs out of the page does not end the links that were made in it', async () => {
  const { ours } = entered(await logIn(BOB));
  const made = await server.client().post('/api/tickets', { guest: 'Otto' }, { headers: ours });
  const ticket = made.json().url.split('#ticket=')[1];
  await ask('/session', ours, 'DELETE');
  entered(await logIn(bearing(ticket)));
});

test('logins by the form and logging out are in the audit trail, with the session', async () => {
  const { ours } = entered(await logIn(BOB));
  await ask('/ticket', ours, 'POST');
  await ask('/session', ours, 'DELETE');
  await waitFor('the lines', () => server.auditText.includes('DELETE /session'));
  const lines = server.audited.filter(({ user }) => user === BOB.name);
  const out = lines.find(({ what }) => what === 'DELETE /session');
  assert.match(out?.pass ?? '', /^session [0-9a-f]{16}$/);
  assert.ok(lines.some(({ door, what }) => door === 'page' && what === 'POST /session'));
  assert.ok(lines.some(({ door, pass }) => door === 'login' && pass === out?.pass));
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { withSlack } from '../support/limits.ts';
import { waitFor } from '../support/wait-for.ts';
import { bearing, enter, entersWith, makeTicket } from './bearers.ts';
import { ADA, BOB, ContractServer, EVE } from './contract-server.ts';
import { ACTS_WITHIN_MS, ALL, NONE } from './rights-changes.ts';
import { checkSession, PLAIN, Scene } from './rights-doors.ts';

let server: ContractServer;
before(async () => {
  server = await ContractServer.start();
});
after(() => server.close());

const use = (ticket: string) => server.client(bearing(ticket)).post('/ticket', undefined);

test('a ticket is behind the # of its URL, so that neither the server nor a proxy gets it with the page', async () => {
  const { url, path, ticket } = await makeTicket(server, { user: EVE.name });
  const { origin, pathname, search, hash } = new URL(url);
  assert.equal(`${origin}/`, server.url);
  assert.deepEqual([pathname, search, hash], ['/login.html', '', `#ticket=${ticket}`]);
  assert.equal(path, `/login.html#ticket=${ticket}`);
  assert.match(ticket, /^dwk_[0-9a-f]{16}_[\w-]{43}$/);
});

test('a ticket logs a browser in once, as its user, with a cookie that opens the page and a viewer', async () => {
  const { ticket } = await makeTicket(server, { user: EVE.name });
  const login = await enter(server, ticket);
  assert.equal(await entersWith(server, login), 200);
  const viewer = await server.viewer(login);
  const { users } = (await server.client(ADA).get('/api/get_sessions')).json();
  assert.deepEqual(
    users.map(({ username }: { username: string }) => username),
    [EVE.name],
  );
  viewer.destroy();
  const again = await use(ticket);
  assert.deepEqual([again.status, again.json().code], [401, 'HTTP_TICKET_INVALID']);
  assert.equal(again.headers['set-cookie'], undefined);
});

test('a ticket with several uses logs in as many browsers, and then no more', async () => {
  const { id, ticket } = await makeTicket(server, { guest: 'class', uses: 3 });
  const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await use(ticket)).status));
  assert.deepEqual(statuses.sort(), [200, 200, 200, 401, 401]);
  const listed = (await server.client(ADA).get('/api/tickets')).json();
  assert.equal(listed.find((one: { id: string }) => one.id === id).uses_left, 0);
});

test('a ticket goes before the cookie of another user', async () => {
  const eve = await enter(server, (await makeTicket(server, { user: EVE.name })).ticket);
  const { ticket } = await makeTicket(server, { guest: 'Anna' });
  const headers = { ...eve.headers, ...bearing(ticket).headers };
  const answer = await server.client().post('/ticket', undefined, { headers });
  const [cookie = ''] = answer.headers['set-cookie']?.[0]?.split(';') ?? [];
  assert.ok(cookie !== '' && cookie !== eve.headers?.cookie);
  const viewer = await server.viewer({ ...eve, headers: { cookie } });
  const { users } = (await server.client(ADA).get('/api/get_sessions')).json();
  assert.equal(users[0].username, 'guest:Anna');
  viewer.destroy();
});

for (const [given, rights] of [
  [{}, { ...NONE, read: true }],
  [{ write: true }, { ...ALL, owner: false }],
] as const) {
  test(`a guest with ${JSON.stringify(given)} finds exactly the doors of these rights open`, async () => {
    const login = await enter(server, (await makeTicket(server, { guest: 'Anna', ...given })).ticket);
    const scene = await Scene.open(server, login);
    await checkSession(scene, rights, 'as a guest');
    assert.equal((await server.client(login).get('/api/get_users')).status, 401);
    scene.close();
  });
}

test('a guest with the name of a user is not that user', async () => {
  const login = await enter(server, (await makeTicket(server, { guest: EVE.name })).ticket);
  const viewer = await server.viewer(login, { encodings: PLAIN });
  await server.client(ADA).get(`/api/update_user?name=${EVE.name}&password=${EVE.password}`);
  await viewer.roundTrip();
  assert.equal(viewer.closedReason, undefined);
  viewer.destroy();
});

test('a ticket that cannot be made is refused with the field that is wrong', async () => {
  for (const [body, code] of [
    [{}, 'API_TICKET_HOLDER'],
    [{ user: 'eve', guest: 'Anna' }, 'API_TICKET_HOLDER'],
    [{ user: 'eve', write: true }, 'API_TICKET_HOLDER'],
    [{ user: 'eve', write: false }, 'API_TICKET_HOLDER'],
    [{ user: 'nobody' }, 'ACCOUNTS_NO_SUCH_USER'],
    [{ guest: 'a:b' }, 'ACCOUNTS_NAME_INVALID'],
    [{ guest: 'x'.repeat(128) }, 'API_FIELD_INVALID'],
    [{ guest: 'Anna', owner: true }, 'API_FIELD_UNKNOWN'],
    [{ guest: 'Anna', expires_s: 301 }, 'API_FIELD_INVALID'],
    [{ guest: 'Anna', expires_s: 0 }, 'API_FIELD_INVALID'],
    [{ guest: 'Anna', uses: 101 }, 'API_FIELD_INVALID'],
    [{ guest: 'Anna', uses: 0 }, 'API_FIELD_INVALID'],
  ] as const) {
    const answer = await server.client(ADA).post('/api/tickets', body);
    assert.deepEqual([answer.status, answer.json().code], [400, code], JSON.stringify(body));
  }
});

test('a ticket opens only what logs a browser in: no call, no page, no viewer', async () => {
  const { ticket } = await makeTicket(server, { user: ADA.name });
  const login = bearing(ticket);
  assert.equal((await server.client(login).get('/api/get_users')).status, 401);
  assert.equal((await server.client(login).get('/')).status, 401);
  await assert.rejects(server.viewer(login), { status: 401 });
  assert.equal((await use(ticket)).status, 200, 'and these attempts have not used it up');
});

test('a page of another site cannot use a ticket, or have one made', async () => {
  const { ticket } = await makeTicket(server, { guest: 'Anna' });
  const headers = {
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'cors',
  };
  assert.equal((await server.client(bearing(ticket)).post('/ticket', undefined, { headers })).status, 403);
  assert.equal((await server.client(ADA).post('/api/tickets', { guest: 'Anna' }, { headers })).status, 403);
  assert.equal((await use(ticket)).status, 200);
});

/** What ends the logins with a ticket of BOB. */
const ENDS: Readonly<Record<string, (id: string) => string>> = {
  'the ticket is revoked': (id) => `/api/tickets/${id}`,
  'its owner is no longer one': () => '/api/update_user?name=bob&owner=false',
  'its owner gets another password': () => '/api/update_user?name=bob&password=other',
  'its owner is removed': () => '/api/remove_user?name=bob',
};

for (const [what, path] of Object.entries(ENDS)) {
  test(`when ${what}, those who logged in with it end within 100 ms, and it cannot be used`, async () => {
    await server
      .client(ADA)
      .post('/api/create_user', [{ user: BOB.name, password: BOB.password, owner: true }]);
    const made = (await server.client(BOB).post('/api/tickets', { guest: 'Anna', uses: 2 })).json();
    const ticket = made.url.split('#ticket=')[1];
    const login = await enter(server, ticket);
    const viewer = await server.viewer(login, { encodings: PLAIN });
    const asked = path(made.id);
    const method = asked.startsWith('/api/tickets') ? 'DELETE' : 'GET';
    assert.equal((await server.client(ADA).send(asked, { method })).status, 200);
    await waitFor('the end', () => viewer.closedReason !== undefined, withSlack(ACTS_WITHIN_MS));
    assert.equal(await entersWith(server, login), 401);
    assert.equal((await use(ticket)).status, 401);
    const again = await server.client(ADA).send(`/api/tickets/${made.id}`, { method: 'DELETE' });
    if (method === 'DELETE') assert.deepEqual([again.status, again.json().code], [400, 'API_NO_SUCH_TICKET']);
  });
}

test('behind a proxy and below a base path, the URL of a ticket is the one that browsers know', async () => {
  const behind = await ContractServer.start({ basePath: '/desk', trustProxy: ['127.0.0.1'] });
  try {
    const headers = { 'x-forwarded-host': 'portal.example', 'x-forwarded-proto': 'https' };
    const answer = await behind.client(ADA).post('/api/tickets', { guest: 'Anna' }, { headers });
    const { url, path } = answer.json();
    assert.match(url, /^https:\/\/portal\.example\/desk\/login\.html#ticket=dwk_/);
    assert.match(path, /^\/desk\/login\.html#ticket=dwk_/);
  } finally {
    await behind.close();
  }
});

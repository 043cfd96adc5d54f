import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoredAccounts } from '../../src/accounts/stored-accounts.ts';
import { FleetUsers } from '../../src/fleet/store/fleet-users.ts';
import { SqliteStore } from '../../src/fleet/store/sqlite-store.ts';
import { CHEAP } from '../api/contract-server.ts';
import { ADMIN, type FleetCall, setState, startServer } from '../support/fleet-api-server.ts';
import { loginHeaders, type TestLogin } from '../support/login-headers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FRED: TestLogin = { name: 'fred', password: 'fred-secret' };
const BOB: TestLogin = { name: 'bob', password: 'bob-secret' };

const newUser = ({ name: user, password }: TestLogin, more: object = {}) => ({ user, password, ...more });

const namesSeen = async (call: FleetCall, user: TestLogin): Promise<string[]> =>
  (await call('GET', '/api/desktops', undefined, user)).body.map(({ name }: { name: string }) => name);

test('the members of a group have its grants, until they are taken out or the group is removed', async (t) => {
  const { call, store } = await startServer(t);
  await call('POST', '/api/desktops', { name: 'lab-1', labels: ['class=7b'] });
  const grants = [{ right: 'read', labels: ['class=7b'] }];
  assert.equal((await call('POST', '/api/groups', [{ group: 'class-7b', grants }])).status, 204);
  const unknown = await call('POST', '/api/users', [newUser(BOB, { groups: ['none'] })]);
  assert.equal(unknown.body.code, 'FLEET_NO_SUCH_GROUP');
  await call('POST', '/api/users', [newUser(FRED, { groups: ['class-7b'] }), newUser(BOB)]);
  assert.deepEqual(await namesSeen(call, FRED), ['lab-1']);
  assert.deepEqual(await namesSeen(call, BOB), []);
  const me = (await call('GET', '/api/me', undefined, FRED)).body;
  assert.deepEqual(me, { user: 'fred', admin: false, grants, groups: ['class-7b'] });

  const { version } = store.state;
  const half = await call('POST', '/api/groups/class-7b/members', [{ user: 'bob' }, { user: 'nobody' }]);
  assert.deepEqual([half.status, half.body.code], [404, 'FLEET_NO_SUCH_USER']);
  assert.equal(store.state.version, version, 'all or nothing');
  await call('POST', '/api/groups/class-7b/members', [{ user: 'bob' }, { user: 'fred' }]);
  assert.deepEqual(await namesSeen(call, BOB), ['lab-1']);
  assert.deepEqual((await call('GET', '/api/groups')).body, [
    { group: 'class-7b', admin: false, grants, members: 2 },
  ]);
  assert.deepEqual((await call('GET', '/api/groups/class-7b/members')).body, [
    { user: 'fred' },
    { user: 'bob' },
  ]);
  await call('POST', '/api/groups/class-7b/remove_members', [{ user: 'bob' }]);
  assert.deepEqual(await namesSeen(call, BOB), []);
  assert.equal((await call('DELETE', '/api/groups/class-7b')).status, 204);
  assert.equal((await call('DELETE', '/api/groups/class-7b')).status, 204, 'a repeated call does no harm');
  assert.deepEqual(await namesSeen(call, FRED), []);
  // Another group of the name has no members.
  await call('POST', '/api/groups', [{ group: 'class-7b', grants }]);
  assert.deepEqual(await namesSeen(call, FRED), []);
  for (const path of ['/api/groups', '/api/users'])
    assert.equal((await call('GET', path, undefined, FRED)).body.code, 'FLEET_NO_RIGHT');
});

test('a group can make its members admins, and the last admin stays, in whichever way one is', async (t) => {
  const { call } = await startServer(t);
  await call('POST', '/api/groups', [{ group: 'staff', admin: true }]);
  await call('POST', '/api/users', [newUser(FRED, { groups: ['staff'] })]);
  assert.equal((await call('GET', '/api/users', undefined, FRED)).status, 200);
  const added = await call('POST', '/api/users', [newUser(BOB)], FRED);
  assert.equal(added.status, 204, JSON.stringify(added.body));
  assert.equal((await call('DELETE', `/api/users/${ADMIN.name}`, undefined, FRED)).status, 204);
  const last = 'FLEET_LAST_ADMIN';
  for (const [method, path, body] of [
    ['DELETE', '/api/groups/staff', undefined],
    ['PATCH', '/api/groups/staff', { admin: false }],
    ['POST', '/api/groups', [{ group: 'staff' }]],
    ['POST', '/api/groups/staff/remove_members', [{ user: 'fred' }]],
  ] as const) {
    const answer = await call(method, path, body, FRED);
    assert.deepEqual([answer.status, answer.body.code], [409, last], `${method} ${path}`);
  }
  const removed = await call('DELETE', '/api/users/fred', undefined, FRED);
  assert.equal(removed.body.code, 'ACCOUNTS_LAST_OWNER');
  const left = await call('PATCH', '/api/users/fred', { groups: [] }, FRED);
  assert.equal(left.body.code, 'ACCOUNTS_LAST_OWNER');
});

test('of two admins whom two edges remove at the same time, one stays', async (t) => {
  const folder = temporaryFolder('deskwire-fleet-admins-');
  const open = () => {
    const store = new SqliteStore(folder);
    const openStore = (onChange: ConstructorParameters<typeof FleetUsers>[1]) =>
      new FleetUsers(store, onChange);
    const accounts = new StoredAccounts({ cost: CHEAP, openStore });
    t.after(async () => {
      await accounts.close();
      await store.close();
    });
    return { store, accounts };
  };
  const edges = [open(), open()] as const;
  const rights = { owner: true };
  for (let round = 0; round < 10; round++) {
    await edges[0].accounts.apply(
      ['ada', 'eve'].map((name) => ({ kind: 'create', name, password: 'x', rights, overwrite: true })),
    );
    await edges[1].store.refresh();
    const ends = await Promise.allSettled(
      ['ada', 'eve'].map((name, i) => edges[i]!.accounts.apply([{ kind: 'remove', name }])),
    );
    const refused = ends.filter((end) => end.status === 'rejected');
    assert.deepEqual(
      refused.map(({ reason }) => reason.code),
      ['ACCOUNTS_LAST_OWNER'],
    );
    await edges[0].store.refresh();
    assert.equal(edges[0].store.state.user.size, 1);
  }
});

test('a token opens the calls of its scopes for its user, and a token for some desktops makes no admin', async (t) => {
  const { call } = await startServer(t);
  await call('POST', '/api/desktops', { name: 'lab-1', labels: ['class=7b'] });
  await call('POST', '/api/desktops', { name: 'lab-2' });
  await call('POST', '/api/users', [newUser(FRED)]);
  const bearer = async (body: object, user = ADMIN): Promise<TestLogin> => {
    const { status, body: made } = await call('POST', '/api/tokens', { name: 'x', ...body }, user);
    assert.equal(status, 200, JSON.stringify(made));
    return { ...user, headers: { authorization: `Bearer ${made.token}` } };
  };
  const all = await bearer({ scopes: ['users', 'desktops'] });
  assert.equal((await call('GET', '/api/users', undefined, all)).status, 200);
  const refused = await call('GET', '/api/tokens', undefined, all);
  assert.deepEqual([refused.status, refused.body.code], [403, 'HTTP_SCOPE_MISSING']);
  const viewing = await bearer({ scopes: ['view'] });
  assert.equal((await call('GET', '/api/users', undefined, viewing)).status, 403);
  for (const [method, path, body] of [
    ['POST', '/api/desktops', { name: 'lab-3' }],
    ['POST', '/api/desktops/lab-1/pause', undefined],
    ['DELETE', '/api/desktops/lab-1', undefined],
    ['GET', '/api/hosts', undefined],
  ] as const) {
    const answer = await call(method, path, body, viewing);
    assert.equal(answer.body.code, 'HTTP_SCOPE_MISSING', `${method} ${path}`);
  }
  assert.deepEqual(await namesSeen(call, viewing), ['lab-1', 'lab-2']);

  const limited = await bearer({ scopes: ['admin'], labels: ['class=7b'] });
  assert.deepEqual(await namesSeen(call, limited), ['lab-1']);
  for (const path of ['/api/users', '/api/templates'])
    assert.equal((await call('GET', path, undefined, limited)).body.code, 'FLEET_NO_RIGHT', path);
  const more = await call('POST', '/api/tokens', { name: 'y', scopes: ['admin'] }, limited);
  assert.equal(more.body.code, 'FLEET_NO_RIGHT');
  const both = { name: 'y', scopes: ['view'], desktop: 'lab-1', labels: ['class=7b'] };
  assert.equal((await call('POST', '/api/tokens', both)).body.code, 'FLEET_GRANT_INVALID');

  const own = await bearer({ scopes: ['admin'] }, FRED);
  const listed = (await call('GET', '/api/tokens', undefined, own)).body;
  assert.deepEqual(
    listed.map(({ user, scopes }: { user: string; scopes: string[] }) => [user, scopes]),
    [['fred', ['admin']]],
  );
  assert.equal((await call('GET', '/api/tokens')).body.length, 4);
  assert.equal((await call('DELETE', `/api/tokens/${listed[0].id}`)).status, 204);
  assert.equal((await call('GET', '/api/me', undefined, own)).status, 401);
});

test('a ticket is a link to the page of its desktop, which its maker lists and revokes', async (t) => {
  const { call } = await startServer(t);
  await call('POST', '/api/desktops', { name: 'lab-1' });
  const ask = { desktop: 'lab-1', guest: 'Anna', write: true };
  const { body: made } = await call('POST', '/api/tickets', ask);
  assert.match(made.path, /^\/d\/lab-1\/login\.html#ticket=dwk_[0-9a-f]{16}_[\w-]{43}$/);
  const { url: _url, path: _path, ...listed } = made;
  assert.deepEqual((await call('GET', '/api/tickets')).body, [listed]);
  assert.deepEqual([listed.user, listed.write, listed.uses_left], ['guest:Anna', true, 1]);
  const unfit = await call('POST', '/api/tickets', { ...ask, user: ADMIN.name });
  assert.equal(unfit.body.code, 'API_TICKET_HOLDER');
  const none = await call('POST', '/api/tickets', { ...ask, desktop: 'none' });
  assert.equal(none.body.code, 'FLEET_NO_SUCH_DESKTOP');
  assert.equal((await call('DELETE', `/api/tickets/${listed.id}`)).status, 204);
  assert.equal((await call('DELETE', `/api/tickets/${listed.id}`)).body.code, 'API_NO_SUCH_TICKET');
});

test('a change that is to be confirmed says which nodes act on it, and never counts one that is silent', async (t) => {
  const { call, store } = await startServer(t);
  const silent = { id: 'edge:silent', kind: 'edge', version: store.state.version, viewers: {} } as const;
  await store.beat(silent);
  const answer = await call('POST', '/api/users?confirm=1&wait=0', [newUser(FRED)]);
  const { version } = store.state;
  assert.deepEqual(answer.body, { version, confirmed: 1, missing: [silent.id], desktops_told: true });
  const waits = call('PATCH', '/api/users/fred?confirm=1&wait=60', { admin: true });
  setTimeout(() => void store.beat({ ...silent, version: version + 1 }), 50);
  assert.deepEqual((await waits).body, {
    ...{ version: version + 1, confirmed: 2, missing: [], desktops_told: true },
  });
  await store.leave(silent.id);
  const removed = await call('DELETE', '/api/users/fred?confirm=1');
  assert.deepEqual(removed.body, {
    ...{ version: version + 2, confirmed: 1, missing: [], desktops_told: true },
  });
  assert.equal((await call('DELETE', '/api/users/fred?confirm=0')).status, 204);
});

/** Reads a stream of events until `done`, and returns the data of each. */
async function readEvents(
  url: string,
  headers: Readonly<Record<string, string>>,
  done: (events: EventData[]) => boolean,
): Promise<EventData[]> {
  const end = new AbortController();
  const answer = await fetch(url, { headers, signal: end.signal });
  assert.equal(answer.status, 200);
  let text = '';
  const events = (): EventData[] => [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!));
  for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (done(events())) break;
  }
  end.abort();
  return events();
}

// biome-ignore lint/suspicious/noExplicitAny: a test asserts the content.
type EventData = any;

test('the events of a fleet tell each user what that user may know, and go on where a reader was', async (t) => {
  const { call, store, url } = await startServer(t);
  await call('POST', '/api/users', [newUser(FRED, { grants: [{ right: 'read', desktop: 'lab-1' }] })]);
  const isLast = ({ type, desktop }: EventData): boolean => type === 'desktop_started' && desktop === 'lab-1';
  const read = (user: TestLogin, query = '') =>
    readEvents(`${url}api/events${query}`, loginHeaders(user), (events) => events.some(isLast));
  const [hello] = await readEvents(`${url}api/events`, loginHeaders(FRED), (events) => events.length > 0);
  assert.equal(hello.type, 'hello');
  const reading = [read(ADMIN, `?last_event_id=${hello.id}`), read(FRED, `?last_event_id=${hello.id}`)];
  await call('POST', '/api/desktops', { name: 'lab-2' });
  await call('POST', '/api/desktops', { name: 'lab-1' });
  await call('POST', '/api/users', [newUser(BOB)]);
  await call('PATCH', '/api/users/fred', { password: 'another-secret' });
  await setState(store, 'lab-1', 'running');
  const brief = (events: EventData[]) =>
    events.map(({ type, desktop, user }) => [type, desktop ?? user].filter(Boolean).join(' '));
  const [admin] = (await Promise.all(reading)) as [EventData[], EventData[]];
  assert.deepEqual(brief(admin), [
    ...['hello', 'desktop_made lab-2', 'desktop_starting lab-2'],
    ...['desktop_made lab-1', 'desktop_starting lab-1'],
    ...['user_changed bob', 'user_changed fred', 'desktop_started lab-1'],
  ]);
  assert.ok(admin.every((event) => typeof event.version === 'number'));

  const again = { ...FRED, password: 'another-secret' };
  const own = await read(again, `?last_event_id=${hello.id}`);
  assert.deepEqual(brief(own), [
    ...['hello', 'desktop_made lab-1', 'desktop_starting lab-1'],
    ...['user_changed fred', 'desktop_started lab-1'],
  ]);
  // The id of another edge counts by its version.
  const version = admin[4].version;
  const elsewhere = await read(again, `?last_event_id=${version}-00000000-99`);
  assert.deepEqual(brief(elsewhere), ['hello', 'user_changed fred', 'desktop_started lab-1']);
  const old = await readEvents(
    `${url}api/events?last_event_id=0-00000000-1`,
    loginHeaders(again),
    (events) => events.length > 1,
  );
  assert.equal(old[1].type, 'missed');
});

test('a stream of events ends with the login that opened it', async (t) => {
  const { call, url } = await startServer(t);
  await call('POST', '/api/users', [newUser(FRED)]);
  const ends = readEvents(`${url}api/events`, loginHeaders(FRED), () => false);
  await call('PATCH', '/api/users/fred', { password: 'another-secret' });
  assert.equal((await ends)[0].type, 'hello');
});

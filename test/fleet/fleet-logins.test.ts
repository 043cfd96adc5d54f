import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SqliteStore } from '../../src/fleet/store/sqlite-store.ts';
import { ADMIN, CAPACITY, type FleetCall, setState, startServer } from '../support/fleet-api-server.ts';
import { loginHeaders, type TestLogin } from '../support/login-headers.ts';
import { plainRequest } from '../support/plain-request.ts';

const FRED: TestLogin = { name: 'fred', password: 'fred-secret' };
/** The edge does not know the caller, and asks the desktop, which is not there. */
const UNKNOWN = 'FLEET_DESKTOP_SILENT';
const GRANTS = [{ right: 'write', desktop: 'lab-1' }];

interface Answer {
  readonly status: number;
  readonly cookies: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the content.
  readonly body: any;
}

type Send = (
  edge: number,
  method: string,
  path: string,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

/** Two edges behind one address, and a desktop that counts as running. */
async function startEdges(t: TestContext): Promise<{ send: Send; call: FleetCall; stores: SqliteStore[] }> {
  const one = await startServer(t);
  const other = await startServer(t, CAPACITY, one.data);
  await one.call('POST', '/api/desktops', { name: 'lab-1' });
  await one.call('POST', '/api/users', [{ user: FRED.name, password: FRED.password, grants: GRANTS }]);
  await setState(one.store, 'lab-1', 'running');
  const stores = [one.store, other.store];
  const send: Send = async (edge, method, path, headers = {}) => {
    await stores[edge]!.refresh();
    const { hostname: host, port } = new URL([one, other][edge]!.url);
    // Behind a balancer, the browser knows both by one address.
    const own = { host: 'desk.example', 'content-length': '0', ...headers };
    const answer = await plainRequest({ host, port: Number(port) }, path, { method, headers: own });
    const body = answer.body.startsWith('{') ? JSON.parse(answer.body) : answer.body;
    return { status: answer.status, cookies: answer.headers['set-cookie'] ?? [], body };
  };
  return { send, call: one.call, stores };
}

const cookieOf = ({ cookies }: Answer): string => cookies[0]!.split(';')[0]!;

test('a page that has logged in at one edge gets viewers and calls at another, and is logged out at both', async (t) => {
  const { send } = await startEdges(t);
  const began = await send(0, 'POST', '/d/lab-1/session', loginHeaders(FRED));
  assert.equal(began.status, 200, JSON.stringify(began.body));
  const page = { cookie: cookieOf(began), 'deskwire-session': began.body.key };
  const ticket = await send(1, 'POST', '/d/lab-1/ticket', page);
  assert.deepEqual(
    [ticket.status, ticket.body.user, ticket.body.logged_in_by],
    [200, FRED.name, 'session'],
    JSON.stringify(ticket.body),
  );
  assert.equal((await send(1, 'GET', '/api/me', page)).body.user, FRED.name);
  assert.equal((await send(1, 'GET', '/api/me', { cookie: page.cookie })).status, 401, 'the cookie alone');
  const out = await send(1, 'DELETE', '/d/lab-1/session', page);
  assert.equal(out.status, 204);
  assert.ok(out.cookies.every((cookie) => cookie.includes('Max-Age=0')));
  for (const edge of [0, 1]) {
    assert.equal((await send(edge, 'GET', '/api/me', page)).status, 401);
    assert.equal((await send(edge, 'POST', '/d/lab-1/ticket', page)).body.code, UNKNOWN);
  }
});

test('a link opens its desktop at one of two edges, once, and nothing else of the fleet', async (t) => {
  const { send, call } = await startEdges(t);
  await call('POST', '/api/desktops', { name: 'lab-2' });
  const { body } = await call('POST', '/api/tickets', { desktop: 'lab-1', guest: 'Anna' });
  const link = { authorization: `Bearer ${body.path.split('#ticket=')[1]}` };
  const wrong = await send(1, 'POST', '/d/lab-2/session', link);
  assert.deepEqual([wrong.status, wrong.body.code], [401, 'HTTP_TICKET_INVALID']);
  const began = await send(1, 'POST', '/d/lab-1/session', link);
  assert.equal(began.body.user, 'guest:Anna', JSON.stringify(began.body));
  assert.equal((await send(0, 'POST', '/d/lab-1/session', link)).status, 401, 'a second use');
  const page = { cookie: cookieOf(began), 'deskwire-session': began.body.key };
  assert.equal((await send(0, 'POST', '/d/lab-1/ticket', page)).body.user, 'guest:Anna');
  const shown = await send(0, 'GET', '/api/desktops/lab-1', page);
  assert.deepEqual([shown.status, shown.body.rights], [200, { read: true, write: false, owner: false }]);
  assert.equal((await send(0, 'GET', '/api/desktops/lab-2', page)).status, 404);
  assert.equal((await send(0, 'GET', '/api/users', page)).body.code, 'HTTP_SCOPE_MISSING');
  assert.equal((await send(0, 'GET', '/api/tokens', page)).body.code, 'HTTP_SCOPE_MISSING');
  await call('DELETE', `/api/tickets/${body.id}`);
  assert.equal((await send(1, 'POST', '/d/lab-1/ticket', page)).body.code, UNKNOWN);
});

test('a token needs a scope to view, and one that is not valid gets no further than the edge', async (t) => {
  const { send, call } = await startEdges(t);
  const bearer = async (scope: string) => {
    const { body } = await call('POST', '/api/tokens', { name: 'x', scopes: [scope] }, FRED);
    return { id: body.id, headers: { authorization: `Bearer ${body.token}` } };
  };
  const [stats, view] = [await bearer('stats'), await bearer('view')];
  const refused = await send(1, 'POST', '/d/lab-1/ticket', stats.headers);
  assert.deepEqual([refused.status, refused.body.code], [403, 'HTTP_SCOPE_MISSING']);
  const ticket = await send(1, 'POST', '/d/lab-1/ticket', view.headers);
  assert.deepEqual([ticket.status, ticket.body.logged_in_by], [200, 'token'], JSON.stringify(ticket.body));
  const { authorization } = view.headers;
  const forged = { authorization: authorization.replace(/.$/, authorization.endsWith('A') ? 'B' : 'A') };
  assert.equal((await send(1, 'POST', '/d/lab-1/ticket', forged)).body.code, 'HTTP_TOKEN_INVALID');
  await call('DELETE', `/api/tokens/${view.id}`, undefined, ADMIN);
  assert.equal((await send(0, 'GET', '/api/me', view.headers)).body.code, 'HTTP_TOKEN_INVALID');
});

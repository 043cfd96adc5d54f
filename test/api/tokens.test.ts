import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { openAccounts } from '../../src/accounts/file-accounts.ts';
import { FileTokens } from '../../src/accounts/file-tokens.ts';
import { ALL_SCOPES, allows, type CallScope } from '../../src/accounts/scopes.ts';
import * as wire from '../../src/protocol/constants.ts';
import { withSlack } from '../support/limits.ts';
import { STANDARD_ENCODINGS } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { bearing, enter, entersWith, makeToken } from './bearers.ts';
import { ADA, BOB, CHEAP, ContractServer, EVE, type Login } from './contract-server.ts';
import { ACTS_WITHIN_MS, ALL, NONE } from './rights-changes.ts';
import { checkSession, PLAIN, Scene } from './rights-doors.ts';

/** The scope that each call needs of a token. Further calls have theirs in the API document only. */
const SCOPES: Readonly<Record<string, CallScope>> = {
  'GET /api/get_bottleneck_stats': 'stats',
  'GET /api/get_frame_stats': 'stats',
  'GET /api/system/stats': 'stats',
  'GET /api/metrics': 'stats',
  'GET /api/events': 'events',
  'GET /api/get_screenshot': 'screenshot',
  'GET /api/get_users': 'users',
  'GET /api/create_user': 'users',
  'POST /api/create_user': 'users',
  'GET /api/update_user': 'users',
  'POST /api/update_user': 'users',
  'GET /api/remove_user': 'users',
  'POST /api/remove_user': 'users',
  'GET /api/get_login_blocks': 'users',
  'GET /api/clear_login_blocks': 'users',
  'GET /api/get_sessions': 'viewers',
  'GET /api/send_full_frame': 'viewers',
  'GET /api/clear_clipboard': 'clipboard',
  'GET /api/downloads': 'files',
  'POST /api/tickets': 'tickets',
  'GET /api/tickets': 'tickets',
  'DELETE /api/tickets/{id}': 'tickets',
  'POST /api/tokens': 'admin',
  'GET /api/tokens': 'admin',
  'DELETE /api/tokens/{id}': 'admin',
  'GET /api/openapi.json': 'any',
};

let server: ContractServer;
let agent: Agent;
before(async () => {
  server = await ContractServer.start();
  agent = new Agent({ ca: server.ca, keepAlive: true });
});
after(async () => {
  agent.destroy();
  await server.close();
});

const atOnce = (what: string, probe: () => boolean): Promise<unknown> =>
  waitFor(what, probe, withSlack(ACTS_WITHIN_MS));

/** Each call and the scopes that the API document lists for it. */
async function documentedScopes(): Promise<ReadonlyMap<string, CallScope>> {
  const { paths } = (await server.client(ADA).get('/api/openapi.json')).json() as {
    paths: Record<string, Record<string, { security: Record<string, CallScope[]>[] }>>;
  };
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => {
        const scopes = security.find(({ token }) => token !== undefined)?.token;
        assert.ok(scopes !== undefined, path);
        return [`${method.toUpperCase()} ${path}`, scopes[0] ?? 'any'] as const;
      }),
    ),
  );
}

/** Sends a call, and returns the head of its answer. Some answers go on for ever. */
async function headOf(call: string, { headers }: Login): Promise<IncomingMessage> {
  const [method, path = ''] = call.split(' ');
  const outgoing = request(new URL(path, server.url), { method, agent, headers });
  // Calls that change something change nothing without parameters, and with this body.
  outgoing.end(method === 'POST' || method === 'PUT' ? '[]' : undefined);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  if (answer.headers['content-type'] === 'text/event-stream') {
    answer.destroy();
    return answer;
  }
  answer.resume();
  await once(answer, 'end');
  return answer;
}

test('the scope that each call needs is in the API document', async () => {
  const documented = await documentedScopes();
  for (const [call, scope] of Object.entries(SCOPES)) assert.equal(documented.get(call), scope, call);
});

test('a token opens the calls of its scope, and is refused all others with 403', async () => {
  const calls = await documentedScopes();
  for (const given of ALL_SCOPES) {
    const login = bearing((await makeToken(server, { scopes: [given] })).token);
    for (const [call, needed] of calls) {
      const { statusCode, headers } = await headOf(call, login);
      const isOpen = allows([given], needed);
      assert.equal(statusCode === 403, !isOpen, `${call} with ${given}: ${statusCode}`);
      assert.notEqual(statusCode, 401, call);
      if (isOpen) continue;
      const challenge = `Bearer realm="Deskwire", error="insufficient_scope", scope="${needed}"`;
      assert.equal(headers['www-authenticate'], challenge, call);
    }
  }
});

test('a token is shown once, and listed without its secret, with its last use', async () => {
  const { id, token } = await makeToken(server, { scopes: ['stats', 'view'], expires_s: 3600 });
  assert.match(token, /^dwt_[0-9a-f]{16}_[\w-]{43}$/);
  const listed = async () => {
    const answer = await server.client(ADA).get('/api/tokens');
    assert.ok(!answer.text().includes(token.slice(-43)));
    return answer.json().find((one: { id: string }) => one.id === id);
  };
  const { created, expires, ...rest } = await listed();
  assert.deepEqual(rest, { id, name: 'test', user: 'ada', scopes: ['stats', 'view'], last_used: null });
  assert.equal(Date.parse(`${expires}Z`) - Date.parse(`${created}Z`), 3_600_000);
  await server.client(bearing(token)).get('/api/get_bottleneck_stats');
  assert.match((await listed()).last_used, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
});

test('a token that is unknown, cut off or revoked is refused with 401 and a challenge for bearers', async () => {
  const { id, token } = await makeToken(server, { scopes: ['stats'] });
  const anyone = server.client();
  const ask = (text: string) =>
    anyone.get('/api/get_bottleneck_stats', { headers: { authorization: `Bearer ${text}` } });
  assert.equal((await ask(token)).status, 200);
  assert.equal((await server.client(ADA).send(`/api/tokens/${id}`, { method: 'DELETE' })).text(), '200 OK');
  for (const wrong of [token, token.slice(0, -1), `${token.slice(0, -3)}AAA`, 'x', id]) {
    const answer = await ask(wrong);
    assert.equal(answer.status, 401, wrong);
    assert.equal(answer.json().code, 'HTTP_TOKEN_INVALID');
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="Deskwire", error="invalid_token"');
  }
  const again = await server.client(ADA).send(`/api/tokens/${id}`, { method: 'DELETE' });
  assert.deepEqual([again.status, again.json().code], [400, 'ACCOUNTS_NO_SUCH_TOKEN']);
});

test('a request for a token that cannot be made is refused with the field that is wrong', async () => {
  for (const [body, code] of [
    [{ scopes: ['stats'] }, 'API_FIELD_MISSING'],
    [{ name: 'x', scopes: [] }, 'API_FIELD_INVALID'],
    [{ name: 'x', scopes: ['statistics'] }, 'API_FIELD_INVALID'],
    [{ name: 'x'.repeat(65), scopes: ['stats'] }, 'API_FIELD_INVALID'],
    [{ name: 'a\nb', scopes: ['stats'] }, 'ACCOUNTS_TOKEN_NAME_INVALID'],
    [{ name: 'x', scopes: ['stats'], expires_s: 200_000_000 }, 'API_FIELD_INVALID'],
    [{ name: 'x', scopes: ['stats'], user: 'nobody' }, 'ACCOUNTS_NO_SUCH_USER'],
  ] as const) {
    const answer = await server.client(ADA).post('/api/tokens', body);
    assert.deepEqual([answer.status, answer.json().code], [400, code], JSON.stringify(body));
  }
});

test('a token of a user who is no owner makes no call, whatever its scopes', async () => {
  const { token } = await makeToken(server, { user: EVE.name, scopes: ['admin'] });
  const answer = await server.client(bearing(token)).get('/api/get_users');
  assert.deepEqual([answer.status, answer.json().code], [403, 'HTTP_NOT_OWNER']);
});

for (const [scopes, rights] of [
  [['view'], { ...NONE, read: true }],
  [['control'], { ...ALL, owner: false }],
] as const) {
  test(`a viewer by a token with the scope ${scopes[0]} has its rights, also after a change`, async () => {
    const { token } = await makeToken(server, { scopes });
    const scene = await Scene.open(server, bearing(token));
    await checkSession(scene, rights, 'at first');
    // A change of the user must not give the viewer the rights that the token lacks.
    for (const owner of [false, true])
      assert.equal((await server.client(BOB).get(`/api/update_user?name=ada&owner=${owner}`)).status, 200);
    await checkSession(scene, rights, 'after a change of the user');
    scene.close();
  });
}

test('a token without the scope to view opens neither page nor viewer', async () => {
  const login = bearing((await makeToken(server, { scopes: ['stats', 'users'] })).token);
  assert.equal((await server.client(login).get('/')).status, 403);
  assert.equal((await server.client(login).post('/ticket', undefined)).status, 403);
  await assert.rejects(server.viewer(login), { status: 403 });
});

/** Opens a WebSocket with these sub-protocols. Returns the one that the server chose, or the status of its refusal. */
async function opened(protocols: readonly string[], query = ''): Promise<string | number> {
  const url = new URL(`/websockify${query}`, server.url.replace('https', 'wss'));
  const socket = new WebSocket(url, [...protocols], { ca: server.ca });
  socket.on('error', () => {});
  const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode as number);
  const chosen = await Promise.race([once(socket, 'open').then(() => socket.protocol), refused]);
  socket.terminate();
  return chosen;
}

test('a page opens a WebSocket with a token as a sub-protocol, which the server does not repeat', async () => {
  const { token } = await makeToken(server, { scopes: ['view'] });
  const stats = await makeToken(server, { scopes: ['stats'] });
  for (const [protocols, expected] of [
    [['binary', `deskwire.token.${token}`], 'binary'],
    [[`deskwire.token.${token}`, 'binary'], 'binary'],
    [['binary', `deskwire.token.${token.slice(0, -1)}`], 401],
    [['binary', `deskwire.token.${stats.token}`], 403],
    [['binary'], 401],
  ] as const)
    assert.equal(await opened(protocols), expected, protocols.join());
});

test('a token in the query of a WebSocket is not taken, because proxies log queries', async () => {
  const { token } = await makeToken(server, { scopes: ['view'] });
  for (const name of ['token', 'access_token', 'ticket'])
    assert.equal(await opened(['binary'], `?${name}=${token}`), 401, name);
});

/** Ways in which a token ends. */
const ENDS: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  'is revoked': (id) => server.client(ADA).send(`/api/tokens/${id}`, { method: 'DELETE' }),
  'is revoked by another process': async (id) => {
    const accounts = await openAccounts({ folder: server.folder, cost: CHEAP });
    const tokens = new FileTokens({ folder: server.folder, accounts });
    await tokens.revoke(id);
    await tokens.close();
    await accounts.close();
  },
};

for (const [what, end] of Object.entries(ENDS)) {
  test(`when a token ${what}, its viewers, cookies, tickets and calls end within 100 ms`, async () => {
    const { id, token } = await makeToken(server, { scopes: ['admin'] });
    const login = bearing(token);
    const cookie = await enter(server, token);
    const ticket = (await server.client(login).post('/api/tickets', { guest: 'Anna', uses: 2 })).json();
    const guest = await enter(server, ticket.url.split('=')[1]);
    const viewers = await Promise.all(
      [login, cookie, guest].map((by) => server.viewer(by, { encodings: PLAIN })),
    );
    // A viewer that is asked for its times, and never answers.
    const silent = await server.viewer(ADA, {
      encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_STREAMING_JPEG_WEBP],
    });
    let isAsked = false;
    silent.on('message', ({ type }) => {
      isAsked ||= type === 'reportFrameStats';
    });
    let status = 0;
    const waiting = server
      .client(login)
      .get('/api/get_frame_stats?client=all')
      .then((answer) => {
        status = answer.status;
      });
    await waitFor('the question', () => isAsked);
    await end(id);
    await atOnce('the end of the viewers', () =>
      viewers.every(({ closedReason }) => closedReason !== undefined),
    );
    await atOnce('the end of the call', () => status !== 0);
    await waiting;
    assert.equal(status, 403);
    for (const by of [login, cookie, guest]) assert.equal(await entersWith(server, by), 401);
    assert.equal(
      (await server.client(bearing(ticket.url.split('=')[1])).post('/ticket', undefined)).status,
      401,
    );
    silent.destroy();
  });
}

test('when a token expires, its viewers end', async () => {
  const { token } = await makeToken(server, { scopes: ['view'], expires_s: 2 });
  const viewer = await server.viewer(bearing(token));
  await viewer.waitForClose();
  assert.equal((await server.client(bearing(token)).get('/')).status, 401);
});

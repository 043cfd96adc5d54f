import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { User } from '../../src/accounts/user.ts';
import {
  ASSERTION_HEADER,
  ASSERTION_LIFE_MS,
  type Assertion,
  writeAssertion,
} from '../../src/http/login/edge-assertion.ts';
import { ADA } from '../api/contract-server.ts';
import { plainRequest } from '../support/plain-request.ts';
import { GREETING } from '../support/websocket-greeting.ts';
import { basic, startOnSocket, viewer } from './socket-server.ts';

const EDGE = { epoch: 7, key: randomBytes(32).toString('base64url') };
const ADDRESS = '192.0.2.1';
const OWNER: User = { name: 'grace', read: true, write: true, owner: true };

/** The headers of a request that the edge passes on. */
function passed(
  user: User | undefined,
  change: Partial<Assertion> = {},
  key = EDGE.key,
): Record<string, string> {
  const expiresMs = Date.now() + ASSERTION_LIFE_MS;
  const assertion = { user, address: ADDRESS, epoch: EDGE.epoch, expiresMs, ...change };
  return { 'x-forwarded-for': ADDRESS, [ASSERTION_HEADER]: writeAssertion(assertion, key) };
}

test('a desktop of a fleet answers only what its edge has signed, for this start, caller and moment', async (t) => {
  const { socketPath } = await startOnSocket(t, { edge: EDGE });
  const answer = async (path: string, headers: Record<string, string>): Promise<unknown> => {
    const { status, body } = await plainRequest({ socketPath }, path, { headers });
    return status === 200 ? 200 : JSON.parse(body).code;
  };
  const [text, mac] = passed(OWNER)[ASSERTION_HEADER]!.split('.');
  const { [ASSERTION_HEADER]: other } = passed({ ...OWNER, name: 'other' });
  const refused: Record<string, string>[] = [
    {},
    { authorization: basic(ADA) },
    { [ASSERTION_HEADER]: '' },
    { [ASSERTION_HEADER]: `${text}.` },
    { [ASSERTION_HEADER]: `${other!.split('.')[0]}.${mac}` },
    { ...passed(OWNER), [ASSERTION_HEADER]: `${text}.${mac}.${'a'.repeat(4096)}` },
    passed(OWNER, {}, 'another key'),
    passed(OWNER, { epoch: EDGE.epoch - 1 }),
    passed(OWNER, { expiresMs: Date.now() }),
    passed(OWNER, { address: '192.0.2.2' }),
  ];
  for (const headers of refused) {
    for (const path of ['/', '/api/get_users', '/readyz', '/healthz'])
      assert.equal(await answer(path, headers), 'HTTP_NOT_BY_EDGE', `${path} ${JSON.stringify(headers)}`);
    assert.equal(await viewer(`ws+unix:${socketPath}:/websockify`, headers), 403);
  }
  for (const path of ['/healthz', '/readyz']) assert.equal(await answer(path, passed(undefined)), 200);
});

test('a user whom the edge names has the rights that it names, and no account', async (t) => {
  const { server, socketPath } = await startOnSocket(t, { edge: EDGE });
  const call = async (path: string, user: User): Promise<number> =>
    (await plainRequest({ socketPath }, path, { headers: passed(user) })).status;
  assert.equal(await call('/api/create_user?name=fred&password=123&write=true', OWNER), 200);
  assert.equal(await call('/api/tokens', OWNER), 200);
  assert.equal(server.accounts.get(OWNER.name), undefined);
  assert.equal(server.accounts.get('fred')?.write, true);
  const reader = { ...OWNER, write: false, owner: false };
  assert.equal(await call('/api/get_users', reader), 403);
  const url = `ws+unix:${socketPath}:/websockify`;
  assert.equal(await viewer(url, passed(reader)), GREETING);
  assert.equal(await viewer(url, passed({ ...reader, read: false })), 403);
});

test('a user of the desktop itself logs in through the edge, and has no more rights by the name of another', async (t) => {
  const { server, socketPath } = await startOnSocket(t, { edge: EDGE });
  await server.accounts.apply([
    { kind: 'create', name: OWNER.name, password: 'local-secret', rights: { read: true }, overwrite: false },
  ]);
  const call = async (headers: Record<string, string>): Promise<number> =>
    (await plainRequest({ socketPath }, '/api/get_users', { headers })).status;
  assert.equal(await call({ ...passed(undefined), authorization: basic(ADA) }), 200);
  const local = basic({ name: OWNER.name, password: 'local-secret' });
  assert.equal(await call({ ...passed(undefined), authorization: local }), 403);
  assert.equal(
    await call({ ...passed(undefined), authorization: basic({ ...ADA, password: 'wrong' }) }),
    401,
  );
  assert.equal(await call(passed(OWNER)), 200);
});

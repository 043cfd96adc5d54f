import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { CAPACITY, startServer } from '../support/fleet-api-server.ts';

test('a repeated call makes no second desktop, and another one of the name is refused', async (t) => {
  const { call, store } = await startServer(t);
  const wanted = { name: 'lab-1', size: '800x600', labels: ['class=7b', 'room=1'] };
  const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', '/api/desktops', wanted)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(7).fill(200), 201]);
  for (const { body } of answers) {
    assert.equal(body.state, 'starting');
    assert.deepEqual(body.labels, wanted.labels);
  }
  assert.equal(store.state.desktop.size, 1);
  const other = await call('POST', '/api/desktops', { ...wanted, size: '640x480' });
  assert.deepEqual([other.status, other.body.code], [409, 'FLEET_DESKTOP_EXISTS']);
});

test('there are never more desktops than the capacity, whoever asks at the same time', async (t) => {
  const { call, store } = await startServer(t);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => call('POST', '/api/desktops', { name: `lab-${i}` })),
  );
  const made = answers.filter(({ status }) => status === 201);
  assert.equal(made.length, CAPACITY);
  assert.equal(store.state.desktop.size, CAPACITY);
  for (const { body } of answers.filter(({ status }) => status !== 201))
    assert.equal(body.code, 'FLEET_CAPACITY');
});

test('a desktop has what its template says where it says nothing itself', async (t) => {
  const { call } = await startServer(t);
  const template = { size: '800x600', restart: 'here', idle_pause_s: 60, labels: ['class=7b'] };
  assert.deepEqual((await call('PUT', '/api/templates/class', template)).body, {
    name: 'class',
    ...template,
  });
  const made = (await call('POST', '/api/desktops', { name: 'lab-1', template: 'class', size: '640x480' }))
    .body;
  assert.equal(made.size, '640x480');
  assert.equal(made.restart, 'here');
  assert.equal(made.idle_pause_s, 60);
  assert.equal((await call('DELETE', '/api/templates/class')).status, 204);
  assert.equal((await call('DELETE', '/api/templates/class')).status, 204);
  const gone = await call('POST', '/api/desktops', { name: 'lab-2', template: 'class' });
  assert.equal(gone.body.code, 'FLEET_NO_SUCH_TEMPLATE');
  const changed = (await call('PATCH', '/api/desktops/lab-1', { idle_pause_s: 5, restart: 'never' })).body;
  assert.equal(changed.idle_pause_s, 5);
  assert.equal(changed.restart, 'never');
  assert.equal(changed.size, '640x480');
});

test('what cannot be is refused by code, and changes nothing', async (t) => {
  const { call, store } = await startServer(t);
  const { version } = store.state;
  const long = 'a'.repeat(41);
  const cases: readonly (readonly [method: string, path: string, body: unknown, code: string])[] = [
    ['POST', '/api/desktops', { name: 'Lab' }, 'FLEET_NAME_INVALID'],
    ['POST', '/api/desktops', { name: '-lab' }, 'FLEET_NAME_INVALID'],
    ['POST', '/api/desktops', { name: '../x' }, 'FLEET_NAME_INVALID'],
    ['POST', '/api/desktops', { name: long }, 'API_FIELD_INVALID'],
    ['POST', '/api/desktops', { name: 'lab', size: '1x1' }, 'FLEET_SIZE_INVALID'],
    ['POST', '/api/desktops', { name: 'lab', labels: ['class'] }, 'FLEET_LABEL_INVALID'],
    [
      'POST',
      '/api/desktops',
      { name: 'lab', labels: Array.from({ length: 33 }, (_, i) => `a=${i}`) },
      'API_FIELD_INVALID',
    ],
    ['POST', '/api/desktops', { name: 'lab', ttl_s: 0 }, 'API_FIELD_INVALID'],
    ['POST', '/api/desktops', { name: 'lab', restart: 'somewhere' }, 'API_FIELD_INVALID'],
    ['POST', '/api/desktops', { name: 'lab', epoch: 1 }, 'API_FIELD_UNKNOWN'],
    ['PUT', '/api/templates/LAB', {}, 'FLEET_NAME_INVALID'],
    ['POST', '/api/users', [{ user: 'bob' }], 'API_FIELD_MISSING'],
    [
      'POST',
      '/api/users',
      [{ user: 'bob', password: 'x', grants: [{ right: 'read' }] }],
      'FLEET_GRANT_INVALID',
    ],
    [
      ...(['POST', '/api/users'] as const),
      [{ user: 'bob', password: 'x', grants: [{ right: 'read', desktop: 'a', labels: ['a=b'] }] }],
      'FLEET_GRANT_INVALID',
    ],
    [
      'POST',
      '/api/users',
      [{ user: 'bob', password: 'x', grants: [{ right: 'all', desktop: 'a' }] }],
      'API_FIELD_INVALID',
    ],
    ['PATCH', '/api/users/ada', {}, 'API_NOTHING_TO_CHANGE'],
    ['PATCH', '/api/users/ada', { admin: false }, 'ACCOUNTS_LAST_OWNER'],
    ['PATCH', '/api/users/none', { admin: true }, 'ACCOUNTS_NO_SUCH_USER'],
    ['POST', '/api/desktops/none/pause', undefined, 'FLEET_NO_SUCH_DESKTOP'],
    ['GET', '/api/desktops/none', undefined, 'FLEET_NO_SUCH_DESKTOP'],
  ];
  for (const [method, path, body, code] of cases) {
    const answer = await call(method, path, body);
    assert.equal(answer.body?.code, code, `${method} ${path} ${JSON.stringify(body)}`);
  }
  assert.equal(store.state.version, version);
});

test('of a list of 1,000 users all are applied or none, and a grant is theirs from the first moment', async (t) => {
  const { call, store } = await startServer(t);
  const users = Array.from({ length: 1000 }, (_, i) => ({
    ...{ user: `user-${i}`, password: `secret-${i}` },
    grants: [{ right: 'write', desktop: `lab-${i}` }],
  }));
  const refused = await call('POST', '/api/users', [...users.slice(1), { user: 'a:b', password: 'x' }]);
  assert.equal(refused.body.code, 'ACCOUNTS_NAME_INVALID');
  assert.equal(store.state.user.size, 1);
  const seen: number[] = [];
  store.on('changed', (_before, after) => seen.push(after.user.size));
  assert.equal((await call('POST', '/api/users', users)).status, 204);
  assert.deepEqual(seen, [1001]);
  const { body } = await call('GET', '/api/users');
  assert.deepEqual(body[1000], { user: 'user-999', admin: false, grants: users[999]!.grants, groups: [] });
  const login = { name: 'user-7', password: 'secret-7' };
  assert.deepEqual((await call('GET', '/api/me', undefined, login)).body.user, 'user-7');
  // Another password leaves the grants; the user's removal takes them.
  await call('PATCH', '/api/users/user-7', { password: 'another' });
  assert.equal((await call('GET', '/api/me', undefined, login)).status, 401);
  assert.equal(store.state.user.get('user-7')?.grants?.length, 1);
  assert.equal((await call('DELETE', '/api/users/user-7')).status, 204);
  assert.equal((await call('DELETE', '/api/users/user-7')).status, 204);
  await call('POST', '/api/users', [{ user: 'user-7', password: 'new' }]);
  assert.deepEqual(store.state.user.get('user-7')?.grants, []);
});

test('the fleet’s API describes itself as OpenAPI 3.1', async (t) => {
  const { call } = await startServer(t);
  const { body } = await call('GET', '/api/openapi.json');
  const { valid, errors } = await new Validator().validate(body);
  assert.ok(valid, JSON.stringify(errors));
  assert.deepEqual(Object.keys(body.paths['/api/desktops/{name}']), ['get', 'patch', 'delete']);
  const operations = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>);
  const ids = operations.flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  assert.equal(new Set(ids).size, ids.length, 'each call has an id of its own');
});

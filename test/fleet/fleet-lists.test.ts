import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_CHANGES } from '../../src/fleet/store/store.ts';
import { type FleetCall, setState, startServer } from '../support/fleet-api-server.ts';
import type { TestLogin } from '../support/login-headers.ts';

const TEACHER: TestLogin = { name: 'teacher', password: 'teacher-secret' };

const named = (count: number, more: object = {}): { name: string }[] =>
  Array.from({ length: count }, (_, i) => ({ name: `lab-${i}`, ...more }));

const namesIn = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);

/** Makes a user who owns the desktops of class 7b and may see those of class 8a. */
async function makeTeacher(call: FleetCall): Promise<void> {
  const grants = [
    { right: 'owner', labels: ['class=7b'] },
    { right: 'read', labels: ['class=8a'] },
  ];
  const user = { user: TEACHER.name, password: TEACHER.password, grants };
  assert.equal((await call('POST', '/api/users', [user])).status, 204);
}

test('a creation answers 201 with the address of what it made, and 200 if it was there', async (t) => {
  const { call } = await startServer(t);
  const made = await call('POST', '/api/desktops', { name: 'lab-1' });
  assert.equal(made.status, 201);
  assert.match(made.headers.location!, /^http:\/\/127\.0\.0\.1:\d+\/api\/desktops\/lab-1$/);
  const again = await call('POST', '/api/desktops', { name: 'lab-1' });
  assert.deepEqual([again.status, again.headers.location], [200, undefined]);
  const list = await call('POST', '/api/desktops', named(2));
  assert.deepEqual([list.status, namesIn(list.body)], [201, ['lab-0', 'lab-1']]);
  assert.equal((await call('POST', '/api/desktops', named(2))).status, 200);
});

test('a call that waited in vain answers 202, with the state and the reason', async (t) => {
  const { call, store } = await startServer(t);
  const made = await call('POST', '/api/desktops?wait=0', { name: 'lab-1' });
  assert.deepEqual([made.status, made.body.state], [202, 'starting']);
  assert.ok(made.headers.location, 'it was made all the same');
  const asked = call('GET', '/api/desktops/lab-1?wait=60');
  const listed = call('POST', '/api/desktops?wait=60', [{ name: 'lab-1' }]);
  await setState(store, 'lab-1', 'running');
  assert.equal((await asked).status, 200);
  assert.equal((await listed).status, 200);
  assert.equal((await call('POST', '/api/desktops/lab-1/pause?wait=0')).status, 202);
  assert.equal((await call('POST', '/api/desktops/lab-1/pause')).status, 200, 'a caller who does not wait');
  const paused = call('POST', '/api/desktops/lab-1/pause?wait=60');
  await setState(store, 'lab-1', 'ended');
  const ended = await paused;
  assert.deepEqual([ended.status, ended.body.state], [202, 'ended']);
  assert.equal(ended.body.reason, 'A test has said so.');
  assert.equal((await call('DELETE', '/api/desktops/lab-1?wait=0')).status, 202);
  const removed = call('DELETE', '/api/desktops?wait=60', [{ name: 'lab-1' }]);
  await store.transact(() => [{ kind: 'desktop', name: 'lab-1', value: undefined }]);
  assert.equal((await removed).status, 204);
});

test('of a list of 1,000 desktops all are made or none', async (t) => {
  const { call, store } = await startServer(t, MAX_CHANGES);
  const all = named(MAX_CHANGES);
  const seen: number[] = [];
  store.on('changed', (_before, after) => seen.push(after.desktop.size));
  const refusals: readonly (readonly [list: unknown, code: string, entries: readonly number[]])[] = [
    [[...all, { name: 'one-more' }], 'API_LIST_LENGTH', []],
    [[], 'API_LIST_LENGTH', []],
    [[...all.slice(1), { name: 'Lab' }], 'FLEET_NAME_INVALID', [999]],
    [[...all.slice(1), 7], 'API_FIELD_INVALID', [999]],
    [[...all.slice(1), { name: 'lab', template: 'none' }], 'FLEET_NO_SUCH_TEMPLATE', [999]],
    [[{ name: '-' }, ...all.slice(2), { name: 'lab', size: '1x1' }], 'API_ENTRIES_INVALID', [0, 999]],
    [[{}, ...all.slice(2), { name: 'lab', ttl_s: 0 }], 'API_ENTRIES_INVALID', [0, 999]],
    [[...all.slice(1), { name: 'lab-1' }], 'FLEET_NAME_REPEATED', []],
  ];
  for (const [list, code, entries] of refusals) {
    const { status, body } = await call('POST', '/api/desktops', list);
    assert.deepEqual([status < 500 && status >= 400, body.code], [true, code]);
    assert.deepEqual(
      (body.errors ?? []).map(({ index }: { index: number }) => index),
      entries,
      code,
    );
  }
  assert.deepEqual(seen, []);
  assert.equal((await call('POST', '/api/desktops', all)).status, 201);
  assert.deepEqual(seen, [MAX_CHANGES]);
  assert.equal((await call('DELETE', '/api/desktops', all)).status, 204);
  assert.ok([...store.state.desktop.values()].every(({ wanted }) => wanted === 'gone'));
  assert.equal(seen.length, 2);
});

test('a list that would go beyond the capacity makes no desktop', async (t) => {
  const { call, store } = await startServer(t, 3);
  await call('POST', '/api/desktops', { name: 'lab-0' });
  const refused = await call('POST', '/api/desktops', named(4));
  assert.deepEqual([refused.status, refused.body.code], [503, 'FLEET_CAPACITY']);
  assert.equal(store.state.desktop.size, 1);
  // The one that is there already needs no room.
  assert.equal((await call('POST', '/api/desktops', named(3))).status, 201);
  // An ended one leaves its room to others.
  await setState(store, 'lab-0', 'ended');
  assert.equal((await call('POST', '/api/desktops', { name: 'other' })).status, 201);
  assert.equal((await call('POST', '/api/desktops/lab-0/restart')).body.code, 'FLEET_CAPACITY');
});

test('a list shows the desktops with the labels and the state that were asked for', async (t) => {
  const { call, store } = await startServer(t, 9);
  await call('POST', '/api/desktops', [
    { name: 'a', labels: ['class=7b', 'room=1'] },
    { name: 'b', labels: ['class=7b'] },
    { name: 'c', labels: ['class=8a', 'room=1'] },
  ]);
  await setState(store, 'b', 'running');
  const cases: readonly (readonly [query: string, names: readonly string[]])[] = [
    ['', ['a', 'b', 'c']],
    ['?label=class=7b', ['a', 'b']],
    ['?label=class%3D7b,room%3D1', ['a']],
    ['?label=class=7', []],
    ['?state=running', ['b']],
    ['?state=running&label=room=1', []],
  ];
  for (const [query, names] of cases)
    assert.deepEqual(namesIn((await call('GET', `/api/desktops${query}`)).body), names, query);
  for (const [query, code] of [
    ['?label=', 'FLEET_LABEL_INVALID'],
    ['?label=class=7b,', 'FLEET_LABEL_INVALID'],
    ['?state=gone', 'API_PARAMETER_INVALID'],
  ])
    assert.equal((await call('GET', `/api/desktops${query}`)).body.code, code);
});

test('several desktops are changed by their names or by a label, all or none', async (t) => {
  const { call, store } = await startServer(t, 9);
  await makeTeacher(call);
  await call('POST', '/api/desktops', [
    ...named(2, { labels: ['class=7b'] }),
    { name: 'x', labels: ['class=8a'] },
  ]);
  const changed = await call('PATCH', '/api/desktops', [
    { name: 'lab-0', ttl_s: 60 },
    { name: 'lab-1', idle_end_s: 5 },
  ]);
  assert.equal(changed.status, 200);
  assert.deepEqual(
    changed.body.map((desktop: Record<string, unknown>) => [desktop.ttl_s, desktop.idle_end_s]),
    [
      [60, undefined],
      [undefined, 5],
    ],
  );
  const byLabel = await call('PATCH', '/api/desktops?label=class=7b', { restart: 'here' }, TEACHER);
  assert.deepEqual(namesIn(byLabel.body), ['lab-0', 'lab-1']);
  const without = await call('PATCH', '/api/desktops', [{ name: 'lab-0', ttl_s: null, labels: null }]);
  assert.deepEqual([without.body[0].ttl_s, without.body[0].labels], [undefined, undefined]);
  await call('PATCH', '/api/desktops/lab-0', { labels: ['class=7b'] });
  const { version } = store.state;
  const refusals: readonly (readonly [query: string, body: unknown, code: string])[] = [
    [
      '',
      [
        { name: 'lab-0', ttl_s: 1 },
        { name: 'x', ttl_s: 1 },
      ],
      'FLEET_NO_RIGHT',
    ],
    [
      '',
      [
        { name: 'lab-0', ttl_s: 1 },
        { name: 'none', ttl_s: 1 },
      ],
      'FLEET_NO_SUCH_DESKTOP',
    ],
    ['', [{ name: 'lab-0', labels: ['class=8a'] }], 'FLEET_NO_RIGHT'],
    ['', [{ name: 'lab-0' }, { name: 'lab-0' }], 'FLEET_NAME_REPEATED'],
    ['', { ttl_s: 1 }, 'FLEET_WHICH_DESKTOPS'],
    ['?label=class=7b', [{ name: 'lab-0', ttl_s: 1 }], 'FLEET_WHICH_DESKTOPS'],
    ['?label=', { ttl_s: 1 }, 'FLEET_LABEL_INVALID'],
    ['?label=class=8a', { ttl_s: 1 }, 'FLEET_NO_RIGHT'],
  ];
  for (const [query, body, code] of refusals)
    assert.equal((await call('PATCH', `/api/desktops${query}`, body, TEACHER)).body.code, code, query);
  assert.equal(store.state.version, version);
});

test('several desktops are removed by their names or by a label, and none by nothing', async (t) => {
  const { call, store } = await startServer(t, 9);
  await makeTeacher(call);
  await call('POST', '/api/desktops', [
    ...named(3, { labels: ['class=7b'] }),
    { name: 'x', labels: ['class=8a'] },
  ]);
  const leaving = (): string[] =>
    [...store.state.desktop.values()].filter(({ wanted }) => wanted === 'gone').map(({ name }) => name);
  const refusals: readonly (readonly [query: string, body: unknown, code: string])[] = [
    ['', undefined, 'FLEET_WHICH_DESKTOPS'],
    ['', [], 'API_LIST_LENGTH'],
    ['?label=', undefined, 'FLEET_LABEL_INVALID'],
    ['?label=class=7b', [{ name: 'lab-0' }], 'FLEET_WHICH_DESKTOPS'],
    ['?label=class=8a', undefined, 'FLEET_NO_RIGHT'],
    ['', [{ name: 'lab-0' }, { name: 'x' }], 'FLEET_NO_RIGHT'],
    ['', [{ name: 'lab-0' }, { name: 'none' }], 'FLEET_NO_SUCH_DESKTOP'],
  ];
  for (const [query, body, code] of refusals)
    assert.equal((await call('DELETE', `/api/desktops${query}`, body, TEACHER)).body.code, code, query);
  assert.deepEqual(leaving(), []);
  // An admin may repeat the call, whatever is left.
  for (let i = 0; i < 2; i++)
    assert.equal((await call('DELETE', '/api/desktops', [{ name: 'lab-0' }, { name: 'none' }])).status, 204);
  assert.deepEqual(leaving(), ['lab-0']);
  for (let i = 0; i < 2; i++)
    assert.equal((await call('DELETE', '/api/desktops?label=class=7b', undefined, TEACHER)).status, 204);
  assert.deepEqual(leaving(), ['lab-0', 'lab-1', 'lab-2']);
  assert.equal((await call('DELETE', '/api/desktops?label=class=none')).status, 204);
  assert.deepEqual(leaving(), ['lab-0', 'lab-1', 'lab-2']);
});

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, beforeEach, test } from 'node:test';
import type { HttpsClient } from '../support/https-client.ts';
import { withSlack } from '../support/limits.ts';
import type { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, BOB, ContractServer, EVE } from './contract-server.ts';

let server: ContractServer;
let ada: HttpsClient;
before(async () => {
  server = await ContractServer.start();
  ada = server.client(ADA);
});
after(() => server.close());
beforeEach(async () => {
  const extra = server.accounts.list().filter(({ name }) => !['ada', 'bob', 'eve'].includes(name));
  await server.accounts.apply(extra.map(({ name }) => ({ kind: 'remove', name }) as const));
});

const rightsOf = (name: string): string | undefined => {
  const user = server.accounts.get(name);
  return user && `${user.read ? 'r' : ''}${user.write ? 'w' : ''}${user.owner ? 'o' : ''}`;
};
const statusOf = async (path: string): Promise<number> => (await ada.get(`/api/${path}`)).status;
const codeOf = async (path: string): Promise<string> => {
  const answer = await ada.get(`/api/${path}`);
  assert.equal(answer.status, 400, path);
  return answer.json().code;
};

test('GET create_user gives no rights by default, and write implies read even with read=false', async () => {
  for (const [query, rights] of [
    ['', ''],
    ['&read=true', 'r'],
    ['&write=true', 'rw'],
    ['&write=TRUE&read=false', 'rw'],
    ['&owner=1', 'o'],
    ['&write=0&read=1&owner=False', 'r'],
  ]) {
    assert.equal(await statusOf(`create_user?name=fred&password=123${query}`), 200);
    assert.equal(rightsOf('fred'), rights, query);
    await ada.get('/api/remove_user?name=fred');
  }
});

test('GET create_user refuses an existing name and missing parameters', async () => {
  assert.equal(await codeOf('create_user?name=eve&password=1'), 'ACCOUNTS_USER_EXISTS');
  assert.ok(await server.accounts.verify(EVE.name, EVE.password));
  assert.equal(await codeOf('create_user?name=fred'), 'API_PARAMETER_MISSING');
  assert.equal(await codeOf('create_user?password=1'), 'API_PARAMETER_MISSING');
  for (const name of ['', 'a%3Ab', 'a%0Ab:pw:rwo', 'a%00', 'a%7F', 'n'.repeat(128)]) {
    assert.equal(await codeOf(`create_user?name=${name}&password=1`), 'ACCOUNTS_NAME_INVALID', name);
  }
  for (const password of ['', 'p'.repeat(1025), encodeURIComponent('é'.repeat(513))]) {
    assert.equal(await codeOf(`create_user?name=fred&password=${password}`), 'ACCOUNTS_PASSWORD_INVALID');
  }
  assert.equal(await statusOf(`create_user?name=${'n'.repeat(127)}&password=${'p'.repeat(1024)}`), 200);
});

test('a user from GET create_user can log in at once, with any characters', async () => {
  assert.equal(await statusOf('create_user?name=J%C3%BCr+gen&password=a%2Bb+c%26%C3%A9&owner=true'), 200);
  const login = { name: 'Jür gen', password: 'a+b c&é' };
  assert.equal((await server.client(login).get('/api/get_users')).status, 200);
});

test('POST create_user with overwrite=false adds all users or none, and names those that exist', async () => {
  const users = [
    { user: 'zoe', password: 'zoe-secret', read: true },
    { user: 'eve', password: 'other-secret', owner: true },
  ];
  const answer = await ada.post('/api/create_user?overwrite=false', users);
  assert.equal(answer.status, 400);
  const { errors } = answer.json();
  assert.deepEqual(
    errors.map(({ index, user, code }: Record<string, unknown>) => [index, user, code]),
    [[1, 'eve', 'ACCOUNTS_USER_EXISTS']],
  );
  assert.equal(server.accounts.get('zoe'), undefined);
  assert.equal(server.accounts.get('eve')?.owner, false);
  assert.equal((await ada.post('/api/create_user?overwrite=false', users.slice(0, 1))).status, 200);
  assert.equal(server.accounts.get('zoe')?.read, true);
  await ada.get('/api/remove_user?name=zoe');
});

test('POST create_user adds users and overwrites existing ones completely', async () => {
  const answer = await ada.post('/api/create_user', [
    { user: 'u1', password: 'p1', write: true, read: true, owner: false },
    { user: 'eve', password: 'new', read: true },
  ]);
  assert.equal(answer.status, 200);
  assert.equal(answer.text(), '200 OK');
  assert.equal(rightsOf('u1'), 'rw');
  assert.equal(rightsOf('eve'), 'r');
  assert.ok(await server.accounts.verify('eve', 'new'));
  await ada.post('/api/create_user', [{ user: 'eve', password: EVE.password, write: true }]);
});

test('GET update_user changes only the given fields, including the password', async () => {
  await ada.get('/api/create_user?name=fred&password=123&write=true');
  assert.equal(await statusOf('update_user?name=fred&write=false'), 200);
  assert.equal(rightsOf('fred'), 'r');
  assert.equal(await statusOf('update_user?name=fred&owner=1&write=1'), 200);
  assert.equal(rightsOf('fred'), 'rwo');
  assert.equal(await statusOf('update_user?name=fred&read=0'), 200);
  assert.equal(rightsOf('fred'), 'o', 'taking read takes write');
  assert.equal(await statusOf('update_user?name=fred&password=new'), 200);
  assert.ok(await server.accounts.verify('fred', 'new'));
  assert.equal(await server.accounts.verify('fred', '123'), undefined);
  assert.equal(await codeOf('update_user?name=fred'), 'API_NOTHING_TO_CHANGE');
  assert.equal(await codeOf('update_user?name=nobody&write=1'), 'ACCOUNTS_NO_SUCH_USER');
});

test('POST update_user keeps absent fields, and one unknown user refuses the whole call', async () => {
  await ada.post('/api/create_user', [{ user: 'u1', password: 'p', write: true, owner: true }]);
  assert.equal((await ada.post('/api/update_user', [{ user: 'u1', owner: false }])).status, 200);
  assert.equal(rightsOf('u1'), 'rw');
  const refused = await ada.post('/api/update_user', [
    { user: 'u1', write: false },
    { user: 'nobody', write: true },
  ]);
  assert.equal(refused.status, 400);
  const [error] = refused.json().errors;
  assert.deepEqual([error.index, error.user, error.code], [1, 'nobody', 'ACCOUNTS_NO_SUCH_USER']);
  assert.ok(error.detail.length > 0);
  assert.equal(rightsOf('u1'), 'rw');
});

test('remove_user with an unknown user is refused, and so is a whole list with one', async () => {
  await ada.post('/api/create_user', [
    { user: 'u1', password: 'p' },
    { user: 'u2', password: 'p' },
    { user: 'u3', password: 'p' },
  ]);
  assert.equal(await statusOf('remove_user?name=u1'), 200);
  assert.equal(await codeOf('remove_user?name=u1'), 'ACCOUNTS_NO_SUCH_USER');
  assert.equal((await ada.post('/api/remove_user', [{ user: 'u2' }, { user: 'u1' }])).status, 400);
  assert.equal(rightsOf('u2'), '');
  assert.equal((await ada.post('/api/remove_user', [{ user: 'u2' }, { user: 'u3' }])).status, 200);
  assert.equal(rightsOf('u2') ?? rightsOf('u3'), undefined);
});

test('a bulk call with invalid entries names each of them and changes nothing', async () => {
  const answer = await ada.post('/api/create_user', [
    { user: 'u1', password: 'p' },
    { user: 'u2', password: 'p', wirte: true },
    { user: 'u3' },
    { user: 'u4', password: 'p', read: 'yes' },
    { password: 'p' },
    'u6',
  ]);
  assert.equal(answer.status, 400);
  assert.equal(answer.json().code, 'API_ENTRIES_INVALID');
  assert.deepEqual(
    answer
      .json()
      .errors.map((error: { index: number; user?: string; code: string }) => [
        error.index,
        error.user,
        error.code,
      ]),
    [
      [1, 'u2', 'API_FIELD_UNKNOWN'],
      [2, 'u3', 'API_FIELD_MISSING'],
      [3, 'u4', 'API_FIELD_INVALID'],
      [4, undefined, 'API_FIELD_MISSING'],
      [5, undefined, 'API_FIELD_INVALID'],
    ],
  );
  assert.match(answer.json().errors[0].detail, /"wirte"/);
  const rules = await ada.post('/api/create_user', [
    { user: 'u1', password: 'p' },
    { user: 'a:b', password: 'p' },
  ]);
  assert.equal(rules.json().errors[0].code, 'ACCOUNTS_NAME_INVALID');
  assert.equal(rightsOf('u1'), undefined);
});

test('bulk bodies that are no JSON, no list or no UTF-8, or repeat a field, are refused', async () => {
  const codes = async (body: string | Buffer): Promise<string> => {
    const answer = await ada.post('/api/create_user', body);
    assert.equal(answer.status, 400);
    return answer.json().code;
  };
  const cut = await ada.post('/api/create_user', '[{"user":"u1",\n"password":');
  assert.match(cut.json().detail, /Line 2, column 12/);
  for (const body of [
    '',
    '[',
    '{"user":"u1","password":"p"',
    'users',
    '[{"user":"u1","user":"u2","password":"p"}]',
  ]) {
    assert.equal(await codes(body), 'API_BODY_NOT_JSON', body);
  }
  assert.equal(await codes(Buffer.from('5b7b22ff227d5d', 'hex')), 'API_BODY_NOT_JSON');
  for (const body of ['{}', 'null', '7', '"u1"', '{"user":"u1","password":"p"}'])
    assert.equal(await codes(body), 'API_BODY_NOT_LIST');
  const proto = await ada.post(
    '/api/create_user',
    '[{"user":"u1","password":"p","__proto__":{"owner":true}}]',
  );
  assert.equal(proto.json().code, 'API_FIELD_UNKNOWN');
});

test('a bulk call takes 1,000 users and 1 MiB, refuses more, and keeps the connection open', async () => {
  const users = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ user: `bulk${i}`, password: 'p' }));
  assert.equal((await ada.post('/api/create_user', users(1000))).status, 200);
  assert.equal(server.accounts.list().length, 1003);
  const many = await ada.post('/api/create_user', users(1001));
  assert.equal(many.json().code, 'API_TOO_MANY_USERS');
  const padded = (bytes: number): string => '[]'.padEnd(bytes, ' ');
  assert.equal((await ada.post('/api/create_user', padded(1024 * 1024))).status, 200);
  const big = await ada.post('/api/create_user', padded(1024 * 1024 + 1));
  assert.equal(big.status, 400);
  assert.equal(big.json().code, 'HTTP_BODY_TOO_LARGE');
  assert.equal((await ada.get('/api/get_users')).status, 200);
});

test('the last owner can be neither removed nor demoted', async () => {
  assert.equal(await statusOf('update_user?name=bob&owner=false'), 200);
  assert.equal(await codeOf('remove_user?name=ada'), 'ACCOUNTS_LAST_OWNER');
  assert.equal(await codeOf('update_user?name=ada&owner=false'), 'ACCOUNTS_LAST_OWNER');
  const both = await ada.post('/api/update_user', [
    { user: 'ada', owner: false },
    { user: 'bob', owner: true },
  ]);
  assert.equal(both.status, 200, 'one call may hand ownership over');
  await server.client(BOB).post('/api/update_user', [{ user: 'ada', owner: true }]);
});

/** The calls of `apply` on a server's accounts from now on. */
function applyCalls({ accounts }: ContractServer): Promise<void>[] {
  const calls: Promise<void>[] = [];
  const apply = accounts.apply.bind(accounts);
  accounts.apply = (changes, signal, caller) => {
    const call = apply(changes, signal, caller);
    calls.push(call);
    return call;
  };
  return calls;
}

test('a call that is broken off changes nothing', async () => {
  const slow = await ContractServer.start({
    cost: { algorithm: 'scrypt', logN: 14, blockSize: 8, lanes: 1 },
  });
  try {
    const body = JSON.stringify(Array.from({ length: 100 }, (_, i) => ({ user: `gone${i}`, password: 'p' })));
    const call = request(new URL('/api/create_user', slow.url), {
      method: 'POST',
      ca: slow.ca,
      auth: 'ada:ada-secret',
    });
    call.on('error', () => {});
    await slow.client(ADA).get('/api/get_users');
    const applied = applyCalls(slow);
    call.end(body);
    await waitFor('the call to reach the accounts', () => applied.length === 1);
    call.destroy();
    await assert.rejects(applied[0]!, { name: 'AbortError' });
    assert.equal((await slow.client(ADA).get('/api/create_user?name=later&password=p')).status, 200);
    assert.deepEqual(
      slow.accounts
        .list()
        .map(({ name }) => name)
        .sort(),
      ['ada', 'bob', 'eve', 'later'],
    );
  } finally {
    await slow.close();
  }
});

test('the bulk call of an owner who is removed, demoted or gets a new password meanwhile changes nothing', async () => {
  const slow = await ContractServer.start({
    cost: { algorithm: 'scrypt', logN: 14, blockSize: 8, lanes: 1 },
  });
  try {
    const bob = slow.client(BOB);
    const others = Array.from({ length: 500 }, (_, i) => ({ user: `late${i}`, password: 'p' }));
    const applied = applyCalls(slow);
    for (const change of [
      'update_user?name=ada&owner=false',
      'update_user?name=ada&password=new',
      'remove_user?name=ada',
    ]) {
      await slow.accounts.apply([
        { kind: 'create', ...ADA, rights: { read: true, write: true, owner: true }, overwrite: true },
      ]);
      assert.equal((await slow.client(ADA).get('/api/get_users')).status, 200);
      applied.length = 0;
      const call = slow
        .client(ADA)
        .post('/api/create_user', [{ user: 'ada', password: 'back', owner: true }, ...others]);
      await waitFor('the call to reach the accounts', () => applied.length === 1);
      assert.equal((await bob.get(`/api/${change}`)).status, 200, change);
      const answer = await call;
      assert.equal(answer.status, 403, change);
      assert.equal(answer.json().code, 'ACCOUNTS_CALLER_CHANGED', change);
      assert.equal(await slow.accounts.verify('ada', 'back'), undefined, change);
    }
    assert.deepEqual(
      slow.accounts.list().map(({ name }) => name),
      ['bob', 'eve'],
    );
  } finally {
    await slow.close();
  }
});

test('an owner may change or remove the own user, and that call is answered', async () => {
  await ada.get('/api/create_user?name=cleo&password=1&owner=true');
  assert.equal(
    (await server.client({ name: 'cleo', password: '1' }).get('/api/update_user?name=cleo&password=2'))
      .status,
    200,
  );
  const cleo = server.client({ name: 'cleo', password: '2' });
  assert.equal((await cleo.get('/api/update_user?name=cleo&read=true')).status, 200);
  assert.equal((await cleo.get('/api/remove_user?name=cleo')).status, 200);
  assert.equal((await cleo.get('/api/get_users')).status, 401);
});

test('get_users lists only names and rights', async () => {
  assert.deepEqual((await ada.get('/api/get_users')).json(), [
    { user: 'ada', read: true, write: true, owner: true },
    { user: 'bob', read: true, write: true, owner: true },
    { user: 'eve', read: true, write: true, owner: false },
  ]);
});

test('connections of a user who is removed or gets another password end within 100 ms with a reason', async () => {
  for (const path of ['remove_user?name=fred', 'update_user?name=fred&password=other']) {
    await ada.get('/api/create_user?name=fred&password=123&write=true');
    const viewer = await server.viewer({ name: 'fred', password: '123' });
    assert.equal(await statusOf(path), 200);
    const reason = await waitFor('the connection to end', () => viewer.closedReason, withSlack(100));
    assert.match(reason, /^1000 \S/, path);
    await ada.get('/api/remove_user?name=fred');
  }
});

test('a user who loses write has held keys released and input ignored within 100 ms of the answer', async () => {
  await ada.get('/api/create_user?name=fred&password=123&write=true');
  const viewer = await server.viewer({ name: 'fred', password: '123' });
  const { recorded } = server.desktop;
  viewer.sendKey(0x61, true);
  await waitFor('the key', () => recorded.some((input) => input.kind === 'key' && input.down));
  recorded.length = 0;
  assert.equal(await statusOf('update_user?name=fred&write=false'), 200);
  const isRelease = (input: (typeof recorded)[number]) =>
    input.kind === 'key' && input.keysym === 0x61 && !input.down;
  await waitFor('the key to be let go', () => recorded.some(isRelease), withSlack(100));
  recorded.length = 0;
  viewer.sendKey(0x62, true);
  await viewer.roundTrip();
  assert.deepEqual(recorded, []);
  await ada.get('/api/remove_user?name=fred');
  await waitFor('the end', () => viewer.closedReason);
});

test('a user who loses read has the picture blanked within 100 ms of the answer', async () => {
  await ada.get('/api/create_user?name=fred&password=123&read=true');
  const viewer = await server.viewer({ name: 'fred', password: '123' });
  await waitFor('the picture', () => isNear(cornerOf(viewer), 0x336699));
  assert.equal(await statusOf('update_user?name=fred&read=false'), 200);
  await waitFor('the blank', () => !isNear(cornerOf(viewer), 0x336699), withSlack(100));
  await ada.get('/api/remove_user?name=fred');
  await waitFor('the end', () => viewer.closedReason);
});

/** The colour of the first pixel, 0xrrggbb. */
function cornerOf({ framebuffer: { pixels } }: Viewer): number {
  return new DataView(pixels.buffer, pixels.byteOffset).getUint32(0, true) & 0xffffff;
}

/** Whether two colours differ by no more than JPEG's loss. */
function isNear(colour: number, wanted: number): boolean {
  return [0, 8, 16].every((shift) => Math.abs(((colour >> shift) & 255) - ((wanted >> shift) & 255)) < 8);
}

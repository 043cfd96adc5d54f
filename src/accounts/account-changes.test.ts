import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyChanges, changeRights, isValidName, isValidPassword } from './account-changes.ts';
import type { StoreState } from './store-state.ts';
import type { Rights, UserChange } from './user.ts';

const secret = { hash: 'new', passwordId: 'new' };
const rights = (letters: string): Rights => ({
  read: letters.includes('r'),
  write: letters.includes('w'),
  owner: letters.includes('o'),
});
const stateOf = (users: Record<string, string>): StoreState => ({
  users: new Map(
    Object.entries(users).map(([name, letters]) => [
      name,
      { name, hash: 'old', passwordId: 'old', ...rights(letters) },
    ]),
  ),
  removed: new Set(),
});
const create = (name: string, overwrite = false): UserChange => ({
  kind: 'create',
  name,
  password: 'p',
  rights: {},
  overwrite,
});
const update = (name: string, change: Partial<Rights>, password?: string): UserChange => ({
  kind: 'update',
  name,
  rights: change,
  password,
});
const remove = (name: string): UserChange => ({ kind: 'remove', name });
const codesOf = (state: StoreState, ...changes: UserChange[]) =>
  applyChanges(state, changes, () => secret).errors.map(({ index, code }) => `${index} ${code}`);

test('a user name has 1 to 127 characters, no colon and no control character', () => {
  for (const name of ['a', 'a'.repeat(127), '😀'.repeat(127), '__proto__', 'constructor', 'Ä ö', '\'"<>&/\\'])
    assert.equal(isValidName(name), true, name);
  for (const name of [
    '',
    'a'.repeat(128),
    '😀'.repeat(128),
    'a:b',
    'a\nb',
    'a\u0000',
    '\u007f',
    'a\u0085',
    '\ud800',
  ])
    assert.equal(isValidName(name), false, JSON.stringify(name));
});

test('a password has 1 to 1024 bytes', () => {
  for (const password of ['x', 'x'.repeat(1024), 'ü'.repeat(512), 'a:b\n'])
    assert.equal(isValidPassword(password), true);
  for (const password of ['', 'x'.repeat(1025), 'ü'.repeat(513), '\udc00'])
    assert.equal(isValidPassword(password), false);
});

test('the right to write implies read, and taking read from a writer takes write', () => {
  const cases: [string, Partial<Rights>, string][] = [
    ['', { write: true }, 'rw'],
    ['', { write: true, read: false }, 'rw'],
    ['', { read: true }, 'r'],
    ['rw', { read: false }, ''],
    ['rwo', { read: false }, 'o'],
    ['rw', { write: false }, 'r'],
    ['rw', { write: false, read: false }, ''],
    ['rw', {}, 'rw'],
    ['r', { owner: true }, 'ro'],
    ['ro', { owner: false }, 'r'],
  ];
  for (const [before, change, after] of cases)
    assert.deepEqual(
      changeRights(rights(before), change),
      rights(after),
      `${before} ${JSON.stringify(change)}`,
    );
});

test('no list of changes gives a user write without read', () => {
  const flag = fc.option(fc.boolean(), { nil: undefined });
  const change = fc.record({ read: flag, write: flag, owner: flag });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      let now = rights('');
      for (const one of changes) {
        now = changeRights(now, one);
        assert.ok(now.read || !now.write);
      }
    }),
  );
});

test('each refused change is reported with its index', () => {
  const state = stateOf({ boss: 'rwo', fred: 'r' });
  assert.deepEqual(codesOf(state, create('a'), create('fred')), ['1 ACCOUNTS_USER_EXISTS']);
  assert.deepEqual(codesOf(state, create('fred', true)), []);
  assert.deepEqual(codesOf(state, update('nobody', {}), remove('none')), [
    '0 ACCOUNTS_NO_SUCH_USER',
    '1 ACCOUNTS_NO_SUCH_USER',
  ]);
  assert.deepEqual(codesOf(state, create('a:b'), { ...create('b'), password: '' } as UserChange), [
    '0 ACCOUNTS_NAME_INVALID',
    '1 ACCOUNTS_PASSWORD_INVALID',
  ]);
  assert.deepEqual(codesOf(state, update('fred', {}, 'x'.repeat(1025))), ['0 ACCOUNTS_PASSWORD_INVALID']);
  assert.deepEqual(codesOf(state, create('a'), remove('a')), ['1 ACCOUNTS_USER_TWICE']);
});

test('the last owner can be neither removed, demoted nor replaced', () => {
  const state = stateOf({ boss: 'rwo', fred: 'r' });
  const last = ['0 ACCOUNTS_LAST_OWNER'];
  assert.deepEqual(codesOf(state, remove('boss')), last);
  assert.deepEqual(codesOf(state, update('boss', { owner: false })), last);
  assert.deepEqual(codesOf(state, create('boss', true)), last);
  assert.deepEqual(codesOf(stateOf({ a: 'o', b: 'o' }), remove('a'), remove('b')), ['1 ACCOUNTS_LAST_OWNER']);
  assert.deepEqual(codesOf(stateOf({ a: 'o', b: 'o' }), remove('a')), []);
});

test('one list may pass ownership to another user, and a store may have no owner', () => {
  assert.deepEqual(codesOf(stateOf({ a: 'o', b: '' }), remove('a'), update('b', { owner: true })), []);
  assert.deepEqual(codesOf(stateOf({ a: '' }), remove('a')), []);
});

test('changes create, update and remove users', () => {
  const { state } = applyChanges(
    stateOf({ boss: 'rwo', fred: 'rw', gone: 'r' }),
    [
      create('__proto__'),
      update('fred', { write: false }),
      update('boss', {}, 'p2'),
      remove('gone'),
      create('constructor'),
    ],
    () => secret,
  );
  assert.deepEqual(
    [...state.users.values()],
    [
      { name: 'boss', ...rights('rwo'), ...secret },
      { name: 'fred', ...rights('r'), hash: 'old', passwordId: 'old' },
      { name: '__proto__', ...rights(''), ...secret },
      { name: 'constructor', ...rights(''), ...secret },
    ],
  );
  assert.deepEqual([...state.removed], ['gone']);
  assert.deepEqual([...applyChanges(state, [create('gone')], () => secret).state.removed], []);
});

test('of the names of removed users the last 10,000 are kept', () => {
  const removed = new Set(Array.from({ length: 10_000 }, (_, i) => `gone${i}`));
  const users = new Map([
    ['ann', { ...secret, name: 'ann', read: true, write: true, owner: true }],
    ['bob', { ...secret, name: 'bob', read: true, write: false, owner: false }],
  ]);
  const { state } = applyChanges({ users, removed }, [{ kind: 'remove', name: 'bob' }], () => secret);
  assert.equal(state.removed.size, 10_000);
  assert.deepEqual([state.removed.has('gone0'), state.removed.has('gone1')], [false, true]);
  assert.equal(state.removed.has('bob'), true);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desktop } from '../../../test/support/fleet-store-contract.ts';
import type { StoredUser } from '../../accounts/store-state.ts';
import { changedState, EMPTY_FLEET, type FleetChange, type FleetState } from '../store/fleet-state.ts';
import { changedLogins, MOST_TOLD, merged, revocationFor } from './revocation-for.ts';

const NONE = { read: false, write: false, owner: false };
const READ = { ...NONE, read: true };

const user = (name: string, more: Partial<StoredUser> = {}): FleetChange => {
  const value = { name, ...READ, hash: '', passwordId: `of-${name}`, ...more };
  return { kind: 'user', name, value };
};
const lab = (name: string, labels: readonly string[]): FleetChange => ({
  ...{ kind: 'desktop', name, value: desktop(name, { labels }) },
});
const inClass = [{ right: 'read', labels: ['class=7b'] }] as const;

const start = changedState(
  EMPTY_FLEET,
  [
    lab('lab-1', ['class=7b']),
    lab('lab-2', []),
    user('fred', { grants: inClass }),
    user('eve'),
    { kind: 'group', name: 'class', value: { name: 'class', admin: false, grants: inClass } },
    user('bob', { groups: ['class'] }),
  ],
  1,
);

const told = (name: string, before: FleetState, after: FleetState) =>
  revocationFor({ name }, changedLogins(before, after), before, after);

test('a desktop is told of the users who could see it and have other rights now, and of nothing else', () => {
  const after = changedState(start, [user('fred'), user('eve', { grants: inClass })], 2);
  assert.deepEqual(told('lab-1', start, after), {
    version: 2,
    users: [{ name: 'fred', ...NONE }],
    logins: [],
  });
  assert.equal(told('lab-2', start, after), undefined);
  const sized = changedState(start, [lab('lab-2', ['x=y'])], 2);
  assert.equal(told('lab-1', start, sized), undefined);
});

test('the members of a group that loses a grant, and users when the labels change, lose the right, too', () => {
  const smaller = changedState(
    start,
    [{ kind: 'group', name: 'class', value: { name: 'class', admin: false, grants: [] } }],
    2,
  );
  assert.deepEqual(told('lab-1', start, smaller)?.users, [{ name: 'bob', ...NONE }]);
  const relabelled = changedState(start, [lab('lab-1', ['class=8a'])], 2);
  assert.deepEqual(
    told('lab-1', start, relabelled)?.users.map(({ name }) => name),
    ['fred', 'bob'],
  );
});

test('a new password, a removed user, a log-out and a revoked token end the logins that depend on them', () => {
  const before = changedState(
    start,
    [
      {
        ...{ kind: 'token', name: 't1' },
        value: {
          ...{ id: 't1', name: '', user: 'fred', scopes: ['view'], createdMs: 0 },
          ...{ expiresMs: 1, digest: '', passwordId: 'of-fred' },
        },
      },
    ],
    2,
  );
  const after = changedState(
    before,
    [
      user('fred', { grants: inClass, passwordId: 'new' }),
      { kind: 'user', name: 'eve', value: undefined },
      { kind: 'token', name: 't1', value: undefined },
      { kind: 'logout', name: 'bob', value: { upTo: -1, sessions: [['s1', 9]] } },
    ],
    3,
  );
  assert.deepEqual(told('lab-2', before, after), {
    ...{ version: 3, users: [] },
    logins: ['password of-fred', 'password of-eve', 'token t1', 'session s1'],
  });
  const all = changedState(after, [{ kind: 'logout', name: 'bob', value: { upTo: 3, sessions: [] } }], 4);
  assert.deepEqual(told('lab-1', after, all)?.users, [{ name: 'bob', ...NONE }]);
});

test('with more users than are named, the desktop refuses all that edges have found out before', () => {
  const names = Array.from({ length: MOST_TOLD + 1 }, (_, i) => `user-${i}`);
  const before = changedState(
    start,
    names.map((name) => user(name, { grants: inClass })),
    2,
  );
  const after = changedState(
    before,
    names.map((name) => user(name)),
    3,
  );
  assert.deepEqual(told('lab-1', before, after), { version: 3, users: [], logins: [], all: true });
  const two = merged(
    { version: 2, users: [{ name: 'fred', ...READ }], logins: ['a'] },
    { version: 3, users: [{ name: 'fred', ...NONE }], logins: ['b'], all: true },
  );
  assert.deepEqual(two, {
    ...{ version: 3, users: [{ name: 'fred', ...NONE }], logins: ['a', 'b'] },
    ...{ all: true, everyone: false },
  });
});

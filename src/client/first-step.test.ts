import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstStep, type KnownUser } from './first-step.ts';

const UNKNOWN: KnownUser = { isSignedOut: false, hasSession: false };
const step = (address: string, user: Partial<KnownUser> = {}) => firstStep(address, { ...UNKNOWN, ...user });

test('a page logs in with the ticket of a link, or with a name and a password, in its address', () => {
  assert.deepEqual(step('https://desk.example/login.html?autoconnect=0#ticket=dwk_1'), {
    kind: 'log in',
    credentials: { kind: 'ticket', ticket: 'dwk_1' },
  });
  assert.deepEqual(step('https://j%C3%BCrgen:p%40ss@desk.example/', { isSignedOut: true }), {
    kind: 'log in',
    credentials: { kind: 'password', name: 'jürgen', password: 'p@ss', stays: false },
  });
});

test('a page connects by itself, unless its address says otherwise or its user has logged out', () => {
  for (const [address, user, kind] of [
    ['https://desk.example/', {}, 'connect'],
    ['https://desk.example/?ticket=no', {}, 'connect'],
    ['https://desk.example/?view_only=true&autoconnect=1', { hasSession: true }, 'connect'],
    ['https://desk.example/?autoconnect=false', {}, 'wait'],
    ['https://desk.example/?autoconnect=0', { hasSession: true }, 'wait'],
    ['https://desk.example/', { isSignedOut: true }, 'ask'],
    ['https://desk.example/?autoconnect=0', { isSignedOut: true }, 'ask'],
    // Another tab has logged in meanwhile.
    ['https://desk.example/', { isSignedOut: true, hasSession: true }, 'connect'],
  ] as const) {
    assert.equal(step(address, user).kind, kind, `${address} ${JSON.stringify(user)}`);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyUserName } from './proxy-user.ts';

const nameIn = (...rawHeaders: string[]) => proxyUserName({ rawHeaders }, 'X-Remote-User');

test('the user whom a proxy names is read as UTF-8 or Latin-1, and an empty name is none', () => {
  assert.equal(nameIn('x-remote-user', 'ada'), 'ada');
  assert.equal(nameIn('X-Remote-User', Buffer.from('jürgen').toString('latin1')), 'jürgen');
  assert.equal(nameIn('X-Remote-User', 'j\xfcrgen'), 'jürgen');
  assert.equal(nameIn('X-Remote-User', ' '), undefined);
  assert.equal(nameIn('X-Remote-Users', 'ada'), undefined);
});

test('a request with two names of a user is refused, because one of them is the caller’s choice', () => {
  assert.throws(() => nameIn('x-remote-user', 'ada', 'X-Remote-User', 'eve'), { code: 'HTTP_BAD_REQUEST' });
});

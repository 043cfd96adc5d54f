import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginCookies } from './login-cookies.ts';

const PORT = 8443;
const sent = (setCookie: string): string => setCookie.split(';')[0] ?? '';

test('a login cookie logs its user in, at its port only, among other cookies', () => {
  const cookies = new LoginCookies();
  const cookie = cookies.issue('fred', PORT);
  assert.match(cookie, /^__Host-deskwire-8443=[\w-]{32}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  assert.equal(cookies.userOf(`a=b; ${sent(cookie)}; c=d`, PORT), 'fred');
  assert.equal(cookies.userOf(sent(cookie), PORT + 1), undefined);
  assert.equal(cookies.userOf(`${sent(cookie)}x`, PORT), undefined);
  assert.equal(cookies.userOf(undefined, PORT), undefined);
});

test('a forgotten user loses all login cookies, and other users keep theirs', () => {
  const cookies = new LoginCookies();
  const fred = sent(cookies.issue('fred', PORT));
  const anna = sent(cookies.issue('anna', PORT));
  cookies.forget('fred');
  assert.equal(cookies.userOf(fred, PORT), undefined);
  assert.equal(cookies.userOf(anna, PORT), 'anna');
});

test('a login cookie expires after a day', () => {
  let nowMs = 0;
  const cookies = new LoginCookies(() => nowMs);
  const cookie = sent(cookies.issue('fred', PORT));
  nowMs = 24 * 60 * 60 * 1000 - 1;
  assert.equal(cookies.userOf(cookie, PORT), 'fred');
  nowMs += 1;
  assert.equal(cookies.userOf(cookie, PORT), undefined);
});

test('one user has at most 100 login cookies, and more do not push out those of others', () => {
  const cookies = new LoginCookies();
  const anna = sent(cookies.issue('anna', PORT));
  const fred = Array.from({ length: 101 }, () => sent(cookies.issue('fred', PORT)));
  assert.equal(cookies.userOf(fred[0], PORT), undefined);
  assert.equal(cookies.userOf(fred[1], PORT), 'fred');
  assert.equal(cookies.userOf(anna, PORT), 'anna');
});

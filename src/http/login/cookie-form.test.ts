import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clearCookies, cookieNames, cookieValues, setCookie } from './cookie-form.ts';

const TLS = { name: 'deskwire-1', isSecure: true, mayBeOpen: false };
const PLAIN = { name: 'deskwire-1', isSecure: false, mayBeOpen: true };

test('a cookie is secure and of this site alone, or partitioned in a frame of another site', () => {
  assert.equal(setCookie(TLS, 'x', false), '__Host-deskwire-1=x; Path=/; HttpOnly; Secure; SameSite=Strict');
  const framed = '__Host-deskwire-1=x; Path=/; HttpOnly; Secure; SameSite=None; Partitioned';
  assert.equal(setCookie(TLS, 'x', true), framed);
  assert.equal(setCookie({ ...PLAIN, isSecure: true }, 'x', true), framed);
});

test('a browser without TLS gets a cookie that it keeps', () => {
  for (const isFramed of [false, true])
    assert.equal(setCookie(PLAIN, 'x', isFramed), 'deskwire-1=x; Path=/; HttpOnly; SameSite=Strict');
});

test('over TLS only a cookie with the guarded name is read, and over plain HTTP both', () => {
  assert.deepEqual(cookieNames(TLS), ['__Host-deskwire-1']);
  assert.deepEqual(cookieNames(PLAIN), ['__Host-deskwire-1', 'deskwire-1']);
});

test('a cookie that outlives the browser has an age, and one that is cleared has none left', () => {
  const kept = '__Host-deskwire-1=x; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=60';
  assert.equal(setCookie(TLS, 'x', false, 60), kept);
  assert.deepEqual(clearCookies(TLS), [
    '__Host-deskwire-1=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0',
    '__Host-deskwire-1=; Path=/; HttpOnly; Secure; SameSite=None; Partitioned; Max-Age=0',
  ]);
  assert.deepEqual(clearCookies(PLAIN), ['deskwire-1=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0']);
});

test('the values of a cookie are found among other cookies, also if it is there twice', () => {
  const header = 'a=1; __Host-deskwire-1=x=y ;deskwire-1=z; broken; __Host-deskwire-12=w';
  assert.deepEqual(cookieValues(header, TLS), ['x=y']);
  assert.deepEqual(cookieValues(header, PLAIN), ['x=y', 'z']);
  assert.deepEqual(cookieValues(undefined, TLS), []);
});

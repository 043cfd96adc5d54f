import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieNames, setCookie } from './cookie-form.ts';

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

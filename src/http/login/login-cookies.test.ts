import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrowserIdentity } from './browser-identity.ts';
import { type CookieToken, type CookieVerdict, judgeCookie, LoginCookies } from './login-cookies.ts';

const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const LIFETIME_MS = 30 * MINUTE_MS;
const BROWSER: BrowserIdentity = {
  address: '10.0.0.1',
  agent: 'Firefox',
  origin: undefined,
  cookie: { name: 'deskwire-8443', isSecure: true, mayBeOpen: false },
};

const FRED = { name: 'fred' };

function setUp() {
  const clock = { nowMs: 0 };
  const cookies = new LoginCookies(() => clock.nowMs);
  /** A cookie of a browser that had none. */
  const fresh = (user: string): string => sent(cookies.issue({ name: user }, undefined, BROWSER));
  return { clock, cookies, fresh };
}

function sent(setCookie: string | undefined): string {
  assert.ok(setCookie !== undefined);
  return setCookie.split(';')[0]!;
}

test('a cookie logs in only while it is valid, from the address and with the browser that it was given to', () => {
  const token: CookieToken = {
    user: 'fred',
    address: '10.0.0.1',
    agent: 'Firefox',
    browser: '1',
    loggedInMs: 0,
    issuedMs: 0,
    expiresMs: LIFETIME_MS,
    isFramed: false,
  };
  for (const [nowMs, address, agent, verdict] of [
    [0, '10.0.0.1', 'Firefox', 'valid'],
    [LIFETIME_MS / 2 - 1, '10.0.0.1', 'Firefox', 'valid'],
    [LIFETIME_MS / 2, '10.0.0.1', 'Firefox', 'due'],
    [LIFETIME_MS - 1, '10.0.0.1', 'Firefox', 'due'],
    [LIFETIME_MS, '10.0.0.1', 'Firefox', 'known'],
    [0, '10.0.0.2', 'Firefox', 'known'],
    [0, '10.0.0.1', 'curl', 'known'],
    [30 * DAY_MS, '10.0.0.1', 'Firefox', 'forgotten'],
  ] as const satisfies readonly (readonly [number, string, string, CookieVerdict])[]) {
    assert.equal(judgeCookie(token, { address, agent }, nowMs), verdict, `${nowMs} ${address} ${agent}`);
  }
});

test('a login cookie logs its user in, at its server only, among other cookies', () => {
  const { cookies } = setUp();
  const cookie = cookies.issue(FRED, undefined, BROWSER) ?? '';
  assert.match(cookie, /^__Host-deskwire-8443=[\w-]{32}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  const value = sent(cookie);
  assert.equal(cookies.holderOf(`a=b; ${value}; c=d`, BROWSER)?.name, 'fred');
  assert.equal(
    cookies.holderOf(value, { ...BROWSER, cookie: { ...BROWSER.cookie, name: 'deskwire-8444' } })?.name,
    undefined,
  );
  assert.equal(cookies.holderOf(`${value}x`, BROWSER)?.name, undefined);
  assert.equal(cookies.holderOf(undefined, BROWSER)?.name, undefined);
});

test('a forgotten user loses all login cookies, and other users keep theirs', () => {
  const { cookies, fresh } = setUp();
  const [fred, anna] = [fresh('fred'), fresh('anna')];
  cookies.forget(new Set(['fred']));
  assert.equal(cookies.holderOf(fred, BROWSER)?.name, undefined);
  assert.equal(cookies.browserOf(fred, BROWSER, 'fred'), undefined);
  assert.equal(cookies.holderOf(anna, BROWSER)?.name, 'anna');
});

test('a cookie is renewed in the second half of its life, and the old one is valid for a minute more', () => {
  const { clock, cookies, fresh } = setUp();
  const old = fresh('fred');
  clock.nowMs = LIFETIME_MS / 2 - 1;
  assert.equal(cookies.issue(FRED, old, BROWSER), undefined);
  clock.nowMs += 1;
  const renewed = sent(cookies.issue(FRED, old, BROWSER));
  assert.notEqual(renewed, old);
  assert.equal(cookies.browserOf(renewed, BROWSER, 'fred'), cookies.browserOf(old, BROWSER, 'fred'));
  clock.nowMs += MINUTE_MS - 1;
  assert.equal(cookies.holderOf(old, BROWSER)?.name, 'fred');
  clock.nowMs += 1;
  assert.equal(cookies.holderOf(old, BROWSER)?.name, undefined);
  assert.equal(cookies.holderOf(renewed, BROWSER)?.name, 'fred');
});

test('a cookie that is renewed again and again needs the password after a day', () => {
  const { clock, cookies, fresh } = setUp();
  let cookie = fresh('fred');
  while (clock.nowMs < DAY_MS - LIFETIME_MS / 2) {
    clock.nowMs += LIFETIME_MS / 2;
    cookie = sent(cookies.issue(FRED, cookie, BROWSER));
  }
  clock.nowMs = DAY_MS - 1;
  assert.equal(cookies.holderOf(cookie, BROWSER)?.name, 'fred');
  clock.nowMs = DAY_MS;
  assert.equal(cookies.holderOf(cookie, BROWSER)?.name, undefined);
});

test('an expired cookie still tells which browser it is, wherever that is, for its user only', () => {
  const { clock, cookies, fresh } = setUp();
  const cookie = fresh('fred');
  const number = cookies.browserOf(cookie, BROWSER, 'fred');
  assert.notEqual(number, undefined);
  clock.nowMs = DAY_MS;
  const elsewhere = { ...BROWSER, address: '10.9.9.9' };
  assert.equal(cookies.browserOf(cookie, elsewhere, 'fred'), number);
  assert.equal(cookies.browserOf(cookie, elsewhere, 'anna'), undefined);
  assert.equal(cookies.browserOf(undefined, elsewhere, 'fred'), undefined);
});

test('one user has at most 100 login cookies, and more do not push out those of others', () => {
  const { cookies, fresh } = setUp();
  const anna = fresh('anna');
  const fred = Array.from({ length: 101 }, () => fresh('fred'));
  assert.equal(cookies.holderOf(fred[0], BROWSER)?.name, undefined);
  assert.equal(cookies.holderOf(fred[1], BROWSER)?.name, 'fred');
  assert.equal(cookies.holderOf(anna, BROWSER)?.name, 'anna');
});

test('a renewed cookie stays one for a frame of another site', () => {
  const { clock, cookies } = setUp();
  const first = cookies.issue(FRED, undefined, BROWSER, true)!;
  assert.match(first, /SameSite=None; Partitioned$/);
  clock.nowMs = LIFETIME_MS / 2;
  assert.match(cookies.issue(FRED, sent(first), BROWSER)!, /SameSite=None; Partitioned$/);
});

test('a browser that logs out has no cookie that is worth anything', () => {
  const { cookies, fresh } = setUp();
  const [cookie, other] = [fresh('fred'), fresh('fred')];
  cookies.end(`a=b; ${cookie}`, BROWSER);
  assert.equal(cookies.holderOf(cookie, BROWSER), undefined);
  assert.equal(cookies.browserOf(cookie, BROWSER, 'fred'), undefined);
  assert.equal(cookies.holderOf(other, BROWSER)?.name, 'fred');
});

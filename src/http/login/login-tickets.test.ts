import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrowserIdentity } from './browser-identity.ts';
import { LoginTickets, TICKET_LIFETIME_S } from './login-tickets.ts';

const BROWSER: BrowserIdentity = {
  address: '10.0.0.1',
  agent: 'Firefox',
  origin: 'https://desk.example',
  cookie: { name: '', isSecure: true, mayBeOpen: false },
};

function setUp() {
  const clock = { nowMs: 0 };
  return { clock, tickets: new LoginTickets(() => clock.nowMs) };
}

test('a ticket logs its user in once', () => {
  const { tickets } = setUp();
  const ticket = tickets.issue({ name: 'fred' }, BROWSER);
  assert.match(ticket, /^[\w-]{32}$/);
  assert.equal(tickets.take(ticket, BROWSER)?.name, 'fred');
  assert.equal(tickets.take(ticket, BROWSER), undefined);
  assert.equal(tickets.take('', BROWSER), undefined);
});

test('a ticket expires after half a minute', () => {
  const { clock, tickets } = setUp();
  const [early, late] = [tickets.issue({ name: 'fred' }, BROWSER), tickets.issue({ name: 'fred' }, BROWSER)];
  clock.nowMs = TICKET_LIFETIME_S * 1000 - 1;
  assert.equal(tickets.take(early, BROWSER)?.name, 'fred');
  clock.nowMs += 1;
  assert.equal(tickets.take(late, BROWSER), undefined);
});

test('a ticket is void for another browser, page or address, but not for the other version of IP', () => {
  const { tickets } = setUp();
  for (const [other, user] of [
    [{}, 'fred'],
    [{ address: '2001:db8:0:0::/64' }, 'fred'],
    [{ address: '10.0.0.2' }, undefined],
    [{ agent: 'curl' }, undefined],
    [{ origin: undefined }, undefined],
    [{ origin: 'https://evil.example' }, undefined],
  ] as const) {
    const ticket = tickets.issue({ name: 'fred' }, BROWSER);
    assert.equal(tickets.take(ticket, { ...BROWSER, ...other })?.name, user, JSON.stringify(other));
    assert.equal(tickets.take(ticket, BROWSER), undefined, 'an attempt uses it up');
  }
});

test('a user has at most 50 tickets and loses them with the password, and other users keep theirs', () => {
  const { tickets } = setUp();
  const anna = tickets.issue({ name: 'anna' }, BROWSER);
  const fred = Array.from({ length: 52 }, () => tickets.issue({ name: 'fred' }, BROWSER));
  assert.equal(tickets.take(fred[1]!, BROWSER), undefined);
  assert.equal(tickets.take(fred[2]!, BROWSER)?.name, 'fred');
  tickets.forget(new Set(['fred']));
  assert.equal(tickets.take(fred[51]!, BROWSER), undefined);
  assert.equal(tickets.take(anna, BROWSER)?.name, 'anna');
});

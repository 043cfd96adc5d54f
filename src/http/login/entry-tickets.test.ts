import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openAccounts } from '../../accounts/file-accounts.ts';
import type { HashCost } from '../../accounts/password-hash.ts';
import { EntryTickets, MAX_KEPT_TICKETS, MAX_OPEN_TICKETS, type TicketHolder } from './entry-tickets.ts';

const CHEAP: HashCost = { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 };
const GUEST: TicketHolder = { kind: 'guest', name: 'Anna', rights: { read: true, write: false } };

async function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-tickets-'));
  const accounts = await openAccounts({ folder, cost: CHEAP });
  t.after(async () => {
    await accounts.close();
    rmSync(folder, { recursive: true });
  });
  const rights = { read: true, write: true, owner: true };
  await accounts.apply([
    { kind: 'create', name: 'ada', password: 'x', rights, overwrite: true },
    { kind: 'create', name: 'bob', password: 'x', rights, overwrite: true },
    { kind: 'create', name: 'fred', password: 'x', rights: { write: true }, overwrite: true },
  ]);
  const clock = { ms: 0 };
  const events: string[] = [];
  const tickets = new EntryTickets(
    accounts,
    () => clock.ms,
    (what, { user }) => events.push(`${what}: ${user}`),
  );
  const issue = (holder = GUEST, { expiresS = 60, uses = 1 } = {}) =>
    tickets.issue({ holder, issuer: accounts.get('ada')!, issuerPass: undefined, expiresS, uses });
  return { accounts, clock, events, tickets, issue };
}

test('a ticket logs a guest in as often as it says, with its name and rights', async (t) => {
  const { tickets, issue, events } = await setUp(t);
  const { text, ticket } = issue(GUEST, { uses: 2 })!;
  for (const usesLeft of [1, 0]) {
    const { pass, ...user } = tickets.take(text)!;
    assert.deepEqual(user, { name: 'guest:Anna', read: true, write: false, owner: false });
    assert.ok(pass?.allows('view') && !pass.allows('stats') && !pass.allows('any'));
    assert.equal(tickets.list()[0]?.usesLeft, usesLeft);
  }
  assert.equal(tickets.take(text), undefined);
  assert.equal(tickets.list()[0]?.id, ticket.id, 'it can still be revoked');
  assert.deepEqual(events, ['ticket made: guest:Anna']);
});

test('a ticket with another secret is not valid, and does not use the right one up', async (t) => {
  const { tickets, issue } = await setUp(t);
  const { text } = issue()!;
  const wrong = `${text.slice(0, -2)}${text.endsWith('AA') ? 'BB' : 'AA'}`;
  assert.equal(tickets.take(wrong), undefined);
  assert.equal(tickets.take('dwk_0123456789abcdef_'.padEnd(text.length, 'A')), undefined);
  assert.equal(tickets.take(''), undefined);
  assert.ok(tickets.take(text));
});

test('a ticket cannot be used after its time, but a login with it lasts', async (t) => {
  const { clock, tickets, issue } = await setUp(t);
  const { text } = issue(GUEST, { uses: 2, expiresS: 60 })!;
  clock.ms = 59_999;
  const caller = tickets.take(text);
  clock.ms += 1;
  assert.equal(tickets.take(text), undefined);
  assert.ok(caller?.pass?.user());
});

test('a ticket for a user has the rights of that user now, and ends with the user’s password', async (t) => {
  const { accounts, tickets, issue } = await setUp(t);
  const { text } = issue({ kind: 'user', user: accounts.get('fred')! }, { uses: 9 })!;
  const { pass } = tickets.take(text)!;
  assert.equal(pass?.user()?.write, true);
  await accounts.apply([{ kind: 'update', name: 'fred', rights: { write: false } }]);
  assert.equal(pass?.user()?.write, false);
  await accounts.apply([{ kind: 'update', name: 'fred', password: 'y', rights: {} }]);
  assert.equal(pass?.user(), undefined);
  assert.equal(tickets.take(text), undefined);
});

for (const [what, change] of [
  ['is no longer an owner', { kind: 'update', name: 'ada', rights: { owner: false } }],
  ['is removed', { kind: 'remove', name: 'ada' }],
  ['gets another password', { kind: 'update', name: 'ada', password: 'y', rights: {} }],
] as const) {
  test(`a ticket and its logins end when the owner who made it ${what}`, async (t) => {
    const { accounts, tickets, issue } = await setUp(t);
    const { text } = issue(GUEST, { uses: 9 })!;
    const { pass } = tickets.take(text)!;
    await accounts.apply([change]);
    assert.equal(pass?.user(), undefined);
    assert.equal(tickets.take(text), undefined);
    assert.deepEqual(tickets.list(), []);
  });
}

test('a ticket and its logins end when the token ends with which it was made', async (t) => {
  const { accounts, tickets } = await setUp(t);
  let isValid = true;
  const issuer = accounts.get('ada')!;
  const issuerPass = {
    kind: 'token',
    id: '0',
    allows: () => true,
    user: () => (isValid ? issuer : undefined),
  } as const;
  const { text } = tickets.issue({ holder: GUEST, issuer, issuerPass, expiresS: 60, uses: 2 })!;
  const { pass } = tickets.take(text)!;
  isValid = false;
  assert.equal(pass?.user(), undefined);
  assert.equal(tickets.take(text), undefined);
});

test('a revoked ticket ends with its logins, once', async (t) => {
  const { tickets, issue, events } = await setUp(t);
  const { text, ticket } = issue(GUEST, { uses: 2 })!;
  const { pass } = tickets.take(text)!;
  assert.ok(tickets.revoke(ticket.id));
  assert.equal(pass?.user(), undefined);
  assert.equal(tickets.take(text), undefined);
  assert.ok(!tickets.revoke(ticket.id));
  assert.deepEqual(events, ['ticket made: guest:Anna', 'ticket revoked: guest:Anna']);
});

test('at most 1,000 tickets can be used; used ones make room, and the last 2,000 are kept', async (t) => {
  const { clock, tickets, issue } = await setUp(t);
  const first = issue()!;
  const { pass } = tickets.take(first.text)!;
  for (let i = 0; i < MAX_OPEN_TICKETS; i++) assert.ok(issue());
  assert.equal(issue(), undefined);
  clock.ms += 60_000;
  for (let i = 0; i < MAX_OPEN_TICKETS; i++) assert.ok(issue());
  assert.equal(tickets.list().length, MAX_KEPT_TICKETS);
  assert.ok(!tickets.revoke(first.ticket.id), 'the oldest is no longer listed');
  assert.ok(pass?.user(), 'but its login lasts');
});

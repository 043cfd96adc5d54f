import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { desktop } from '../../../test/support/fleet-store-contract.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import type { Caller } from '../../accounts/pass.ts';
import type { StoredUser } from '../../accounts/store-state.ts';
import type { BrowserIdentity } from '../../http/login/browser-identity.ts';
import type { FleetChange } from '../store/fleet-state.ts';
import { rightsOn } from '../store/rights.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { type FleetLogins, openFleetLogins } from './fleet-logins.ts';
import { desktopRights, grantedOf } from './fleet-pass.ts';
import { KEY_LIFE_MS } from './login-keys.ts';
import { MOST_LOGOUTS } from './logouts.ts';

const BROWSER: BrowserIdentity = {
  ...{ address: '10.0.0.1', agent: 'Firefox', origin: 'https://desk.example' },
  cookie: { name: 'deskwire-8443', isSecure: true, mayBeOpen: false },
};
const NEW = { stays: false, isFramed: false };
const SEEN = { read: true, write: false, owner: false };

interface TestEdge {
  readonly store: SqliteStore;
  readonly logins: FleetLogins;
}

const user = (name: string, more: Partial<StoredUser> = {}): FleetChange => {
  const value = { name, read: true, write: false, owner: false, hash: '', passwordId: `of-${name}`, ...more };
  return { kind: 'user', name, value };
};

/** Edges of one fleet, in processes of their own as far as they know. */
async function edges(t: TestContext, count: number): Promise<TestEdge[]> {
  const folder = temporaryFolder('deskwire-fleet-logins-');
  const made: TestEdge[] = [];
  for (let i = 0; i < count; i++) {
    const store = new SqliteStore(folder);
    if (i === 0)
      await store.transact(() => [
        user('ada', { owner: true }),
        user('fred', { grants: [{ right: 'write', labels: ['class=7b'] }] }),
        { kind: 'desktop', name: 'lab-1', value: desktop('lab-1', { labels: ['class=7b'] }) },
        { kind: 'desktop', name: 'lab-2', value: desktop('lab-2') },
      ]);
    await store.refresh();
    const accounts = { passwordIdOf: (name: string) => store.state.user.get(name)?.passwordId };
    const logins = await openFleetLogins({ store, accounts, onProblem: assert.ifError });
    t.after(async () => {
      logins.close();
      await logins.kept.sessions.close();
      await store.close();
    });
    made.push({ store, logins });
  }
  for (const { store } of made) await store.refresh();
  return made;
}

const caller = (name: string): Caller => ({ name, ...SEEN });
const sent = (setCookie: string): string => setCookie.split(';')[0]!;

test('a session that began at one edge is good at every other, and ends everywhere when it is logged out', async (t) => {
  const [one, other] = (await edges(t, 2)) as [TestEdge, TestEdge];
  const { cookie, key } = one.logins.kept.sessions.begin(caller('fred'), BROWSER, NEW);
  const header = sent(cookie);
  const holder = other.logins.kept.sessions.holderOf(header, key, BROWSER);
  assert.deepEqual([holder?.caller.name, holder?.isProven], ['fred', true]);
  assert.equal(other.logins.kept.sessions.holderOf(header, undefined, BROWSER)?.isProven, false);
  const elsewhere = { ...BROWSER, address: '10.0.0.2' };
  assert.equal(other.logins.kept.sessions.holderOf(header, undefined, elsewhere), undefined);
  assert.equal(other.logins.kept.sessions.holderOf(header, key, elsewhere)?.isProven, true);
  const [name, value] = header.split('=') as [string, string];
  const forged = `${name}=${value.slice(0, -2)}${value.endsWith('A') ? 'B' : 'A'}x`;
  assert.equal(other.logins.kept.sessions.holderOf(forged, key, BROWSER), undefined);

  let ends = 0;
  one.logins.kept.sessions.on('ended', () => ends++);
  await other.logins.kept.sessions.end(header, BROWSER);
  assert.equal(other.logins.kept.sessions.holderOf(header, key, BROWSER), undefined);
  await one.store.refresh();
  assert.equal(ends, 1);
  assert.equal(one.logins.kept.sessions.holderOf(header, key, BROWSER), undefined);
  assert.equal(holder?.caller.pass?.user(), undefined);
});

test('another password ends the sessions, cookies, viewer tickets and tokens of its user at every edge', async (t) => {
  const [one, other] = (await edges(t, 2)) as [TestEdge, TestEdge];
  const { kept, tokens } = one.logins;
  const session = kept.sessions.begin(caller('fred'), BROWSER, NEW);
  const cookie = sent(kept.cookies.issue(caller('fred'), undefined, BROWSER)!);
  const ticket = kept.tickets.issue(caller('fred'), BROWSER);
  const request = { name: 'x', user: undefined, scopes: ['view'], limit: undefined, expiresS: 60 } as const;
  const { text } = await tokens.create(request, caller('fred'));
  await other.store.refresh();
  assert.equal(other.logins.kept.cookies.holderOf(cookie, BROWSER)?.name, 'fred');
  assert.equal(other.logins.tokens.passOf(text)?.user()?.name, 'fred');
  await one.store.transact(({ user: users }) => [user('fred', { ...users.get('fred'), passwordId: 'new' })]);
  await other.store.refresh();
  const { kept: there } = other.logins;
  assert.equal(there.sessions.holderOf(sent(session.cookie), session.key, BROWSER), undefined);
  assert.equal(there.cookies.holderOf(cookie, BROWSER), undefined);
  assert.equal(there.tickets.take(ticket, BROWSER), undefined);
  assert.equal(other.logins.tokens.passOf(text), undefined);
});

test('a viewer ticket opens a viewer at another edge, once, for the same browser, and ends with its session', async (t) => {
  const [one, other] = (await edges(t, 2)) as [TestEdge, TestEdge];
  const { sessions, tickets } = one.logins.kept;
  const { cookie, key } = sessions.begin(caller('fred'), BROWSER, NEW);
  const { caller: inSession } = sessions.holderOf(sent(cookie), key, BROWSER)!;
  const [used, stolen, late] = [0, 1, 2].map(() => tickets.issue(inSession, BROWSER)) as [
    string,
    string,
    string,
  ];
  const holder = other.logins.kept.tickets.take(used, BROWSER);
  assert.deepEqual([holder?.name, holder?.pass?.kind], ['fred', 'session']);
  assert.equal(other.logins.kept.tickets.take(used, BROWSER), undefined);
  assert.equal(other.logins.kept.tickets.take(stolen, { ...BROWSER, agent: 'curl' }), undefined);
  await sessions.end(sent(cookie), BROWSER);
  await other.store.refresh();
  assert.equal(other.logins.kept.tickets.take(late, BROWSER)?.pass?.user(), undefined);
});

test('with more log-outs than are kept of a user, all sessions of that user end, and no others', async (t) => {
  const [one] = (await edges(t, 1)) as [TestEdge];
  const { sessions } = one.logins.kept;
  const own = sessions.begin(caller('fred'), BROWSER, NEW);
  const others = sessions.begin(caller('ada'), BROWSER, NEW);
  const logOut = () => sessions.end(sent(sessions.begin(caller('fred'), BROWSER, NEW).cookie), BROWSER);
  const untilMs = Date.now() + 60_000;
  const known = Array.from({ length: MOST_LOGOUTS - 1 }, (_, i) => [`session-${i}`, untilMs] as const);
  const value = { upTo: -1, sessions: known };
  await one.store.transact(() => [{ kind: 'logout', name: 'fred', value }]);
  await logOut();
  assert.equal(one.store.state.logout.get('fred')?.sessions.length, MOST_LOGOUTS);
  assert.ok(sessions.holderOf(sent(own.cookie), own.key, BROWSER));
  await logOut();
  assert.equal(sessions.holderOf(sent(own.cookie), own.key, BROWSER), undefined);
  assert.ok(sessions.holderOf(sent(others.cookie), others.key, BROWSER));
  assert.deepEqual(one.store.state.logout.get('fred')?.sessions, []);
  await one.store.transact(() => [user('eve')]);
  const later = sessions.begin(caller('fred'), BROWSER, NEW);
  assert.ok(sessions.holderOf(sent(later.cookie), later.key, BROWSER));
  // Entries of users who are gone do not stay.
  await one.store.transact(() => ['fred', 'eve'].map((name) => ({ kind: 'user', name, value: undefined })));
  await sessions.end(sent(sessions.begin(caller('ada'), BROWSER, NEW).cookie), BROWSER);
  await sessions.end(sent(sessions.begin(caller('ada'), BROWSER, NEW).cookie), BROWSER);
  assert.deepEqual([...one.store.state.logout.keys()], ['ada']);
});

test('a new key signs after a month, and the last one is good for another', async (t) => {
  const [one, other] = (await edges(t, 2)) as [TestEdge, TestEdge];
  const { cookie, key } = one.logins.kept.sessions.begin(caller('fred'), BROWSER, NEW);
  const age = () =>
    one.store.transact(({ keys }) => {
      const aged = keys.get('login')!.keys.map((one) => ({ ...one, madeMs: one.madeMs - KEY_LIFE_MS }));
      return [{ kind: 'keys', name: 'login', value: { fleet: 'a', keys: aged } }];
    });
  const reopened = async (): Promise<FleetLogins> => {
    await other.store.refresh();
    const accounts = { passwordIdOf: (name: string) => other.store.state.user.get(name)?.passwordId };
    const logins = await openFleetLogins({ store: other.store, accounts, onProblem: assert.ifError });
    t.after(() => logins.close());
    return logins;
  };
  await age();
  const second = await reopened();
  assert.equal(other.store.state.keys.get('login')?.keys.length, 2);
  assert.ok(second.kept.sessions.holderOf(sent(cookie), key, BROWSER));
  await one.store.refresh();
  await age();
  const third = await reopened();
  assert.equal(other.store.state.keys.get('login')?.keys.length, 2);
  assert.equal(third.kept.sessions.holderOf(sent(cookie), key, BROWSER), undefined);
});

test('a token has no more than its scopes, its limit and the grants of its user at each moment', async (t) => {
  const [{ store, logins }] = (await edges(t, 1)) as [TestEdge];
  const { tokens } = logins;
  const ask = { name: 'x', user: undefined, limit: undefined, expiresS: 60 } as const;
  const lab = (name: string) => store.state.desktop.get(name)!;
  const viewing = await tokens.create({ ...ask, scopes: ['view'] }, caller('fred'));
  const pass = tokens.passOf(viewing.text)!;
  const bearer = { name: 'fred', pass };
  assert.deepEqual(desktopRights(store.state, bearer, lab('lab-1'))?.viewer, SEEN);
  assert.equal(desktopRights(store.state, bearer, lab('lab-2'))?.rights.read, false);

  const limit = { labels: ['class=7b'] };
  const limited = await tokens.create({ ...ask, scopes: ['admin'], limit }, caller('ada'));
  const byLimit = { name: 'ada', pass: tokens.passOf(limited.text)! };
  assert.equal(desktopRights(store.state, byLimit, lab('lab-1'))?.viewer.owner, true);
  assert.equal(desktopRights(store.state, byLimit, lab('lab-2'))?.rights.read, false);
  assert.equal(grantedOf(store.state, byLimit)?.owner, false);
  await assert.rejects(tokens.create({ ...ask, scopes: ['view'] }, { ...SEEN, ...byLimit }), {
    code: 'FLEET_NO_RIGHT',
  });
  await assert.rejects(tokens.create({ ...ask, user: 'ada', scopes: ['view'] }, caller('fred')), {
    code: 'FLEET_NO_RIGHT',
  });
  await store.transact(({ user: users }) => [user('fred', { ...users.get('fred'), grants: [] })]);
  assert.equal(desktopRights(store.state, bearer, lab('lab-1'))?.rights.read, false);
  assert.deepEqual(
    tokens.listFor(caller('fred')).map(({ id }) => id),
    [viewing.token.id],
  );
  assert.equal(tokens.listFor({ ...caller('ada') }).length, 2);
  await assert.rejects(tokens.revoke(limited.token.id, caller('fred')), { code: 'ACCOUNTS_NO_SUCH_TOKEN' });
  await tokens.revoke(limited.token.id, caller('ada'));
  assert.equal(byLimit.pass.user(), undefined);
});

test('a token that expires ends, and says so', async (t) => {
  const [{ logins }] = (await edges(t, 1)) as [TestEdge];
  const { tokens } = logins;
  let ends = 0;
  tokens.on('ended', () => ends++);
  const ask = { name: 'x', user: undefined, scopes: ['view'], limit: undefined, expiresS: 1 } as const;
  const { text } = await tokens.create(ask, caller('fred'));
  const pass = tokens.passOf(text);
  await waitFor('the end', () => (ends > 0 ? true : undefined));
  assert.equal(pass?.user(), undefined);
  assert.equal(tokens.passOf(text), undefined);
});

test('a ticket opens its desktop once, at whichever of the edges that are asked at the same time', async (t) => {
  const three = await edges(t, 3);
  const [one, other] = three as [TestEdge, TestEdge];
  const ask = { user: undefined, guest: 'guest', write: true, expiresS: 60, uses: 1 } as const;
  const made = await one.logins.tickets.create({ ...ask, desktop: 'lab-1' }, caller('ada'));
  assert.equal(await other.logins.tickets.knows(made.text), true);
  assert.equal(await other.logins.tickets.take(made.text, 'lab-2'), undefined);
  const taken = await Promise.all(
    Array.from({ length: 12 }, (_, i) => three[i % 3]!.logins.tickets.take(made.text, 'lab-1')),
  );
  const inside = taken.filter((caller) => caller !== undefined);
  assert.deepEqual(
    inside.map(({ name }) => name),
    ['guest:guest'],
  );
  const guest = inside[0]!;
  const { state } = one.store;
  const at = (name: string) => desktopRights(state, guest, state.desktop.get(name)!)?.viewer;
  assert.deepEqual(at('lab-1'), { read: true, write: true, owner: false });
  assert.equal(at('lab-2')?.read, false);

  // A session that begins with it ends with it, and with the right of the one who made it.
  const { cookie, key } = other.logins.kept.sessions.begin(guest, BROWSER, NEW);
  assert.equal(one.logins.kept.sessions.holderOf(sent(cookie), key, BROWSER)?.caller.name, 'guest:guest');
  await one.logins.tickets.revoke(made.ticket.id, caller('ada'));
  assert.equal(one.logins.kept.sessions.holderOf(sent(cookie), key, BROWSER), undefined);
});

test('only an owner of a desktop makes tickets for it, and only an admin for other users', async (t) => {
  const [{ store, logins }] = (await edges(t, 1)) as [TestEdge];
  const { tickets } = logins;
  const ask = {
    desktop: 'lab-1',
    user: undefined,
    guest: 'bob',
    write: false,
    expiresS: 60,
    uses: 2,
  } as const;
  await assert.rejects(tickets.create(ask, caller('fred')), { code: 'FLEET_NO_RIGHT' });
  await assert.rejects(tickets.create({ ...ask, desktop: 'lab-2' }, caller('fred')), {
    code: 'FLEET_NO_SUCH_DESKTOP',
  });
  const owns = [{ right: 'owner', desktop: 'lab-1' }] as const;
  await store.transact(({ user: users }) => [user('fred', { ...users.get('fred'), grants: owns })]);
  const forUser = { ...ask, guest: undefined, user: 'ada' };
  await assert.rejects(tickets.create(forUser, caller('fred')), { code: 'FLEET_NO_RIGHT' });
  const made = await tickets.create(ask, caller('fred'));
  const guest = await tickets.take(made.text, 'lab-1');
  assert.deepEqual(rightsOn(grantedOf(store.state, guest!)!, store.state.desktop.get('lab-1')!), SEEN);
  await store.transact(({ user: users }) => [user('fred', { ...users.get('fred'), grants: [] })]);
  assert.equal(guest?.pass?.user(), undefined);
  assert.equal(await tickets.take(made.text, 'lab-1'), undefined);
});

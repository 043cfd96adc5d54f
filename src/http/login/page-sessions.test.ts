import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openAccounts } from '../../accounts/file-accounts.ts';
import type { Pass } from '../../accounts/pass.ts';
import type { HashCost } from '../../accounts/password-hash.ts';
import type { BrowserIdentity } from './browser-identity.ts';
import { judgeSession, MAX_SESSIONS_PER_USER, PageSessions, type SessionVerdict } from './page-sessions.ts';
import { SessionFile } from './session-file.ts';

const CHEAP: HashCost = { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 };
const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const BROWSER: BrowserIdentity = {
  address: '10.0.0.1',
  agent: 'Firefox',
  origin: undefined,
  cookie: { name: 'deskwire-8443', isSecure: true, mayBeOpen: false },
};
const OPTIONS = { stays: false, isFramed: false };

test('a session’s cookie opens viewers for a while where its key was last used, and with the key it opens all', () => {
  const lastProof = { address: '10.0.0.1', agent: 'Firefox', atMs: 0 };
  const use = { hasKey: false, expiresMs: DAY_MS, lastProof };
  for (const [change, nowMs, verdict] of [
    [{}, 0, 'alone'],
    [{}, 30 * MINUTE_MS - 1, 'alone'],
    [{}, 30 * MINUTE_MS, 'refused'],
    [{ lastProof: undefined }, 0, 'refused'],
    [{ lastProof: { ...lastProof, address: '10.0.0.2' } }, 0, 'refused'],
    [{ lastProof: { ...lastProof, agent: 'curl' } }, 0, 'refused'],
    [{ hasKey: true, lastProof: undefined }, DAY_MS - 1, 'proven'],
    [{ hasKey: true }, DAY_MS, 'refused'],
  ] as const satisfies readonly (readonly [object, number, SessionVerdict])[])
    assert.equal(judgeSession({ ...use, ...change }, BROWSER, nowMs), verdict, JSON.stringify(change));
});

async function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-sessions-'));
  const accounts = await openAccounts({ folder, cost: CHEAP });
  t.after(async () => {
    await accounts.close();
    rmSync(folder, { recursive: true });
  });
  const rights = { write: true };
  await accounts.apply([
    { kind: 'create', name: 'ada', password: 'x', rights, overwrite: true },
    { kind: 'create', name: 'fred', password: 'x', rights, overwrite: true },
  ]);
  const clock = { ms: 1000 };
  const path = join(folder, 'sessions-8443.json');
  const problems: unknown[] = [];
  const open = () =>
    new PageSessions(accounts, () => clock.ms, new SessionFile(path, (error) => problems.push(error)));
  const user = (name: string) => accounts.get(name)!;
  return { accounts, clock, path, problems, open, user };
}

/** What a browser sends of a `Set-Cookie` value. */
const sent = (setCookie: string): string => setCookie.split(';')[0]!;

test('a session has the rights of its user at each moment, and ends when it is logged out', async (t) => {
  const { accounts, open, user } = await setUp(t);
  const sessions = open();
  const { cookie, key } = sessions.begin(user('fred'), BROWSER, OPTIONS);
  assert.match(
    cookie,
    /^__Host-deskwire-8443=dws_[0-9a-f]{16}_[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
  const holder = sessions.holderOf(sent(cookie), key, BROWSER)!;
  assert.deepEqual([holder.caller.name, holder.caller.write, holder.isProven], ['fred', true, true]);
  assert.equal(sessions.holderOf(sent(cookie), undefined, BROWSER)?.isProven, false);
  assert.equal(sessions.holderOf(sent(cookie), 'another key', BROWSER)?.isProven, false);
  assert.equal(sessions.holderOf('__Host-deskwire-8443=x', key, BROWSER), undefined, 'the key alone');
  await accounts.apply([{ kind: 'update', name: 'fred', rights: { write: false } }]);
  assert.equal(holder.caller.pass?.user()?.write, false);

  let ends = 0;
  sessions.on('ended', () => ends++);
  await sessions.end(sent(cookie), BROWSER);
  assert.equal(ends, 1);
  assert.equal(holder.caller.pass?.user(), undefined);
  assert.equal(sessions.holderOf(sent(cookie), key, BROWSER), undefined);
});

test('a session ends with its user and with the user’s password, also for a new user of that name', async (t) => {
  const { accounts, open, user } = await setUp(t);
  const sessions = open();
  for (const change of [
    { kind: 'update', name: 'fred', password: 'y', rights: {} },
    { kind: 'create', name: 'fred', password: 'y', rights: { read: true }, overwrite: true },
  ] as const) {
    const { cookie, key } = sessions.begin(user('fred'), BROWSER, OPTIONS);
    await accounts.apply([change]);
    assert.equal(sessions.holderOf(sent(cookie), key, BROWSER), undefined, change.kind);
  }
});

test('a session lasts a day, or 30 days from its last use if its user wants to stay', async (t) => {
  const { clock, open, user } = await setUp(t);
  const sessions = open();
  const day = sessions.begin(user('fred'), BROWSER, OPTIONS);
  const month = sessions.begin(user('fred'), BROWSER, { ...OPTIONS, stays: true });
  assert.match(month.cookie, /; Max-Age=2592000$/);
  const isOpen = ({ cookie, key }: { cookie: string; key: string }): boolean =>
    sessions.holderOf(sent(cookie), key, BROWSER) !== undefined;
  clock.ms += DAY_MS - 1;
  assert.ok(isOpen(day) && isOpen(month));
  clock.ms += 1;
  assert.deepEqual([isOpen(day), isOpen(month)], [false, true]);
  for (let i = 0; i < 3; i++) {
    clock.ms += 29 * DAY_MS;
    assert.ok(isOpen(month), `use ${i}`);
  }
  assert.equal(sessions.renewed(sent(month.cookie), BROWSER), month.cookie);
  assert.equal(sessions.renewed(sent(day.cookie), BROWSER), undefined);
  clock.ms += 30 * DAY_MS;
  assert.equal(isOpen(month), false);
  assert.match(sessions.browserOf(sent(month.cookie), BROWSER, 'fred') ?? '', /^session /);
  assert.equal(sessions.browserOf(sent(month.cookie), BROWSER, 'ada'), undefined);
});

test('sessions outlive a restart, and their file has no secret, for the server’s account alone', async (t) => {
  const { clock, path, problems, open, user } = await setUp(t);
  const first = open();
  const kept = first.begin(user('fred'), BROWSER, OPTIONS);
  const ended = first.begin(user('fred'), BROWSER, OPTIONS);
  const pass: Pass = { kind: 'ticket', id: '1', allows: () => false, user: () => user('ada') };
  const byLink = first.begin({ ...user('ada'), pass }, BROWSER, OPTIONS);
  assert.ok(first.holderOf(sent(byLink.cookie), byLink.key, BROWSER));
  await first.end(sent(ended.cookie), BROWSER);
  await first.close();
  const text = readFileSync(path, 'utf8');
  for (const { cookie, key } of [kept, ended, byLink]) {
    assert.ok(!text.includes(key));
    assert.ok(!text.includes(sent(cookie).slice(-43)));
  }
  assert.equal(statSync(path).mode & 0o777, 0o600);

  clock.ms = 5;
  const second = open();
  assert.equal(second.holderOf(sent(kept.cookie), undefined, BROWSER), undefined, 'the cookie alone');
  assert.equal(second.holderOf(sent(kept.cookie), kept.key, BROWSER)?.caller.name, 'fred');
  for (const { cookie, key } of [ended, byLink])
    assert.equal(second.holderOf(sent(cookie), key, BROWSER), undefined);
  await second.close();
  assert.deepEqual(problems, []);
});

test('a user’s next session beyond the limit ends the one that was used longest ago, and no other user’s', async (t) => {
  const { open, user } = await setUp(t);
  const sessions = open();
  const other = sessions.begin(user('ada'), BROWSER, OPTIONS);
  const own = Array.from({ length: MAX_SESSIONS_PER_USER }, () =>
    sessions.begin(user('fred'), BROWSER, OPTIONS),
  );
  const isOpen = ({ cookie, key }: { cookie: string; key: string }): boolean =>
    sessions.holderOf(sent(cookie), key, BROWSER) !== undefined;
  assert.ok(isOpen(own[0]!), 'the first is used now');
  let ends = 0;
  sessions.on('ended', () => ends++);
  sessions.begin(user('fred'), BROWSER, OPTIONS);
  assert.equal(ends, 1);
  assert.deepEqual([isOpen(own[0]!), isOpen(own[1]!), isOpen(other)], [true, false, true]);
  await sessions.close();
});

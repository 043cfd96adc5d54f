import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { CHECK_MS, guess, timedLogin } from '../../../test/support/timed-login.ts';

test('a login that waits gives up its place when its caller hangs up, and its password is not checked', async () => {
  const setup = timedLogin();
  const running = [1, 2].map((i) => setup.tryIt({ name: `running ${i}`, password: 'right' }));
  const caller = new AbortController();
  const waiting = setup.tryIt({ name: 'gone', password: 'right', signal: caller.signal });
  caller.abort();
  assert.match(await waiting, /AbortError/);
  await setup.run(Promise.all(running));
  assert.deepEqual(setup.checked, ['running 1', 'running 2']);
});

test('an owner sees blocks of users and addresses, and clears them', async () => {
  const setup = timedLogin();
  await setup.run(setup.tryIt({ name: 'ada', password: 'right', address: '192.0.2.1' }));
  await setup.run(Promise.all(Array.from({ length: 9 }, () => setup.tryIt(guess('ada')))));
  await setup.run(Promise.all(Array.from({ length: 9 }, () => setup.tryIt(guess('a mistyped password')))));
  const { blocks } = setup.login;
  assert.deepEqual(
    blocks.list().map(({ user, address }) => [user, address]),
    [['ada', '10.0.0.1']],
  );
  const [block] = blocks.list();
  assert.ok(block!.failures >= 5 && block!.until.getTime() > Date.now());
  assert.equal(blocks.clear({ name: 'eve' }), 0);
  assert.equal(blocks.clear({ name: 'ada', address: '10.0.0.1' }), 1);
  assert.deepEqual(blocks.list(), []);
  const startMs = setup.now();
  assert.equal(await setup.run(setup.tryIt(guess('ada'))), 'HTTP_LOGIN_NEEDED');
  assert.equal(setup.now() - startMs, CHECK_MS);
});

test('a name that no user can have is refused at once, without a check', async () => {
  const { tryIt, checked, login, now } = timedLogin();
  for (const name of ['x'.repeat(10_000), '', 'a\nb']) {
    for (let i = 0; i < 20; i++) assert.equal(await tryIt({ name, password: 'right' }), 'HTTP_LOGIN_NEEDED');
  }
  assert.deepEqual([checked, login.blocks.list(), now()], [[], [], 0]);
});

test('a login whose check takes too long is refused with HTTP_LOGIN_TIMED_OUT', async () => {
  const { tryIt, stall, limit } = timedLogin();
  stall();
  const refused = tryIt({ name: 'ada', password: 'right', signal: new AbortController().signal });
  limit.abort(new DOMException('The limit has passed.', 'TimeoutError'));
  assert.equal(await refused, 'HTTP_LOGIN_TIMED_OUT');
});

test('a login whose caller hangs up ends at once', async () => {
  const { login, requestOf, stall } = timedLogin();
  stall();
  const caller = new AbortController();
  const refused = assert.rejects(
    login.byPassword(requestOf({ name: 'ada', password: 'right' }), caller.signal),
    {
      name: 'AbortError',
    },
  );
  caller.abort();
  await refused;
});

test('a login that is repeated over its connection is compared with no password, and any other one is', async () => {
  const setup = timedLogin();
  const { login, accounts, requestOf, tryIt, run, comparisons } = setup;
  const ada = { name: 'ada', password: 'right', socket: {} };
  assert.equal(await run(tryIt(ada)), 'let in');
  const before = comparisons();
  for (let i = 0; i < 10; i++) assert.equal(await tryIt(ada), 'let in');
  assert.equal(comparisons(), before);
  const known = login.byTokenOrPassword(requestOf(ada));
  assert.ok(!(known instanceof Promise), 'a caller that is known waits for nothing');
  assert.deepEqual(known, accounts.get('ada'));

  assert.equal(await run(tryIt({ ...ada, socket: {} })), 'let in');
  assert.ok(comparisons() > before, 'another connection');
  const second = comparisons();
  await run(tryIt({ ...ada, address: '10.0.0.7' }));
  assert.ok(comparisons() > second, 'another caller, behind the same proxy');
  accounts.ifPasswordUnchanged = () => undefined;
  const third = comparisons();
  await run(tryIt({ ...ada, address: '10.0.0.7' }));
  assert.ok(comparisons() > third, 'the password may have changed');
});

test('a connection that has sent a wrong password is let in by no login that it repeats', async () => {
  const { tryIt, run, comparisons } = timedLogin();
  const ada = { name: 'ada', password: 'right', socket: {} };
  assert.equal(await run(tryIt(ada)), 'let in');
  assert.equal(await run(tryIt({ ...ada, password: 'wrong' })), 'HTTP_LOGIN_NEEDED');
  const before = comparisons();
  assert.equal(await run(tryIt(ada)), 'let in');
  assert.ok(comparisons() > before);
});

test('a cookie of one user does not log in a request with the password of another', async () => {
  const { login, requestOf, tryIt, run } = timedLogin();
  await run(tryIt({ name: 'ada', password: 'right' }));
  const ada = login.byCookie(requestOf({ name: 'ada', password: 'right' }));
  assert.equal(ada, undefined, 'no cookie yet');
  const user = { name: 'ada', read: true, write: true, owner: true };
  const [cookie] = login.cookieFor(user, requestOf({ name: 'ada', password: 'x' }))!.split(';');
  assert.equal(login.byCookie(requestOf({ name: 'ada', password: 'x', cookie: cookie! }))?.name, 'ada');
  assert.equal(login.byCookie(requestOf({ name: 'eve', password: 'x', cookie: cookie! })), undefined);
});

test('a cookie and a ticket are void if another process has removed their user, without a notice of it', async () => {
  const { login, accounts, requestOf, tryIt, run } = timedLogin();
  await run(tryIt({ name: 'ada', password: 'right' }));
  const user = accounts.get('ada')!;
  const [cookie = ''] = login.cookieFor(user, requestOf({ name: 'ada', password: 'right' }))!.split(';');
  const withCookie = { ...requestOf({ name: 'ada', password: 'wrong', cookie }) } as IncomingMessage;
  const ticket = (): IncomingMessage => {
    const request = requestOf({ name: 'ada', password: 'wrong' });
    return Object.assign(request, { url: `/websockify?ticket=${login.ticketFor(user, request)}` });
  };
  assert.equal(login.byCookie(withCookie)?.name, 'ada');
  assert.equal(login.byTicket(ticket())?.name, 'ada');
  const late = [ticket(), ticket()] as const;
  let isRemoved = false;
  accounts.refresh = () => {
    if (isRemoved) return;
    isRemoved = true;
    accounts.emit('changed', [{ name: 'ada', user: undefined, passwordChanged: false }]);
  };
  assert.equal(login.byTicket(late[0]), undefined);
  isRemoved = false;
  assert.equal(login.byCookie(withCookie), undefined);
  assert.equal(login.byTicket(late[1]), undefined);
});

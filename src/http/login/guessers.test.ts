import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CHECK_MS,
  count,
  guess,
  guessFor,
  MINUTE_MS,
  timedLogin,
} from '../../../test/support/timed-login.ts';

test('of 300 parallel guesses at one name from one address, five are checked at once', async () => {
  const setup = timedLogin();
  const codes = Array.from({ length: 300 }, () => setup.tryIt(guess('ada')));
  await setup.run(setup.after(1000));
  assert.ok(setup.checked.length <= 5, `${setup.checked.length} checks`);
  const all = await setup.run(Promise.all(codes));
  assert.equal(count(all, 'HTTP_LOGIN_NEEDED'), 7, 'five, and two that waited for their turn');
});

test('300 logins with random names from one address do not delay those of another address', async () => {
  const setup = timedLogin();
  const flood = Array.from({ length: 300 }, (_, i) => setup.tryIt(guess(`random ${i}`)));
  const others = Array.from({ length: 29 }, (_, i) =>
    setup.tryIt({ name: `user ${i}`, password: 'right', address: `10.0.1.${i}` }),
  );
  const startMs = setup.now();
  const codes = await setup.run(Promise.all(others));
  assert.deepEqual(codes, Array(29).fill('let in'));
  assert.ok(setup.now() - startMs <= 60 * CHECK_MS, `${setup.now() - startMs} ms`);
  const guesses = await setup.run(Promise.all(flood));
  assert.ok(count(guesses, 'HTTP_LOGIN_NEEDED') <= 60);
  assert.equal(count(guesses, 'let in'), 0);
});

test('50 addresses make at most 50 guesses at one user in the first minute and 20 in each further one', async () => {
  const setup = timedLogin();
  const minute = (): Promise<number[]> =>
    Promise.all(Array.from({ length: 50 }, (_, i) => guessFor(setup, MINUTE_MS, `10.0.2.${i}`)));
  const sum = (counts: readonly number[]): number => counts.reduce((total, one) => total + one, 0);
  const first = sum(await setup.run(minute()));
  assert.ok(first >= 30 && first <= 50, `${first} guesses in the first minute`);
  const second = sum(await setup.run(minute()));
  assert.ok(second <= 20, `${second} guesses in the second minute`);
});

test('the addresses of one IPv6 network of 64 bits share one budget', async () => {
  const setup = timedLogin();
  const codes = Array.from({ length: 40 }, (_, i) => setup.tryIt(guess('ada', `2001:db8::${i + 1}`)));
  await setup.run(Promise.all(codes));
  assert.equal(setup.checked.length, 7);
});

test('a user gets in while one guesser or ten at the same address keep trying that name', async () => {
  for (const [guessers, most] of [
    [1, 3],
    [10, 30],
  ] as const) {
    const setup = timedLogin();
    const isIn = new AbortController();
    const guesses = Array.from({ length: guessers }, () =>
      guessFor(setup, 10 * MINUTE_MS, undefined, isIn.signal),
    );
    await setup.run(setup.after(30_000));
    let tries = 0;
    const user = async (): Promise<void> => {
      do {
        tries++;
        await setup.after(1000);
      } while ((await setup.tryIt({ name: 'ada', password: 'right' })) !== 'let in');
    };
    await setup.run(user());
    isIn.abort();
    assert.ok(tries <= most, `${tries} tries beside ${guessers} guessers`);
    await setup.run(Promise.all(guesses));
  }
});

test('a user from a new address gets in while 50 addresses guess at that name, as after a restart', async () => {
  const setup = timedLogin();
  const guessers = Array.from({ length: 50 }, (_, i) => guessFor(setup, 2 * MINUTE_MS, `10.0.2.${i}`));
  await setup.run(setup.after(MINUTE_MS));
  assert.equal(
    await setup.run(setup.tryIt({ name: 'ada', password: 'right', address: '192.0.2.9' })),
    'let in',
  );
  assert.ok(setup.now() < MINUTE_MS + 10_000, `${setup.now()} ms`);
  await setup.run(Promise.all(guessers));
});

test('a user gets in from a known address and with a known browser while 50 addresses guess at that name', async () => {
  const setup = timedLogin();
  const home = { name: 'ada', password: 'right', address: '192.0.2.1' };
  assert.equal(await setup.run(setup.tryIt(home)), 'let in');
  const laptop = setup.requestOf({ ...home, address: '192.0.2.2' });
  const [cookie] = setup.login
    .cookieFor({ name: 'ada', read: true, write: true, owner: true }, laptop)!
    .split(';');
  const guessers = Array.from({ length: 50 }, (_, i) => guessFor(setup, MINUTE_MS, `10.0.2.${i}`));
  await setup.run(setup.after(30_000));
  const startMs = setup.now();
  const travelling = { ...home, address: '198.51.100.7', cookie: cookie! };
  const results = await setup.run(Promise.all([setup.tryIt(home), setup.tryIt(travelling)]));
  assert.deepEqual(results, ['let in', 'let in']);
  assert.ok(setup.now() - startMs < 1000, `${setup.now() - startMs} ms`);
  await setup.run(Promise.all(guessers));
});

test('correct logins at once behind an address with many failures are all let in', async () => {
  const setup = timedLogin();
  await setup.run(Promise.all(Array.from({ length: 60 }, (_, i) => setup.tryIt(guess(`name ${i}`)))));
  for (const round of ['right after a failure', 'later']) {
    const users = Array.from({ length: 20 }, (_, i) => setup.tryIt({ name: `user ${i}`, password: 'right' }));
    assert.deepEqual(await setup.run(Promise.all(users)), Array(20).fill('let in'), round);
  }
});

test('guesses at a password that was right before have the budgets of other guesses, also if the caller hangs up', async () => {
  for (const [address, most] of [
    ['10.0.0.9', 7],
    ['10.0.0.1', 12],
  ] as const) {
    const setup = timedLogin();
    assert.equal(await setup.run(setup.tryIt({ name: 'ada', password: 'right' })), 'let in');
    const before = setup.comparisons();
    const hungUp = Array.from({ length: 300 }, () => {
      const caller = new AbortController();
      const code = setup.tryIt({ ...guess('ada', address), signal: caller.signal });
      caller.abort();
      return code;
    });
    const codes = Array.from({ length: 300 }, () => setup.tryIt(guess('ada', address)));
    const lucky = setup.tryIt({ name: 'ada', password: 'right', address });
    const all = await setup.run(Promise.all([...hungUp, ...codes, lucky]));
    assert.equal(count(all, 'let in'), 0, address);
    // A known caller is compared when it arrives, and looked up once more when it is checked.
    const guesses = setup.comparisons() - before;
    assert.ok(guesses <= 2 * most, `${guesses} comparisons from ${address}`);
  }
});

test('a program that keeps its connection is let in at once beside ten guessers at its address', async () => {
  const setup = timedLogin();
  const isOver = new AbortController();
  const program = { name: 'ada', password: 'right', socket: {} };
  assert.equal(await setup.run(setup.tryIt(program)), 'let in');
  const guessers = Array.from({ length: 10 }, () =>
    guessFor(setup, 10 * MINUTE_MS, undefined, isOver.signal),
  );
  await setup.run(setup.after(MINUTE_MS));
  const startMs = setup.now();
  for (let i = 0; i < 100; i++) assert.equal(await setup.tryIt(program), 'let in');
  assert.equal(setup.now(), startMs);

  const { socket } = program;
  assert.notEqual(await setup.run(setup.tryIt({ ...guess('ada'), socket })), 'let in');
  const before = setup.comparisons();
  await setup.run(Promise.all(Array.from({ length: 100 }, () => setup.tryIt({ ...guess('ada'), socket }))));
  assert.ok(setup.comparisons() - before < 30, 'a connection with a wrong password is like any other');
  isOver.abort();
  await setup.run(Promise.all(guessers));
});

test('a program that logs in again and again does not pay for a guesser at its address', async () => {
  const setup = timedLogin();
  const program = async (): Promise<void> => {
    for (let i = 0; i < 120; i++) {
      await setup.tryIt({ name: 'ada', password: 'right' });
      await setup.after(500);
    }
  };
  await setup.run(setup.tryIt({ name: 'ada', password: 'right' }));
  const [, guesses] = await setup.run(Promise.all([program(), guessFor(setup, MINUTE_MS)]));
  assert.ok(guesses <= 22, `${guesses} guesses in the first minute`);
});

test('the same wrong password at once is checked once, and each caller pays for it', async () => {
  const setup = timedLogin();
  const same = { name: 'ada', password: 'wrong' };
  const codes = await setup.run(Promise.all(Array.from({ length: 12 }, () => setup.tryIt(same))));
  assert.equal(setup.checked.length, 1);
  assert.equal(count(codes, 'HTTP_LOGIN_NEEDED'), 5);
  assert.equal(count(codes, 'HTTP_TOO_MANY_LOGINS'), 7);
});

test('the same right password a hundred times at once is checked once and always let in', async () => {
  const setup = timedLogin();
  const same = { name: 'ada', password: 'right' };
  const codes = await setup.run(Promise.all(Array.from({ length: 100 }, () => setup.tryIt(same))));
  assert.deepEqual([setup.checked.length, count(codes, 'let in')], [1, 100]);
});

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { Accounts } from '../../accounts/accounts.ts';
import type { User } from '../../accounts/user.ts';
import { Peers } from '../origin/peers.ts';
import { Login } from './login.ts';

/** Time of one check in the tests, about that of argon2id. */
const CHECK_MS = 25;

/** A login above accounts whose right password is "right", with a clock that the test sets. */
function setUp() {
  let nowMs = 0;
  let sleepers: { readonly atMs: number; readonly wake: () => void; readonly signal: AbortSignal }[] = [];
  const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      sleepers.push({ atMs: nowMs + ms, wake: resolve, signal });
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  const limit = new AbortController();
  const clock = { nowMs: () => nowMs, sleep, timeout: () => limit.signal };
  let checkMs = CHECK_MS;
  const accounts = Object.assign(new EventEmitter(), {
    verifiedBefore: () => undefined,
    verify: async (name: string, password: string, signal: AbortSignal): Promise<User | undefined> => {
      await sleep(checkMs, signal);
      return password === 'right' ? { name, read: true, write: true, owner: true } : undefined;
    },
  });
  const login = new Login(accounts as unknown as Accounts, new Peers([]), clock);
  return {
    limit,
    stall: () => {
      checkMs = Number.POSITIVE_INFINITY;
    },
    logIn: (name: string, password: string, signal?: AbortSignal): Promise<User> => {
      const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
      const request = { headers: { authorization }, socket: { remoteAddress: '10.0.0.1' } };
      return login.byPassword(request as unknown as IncomingMessage, signal);
    },
    /** Lets time pass until all results are there, from one waiter to the next. */
    run: async <T>(results: readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> => {
      let isOver = false;
      const all = Promise.allSettled(results).finally(() => {
        isOver = true;
      });
      for (;;) {
        for (let i = 0; i < 20; i++) await Promise.resolve();
        if (isOver) return all;
        nowMs = Math.min(...sleepers.map(({ atMs }) => atMs));
        assert.ok(Number.isFinite(nowMs), 'time does not help');
        const due = sleepers.filter(({ atMs }) => atMs <= nowMs);
        sleepers = sleepers.filter(({ atMs }) => atMs > nowMs);
        for (const { wake } of due) wake();
      }
    },
  };
}

/** Fails 60 logins of different names, one after the other. */
async function failOften({ logIn, run }: ReturnType<typeof setUp>): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const [result] = await run([logIn(`name${i}`, 'wrong')]);
    assert.equal(codeOf(result!), 'HTTP_LOGIN_NEEDED');
  }
}

const codeOf = (result: PromiseSettledResult<User>): string =>
  result.status === 'fulfilled' ? 'let in' : result.reason.code;

test('correct logins at once behind an address with many failures are all let in', async () => {
  const setup = setUp();
  await failOften(setup);
  for (const round of ['right after a failure', 'later']) {
    const results = await setup.run(Array.from({ length: 20 }, (_, i) => setup.logIn(`user${i}`, 'right')));
    assert.deepEqual(results.map(codeOf), Array(20).fill('let in'), round);
  }
});

test('wrong logins at once behind an address with many failures are checked every two seconds or refused', async () => {
  const setup = setUp();
  await failOften(setup);
  const guesses = Array.from({ length: 20 }, (_, i) => setup.logIn(`user${i}`, 'wrong'));
  const codes = (await setup.run(guesses)).map(codeOf);
  assert.equal(codes.filter((code) => code === 'HTTP_LOGIN_NEEDED').length, 2);
  assert.equal(codes.filter((code) => code === 'HTTP_TOO_MANY_LOGINS').length, 18);
});

test('a login whose check takes too long is refused with HTTP_LOGIN_TIMED_OUT', async () => {
  const { logIn, stall, limit } = setUp();
  stall();
  const refused = assert.rejects(logIn('ada', 'right', new AbortController().signal), {
    code: 'HTTP_LOGIN_TIMED_OUT',
    status: 503,
  });
  limit.abort(new DOMException('The limit has passed.', 'TimeoutError'));
  await refused;
});

test('a login whose caller hangs up ends at once', async () => {
  const { logIn, stall } = setUp();
  stall();
  const caller = new AbortController();
  const refused = assert.rejects(logIn('ada', 'right', caller.signal), { name: 'AbortError' });
  caller.abort();
  await refused;
});

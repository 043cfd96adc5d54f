import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Waiters } from './waiters.ts';

const LIMIT_MS = 5_000;

suite('callers that wait', () => {
  test('waiting callers are each given a value of their own', async () => {
    const waiters = new Waiters<number>();
    const waits = [waiters.wait('a number', LIMIT_MS), waiters.wait('a number', LIMIT_MS)];
    let count = 0;
    waiters.resolveAll(() => ++count);
    assert.deepEqual(await Promise.all(waits), [1, 2]);
    assert.ok(waiters.isEmpty);
  });

  test('waiting callers are refused after their limit, and given nothing later', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const waiters = new Waiters<number>();
    const refused = assert.rejects(waiters.wait('a number', LIMIT_MS), { code: 'DESKTOP_TIMEOUT' });
    t.mock.timers.tick(LIMIT_MS - 1);
    assert.ok(!waiters.isEmpty);
    t.mock.timers.tick(1);
    await refused;
    waiters.resolveAll(() => assert.fail('a value was made for a caller that is gone'));
  });

  test('waiting callers are forgotten when their signal is aborted', () => {
    const waiters = new Waiters<number>();
    const giveUp = new AbortController();
    void waiters.wait('a number', LIMIT_MS, giveUp.signal);
    giveUp.abort();
    assert.ok(waiters.isEmpty);
    waiters.resolveAll(() => assert.fail('a value was made for a caller that is gone'));
  });

  test('waiting callers are all refused with the same error', async () => {
    const waiters = new Waiters<number>();
    const error = new Error('no numbers today');
    const waits = [waiters.wait('a number', LIMIT_MS), waiters.wait('a number', LIMIT_MS)];
    waiters.rejectAll(error);
    for (const wait of waits) await assert.rejects(wait, error);
  });
});

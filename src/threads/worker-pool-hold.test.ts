import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LIMIT_MS, LONG_MS, TestPool, thread } from '../../test/support/test-pool.ts';

suite('a pool that is held', () => {
  const IDLE = { idleLimitMs: 3000 };

  test('a pool starts its threads when it is held, and does not end them while it is', async () => {
    const pool = new TestPool(2, IDLE);
    const hold = pool.hold();
    await hold.ready;
    const first = [pool.run({ say: 'a', afterMs: 20 }), pool.run({ say: 'b', afterMs: 20 })];
    const before = new Set((await Promise.all(first)).map(thread));
    assert.equal(before.size, 2);
    pool.time.pass(60_000);
    assert.ok(before.has(thread(await pool.run({ say: 'later' }))));
    await pool.close();
  });

  test('a pool that is held and has no jobs wakes its thread for nothing, and still notices one that hangs', async () => {
    const pool = new TestPool(1, IDLE);
    const hold = pool.hold();
    await hold.ready;
    pool.time.pass(500);
    assert.equal(pool.time.isRunning, false);
    await pool.run({ say: 'x' });
    assert.equal(pool.time.isRunning, true);
    pool.time.pass(500);
    assert.equal(pool.time.isRunning, false);
    const lost = pool.run('loop');
    await pool.untilBegun(1);
    pool.time.pass(LIMIT_MS);
    await pool.untilBegun(2);
    // The job may say that it has begun before the new thread's first message is read: it then gets the time to start.
    pool.time.pass(LONG_MS);
    await assert.rejects(lost, { code: 'THREAD_LOST' });
    await pool.run({ say: 'y' });
    pool.time.pass(500);
    hold.release();
    assert.equal(pool.time.isRunning, true, 'the thread may have to end');
    await pool.close();
  });

  test('threads that nothing holds any more end after the idle limit, counted from then on', async () => {
    const pool = new TestPool(1, IDLE);
    const [one, other] = [pool.hold(), pool.hold()];
    const first = thread(await pool.run({ say: 'x' }));
    one.release();
    one.release();
    pool.time.pass(60_000);
    other.release();
    pool.time.pass(2500);
    assert.equal(thread(await pool.run({ say: 'x' })), first);
    pool.time.pass(3000);
    assert.notEqual(thread(await pool.run({ say: 'x' })), first);
    await pool.close();
  });

  test('a hold is ready even if its threads are lost while they start, or the pool is closed', async () => {
    const script = new URL('data:text/javascript,process.exit(1)');
    const pool = new TestPool(2, { script });
    await pool.hold().ready;
    await pool.close();
    await pool.hold().ready;
  });

  test('a pool that is held while all of its threads are ending starts others without a job', async () => {
    const pool = new TestPool(8, IDLE);
    const first = pool.hold();
    await first.ready;
    first.release();
    pool.time.pass(3000);
    await pool.hold().ready;
    assert.equal(pool.counts.started, 16);
    await pool.close();
  });

  test('a hold is ready when a thread that hangs while it loads has been given up', async () => {
    const script = new URL(
      'data:text/javascript,Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    );
    const pool = new TestPool(2, { script });
    const { ready } = pool.hold();
    await new Promise(setImmediate);
    pool.time.pass(LONG_MS);
    await ready;
    await pool.close();
  });

  test('a pool starts one thread in a turn of the event loop', async () => {
    const pool = new TestPool(3);
    const job = pool.run({ say: 'x' });
    await Promise.resolve();
    pool.hold();
    assert.equal(pool.counts.started, 1);
    await pool.hold().ready;
    await job;
    assert.equal(pool.counts.started, 3);
    await pool.close();
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  IDLE_LIMIT_MS,
  LIMIT_MS,
  LONG_MS,
  noThreads,
  said,
  TestPool,
  thread,
  threads,
} from '../../test/support/test-pool.ts';
import { WorkerPool } from './worker-pool.ts';

/** A thread that answers with its start data, and ends itself on request. */
const LANES = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.on('message', (tasks) => {
      if (tasks === 'end') process.exit(0);
      for (const { id, job } of tasks) {
        if (job === 'end') process.exit(0);
        setTimeout(() => parentPort.postMessage([{ id, result: workerData }]), 20);
      }
    });
    parentPort.postMessage([]);
  `)}`,
);

suite('a pool of threads', () => {
  test('a pool gives each thread a lane of its own, and a new thread the lane of the one that ended', async () => {
    const pool = new WorkerPool<string, string>({
      script: LANES,
      name: 'test',
      threads: 3,
      start: (lane) => ({ workerData: `lane ${lane}` }),
      limitMs: () => LIMIT_MS,
      idleLimitMs: IDLE_LIMIT_MS,
    });
    await pool.hold().ready;
    const lanes = async (): Promise<string[]> =>
      (await Promise.all(['a', 'b', 'c'].map((say) => pool.run(say)))).sort();
    assert.deepEqual(await lanes(), ['lane 0', 'lane 1', 'lane 2']);
    await assert.rejects(pool.run('end'));
    assert.deepEqual(await lanes(), ['lane 0', 'lane 1', 'lane 2']);
    await pool.close();
  });

  test('a pool that cannot start more threads works on with those that it has, and tries again after pauses', async (t) => {
    let attempts = 0;
    const pool = new WorkerPool<string, string>({
      script: LANES,
      name: 'test',
      threads: 3,
      start: (lane) => {
        if (lane > 0) {
          attempts++;
          throw new Error('There is no descriptor left.');
        }
        return { workerData: 'the first' };
      },
      limitMs: () => LIMIT_MS,
      idleLimitMs: IDLE_LIMIT_MS,
    });
    const runs = async (jobs: number): Promise<void> => {
      const answers = await Promise.all(Array.from({ length: jobs }, (_, i) => pool.run(`${i}`)));
      assert.deepEqual(new Set(answers), new Set(['the first']));
    };
    // Pauses last until the test ends them.
    t.mock.timers.enable({ apis: ['setTimeout'] });
    await runs(20);
    assert.equal(attempts, 1);
    t.mock.timers.tick(1000);
    await runs(20);
    assert.equal(attempts, 2);
    t.mock.timers.reset();
    await pool.close();
  });

  test('a pool answers each job with its own result, in whatever order jobs end', async () => {
    const pool = new TestPool(2);
    const jobs = Array.from({ length: 20 }, (_, i) => pool.run({ say: `${i}`, afterMs: (20 - i) % 5 }));
    assert.deepEqual(
      (await Promise.all(jobs)).map(said),
      jobs.map((_, i) => `${i}`),
    );
    await pool.close();
  });

  test('a pool of one thread works in the order in which the jobs came', async () => {
    const pool = new TestPool(1);
    const ended: string[] = [];
    const note = (answer: string): number => ended.push(said(answer));
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((say) => pool.run({ say }).then(note)));
    assert.equal(ended.join(''), 'abcdef');
    await pool.close();
  });

  test('a pool spreads jobs over all of its threads', async () => {
    const pool = new TestPool(3);
    // Before that, threads that have started do the work of one that starts late.
    await pool.hold().ready;
    const answers = await Promise.all(Array.from({ length: 6 }, () => pool.run({ say: 'x', afterMs: 50 })));
    assert.equal(new Set(answers.map(thread)).size, 3);
    await pool.close();
  });

  test('a pool rejects a job that fails, and keeps its thread', async () => {
    const pool = new TestPool(1);
    const before = await pool.run({ say: 'before' });
    await assert.rejects(pool.run({ fail: 'no such colour' }), { message: 'no such colour' });
    assert.equal(thread(await pool.run({ say: 'after' })), thread(before));
    await pool.close();
  });

  test('a pool reports once, before a job ends, that the shared frame has been read', async () => {
    const pool = new TestPool(1);
    const told: string[] = [];
    await pool
      .run({ say: 'x', afterMs: 30, read: true }, () => told.push('read'))
      .then(() => told.push('done'));
    assert.deepEqual(told, ['read', 'done']);
    await pool.run({ fail: 'x' }, () => told.push('read, failed')).catch(() => told.push('failed'));
    assert.deepEqual(told.slice(2), ['read, failed', 'failed']);
    await pool.close();
  });

  test('a pool ends threads that have been idle for long, and starts another with the next job', async () => {
    const pool = new TestPool(1, { idleLimitMs: 3000 });
    const first = await pool.run({ say: 'x' });
    pool.time.pass(2500);
    assert.equal(thread(await pool.run({ say: 'x' })), thread(first));
    pool.time.pass(3000);
    assert.notEqual(thread(await pool.run({ say: 'x' })), thread(first));
    await pool.close();
  });
});

suite('a pool that loses a thread', () => {
  for (const end of ['throw', 'exit'] as const) {
    test(`a pool that loses a thread by ${end} repeats its jobs, and fails only one that loses another`, async () => {
      const pool = new TestPool(2);
      const lost = pool.run({ end });
      const others = Array.from({ length: 9 }, (_, i) => pool.run({ say: `${i}`, afterMs: 30 }));
      await assert.rejects(lost, { code: 'THREAD_LOST' });
      assert.deepEqual((await Promise.all(others)).map(said).join(''), '012345678');
      await pool.close();
    });
  }

  test('a thread that hangs in a loop is replaced, and its job fails when it hangs another thread', async () => {
    const pool = new TestPool(1);
    const [lost, other] = [pool.run('loop'), pool.run({ say: 'behind it' })];
    await pool.untilBegun(1);
    pool.time.pass(LONG_MS);
    await pool.untilBegun(2);
    pool.time.pass(LONG_MS);
    await assert.rejects(lost, { code: 'THREAD_LOST' });
    assert.equal(said(await other), 'behind it');
    await pool.close();
  });

  test('a thread that never answers is replaced', async () => {
    const pool = new TestPool(1);
    await pool.run({ say: 'it has started' });
    const lost = pool.run('hang');
    await pool.run({ say: 'it has the job' });
    pool.time.pass(LIMIT_MS);
    pool.time.pass(LONG_MS);
    await assert.rejects(lost, { code: 'THREAD_LOST' });
    assert.equal(said(await pool.run({ say: 'next' })), 'next');
    await pool.close();
  });

  test('a thread that is slow but answers is not replaced', async () => {
    const pool = new TestPool(1);
    const before = await pool.run({ say: 'before' });
    const slow = ['a', 'b', 'c', 'd'].map(async (say) => {
      const answer = await pool.run({ say, afterMs: 20 });
      pool.time.pass(LIMIT_MS - 500);
      return thread(answer);
    });
    assert.deepEqual(new Set(await Promise.all(slow)), new Set([thread(before)]));
    await pool.close();
  });

  test('a job whose pixels were released is not run again on another thread', async () => {
    const pool = new TestPool(1);
    let read = 0;
    await assert.rejects(
      pool.run({ end: 'exit', read: true }, () => read++),
      { code: 'THREAD_LOST' },
    );
    assert.equal(read, 1);
    await pool.close();
  });

  test('waiting jobs fail when threads end again and again without doing a job', async () => {
    const script = new URL('data:text/javascript,process.exit(1)');
    const pool = new TestPool(2, { script });
    const jobs = Array.from({ length: 40 }, (_, i) => pool.run({ say: `${i}` }));
    for (const end of await Promise.allSettled(jobs)) {
      assert.equal(end.status === 'rejected' && end.reason.code, 'THREAD_LOST');
    }
    await pool.close();
  });

  test('a thread that hangs in native code is not terminated, and ends when it leaves that code', async () => {
    const pool = new TestPool(1, {}, true);
    const lost = pool.run('native');
    await pool.untilBegun(1);
    pool.time.pass(LONG_MS);
    await pool.untilBegun(2);
    pool.time.pass(LONG_MS);
    await assert.rejects(lost, { code: 'THREAD_LOST' });
    assert.equal(said(await pool.run({ say: 'on a third thread' })), 'on a third thread');
    Atomics.store(pool.words, 1, 1);
    Atomics.notify(pool.words, 1);
    await pool.close();
    // The pool does not wait for a thread that it has given up.
    await noThreads();
  });

  test('a pool starts no more threads when too many hang where they cannot be terminated', async () => {
    const pool = new TestPool(1, {}, true);
    for (const hung of [2, 4]) {
      const lost = pool.run('native');
      await pool.untilBegun(hung - 1);
      pool.time.pass(LONG_MS);
      await pool.untilBegun(hung);
      pool.time.pass(LONG_MS);
      await assert.rejects(lost, { code: 'THREAD_LOST' });
    }
    await assert.rejects(pool.run({ say: 'x' }), { code: 'THREAD_LOST' });
    Atomics.store(pool.words, 1, 1);
    Atomics.notify(pool.words, 1);
    await pool.close();
    await noThreads();
  });
});

suite('a pool that is closed', () => {
  test('a pool that is closed rejects all pending jobs, once, and leaves no thread', async () => {
    await noThreads();
    const pool = new TestPool(2);
    let read = 0;
    const pending = Array.from({ length: 7 }, () => pool.run('hang', () => read++));
    const closed = pool.close();
    for (const end of await Promise.allSettled(pending)) {
      assert.equal(end.status === 'rejected' && end.reason.code, 'THREADS_CLOSED');
    }
    await Promise.all([closed, pool.close()]);
    assert.equal(read, 7, 'nothing goes on reading the frame');
    await assert.rejects(pool.run({ say: 'late' }), { code: 'THREADS_CLOSED' });
    assert.equal(threads(), 0);
  });

  test('a pool that is closed waits for a job that is being done, and cuts off one that does not end', async () => {
    const busy = new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { parentPort, workerData } from 'node:worker_threads';
        const words = new Int32Array(workerData);
        parentPort.on('message', (tasks) => {
          if (tasks === 'end') process.exit(0);
          Atomics.store(words, 0, 1);
          Atomics.notify(words, 0);
          const until = performance.now() + tasks[0].job;
          while (performance.now() < until);
          Atomics.store(words, 1, 1);
        });
      `)}`,
    );
    /** Returns whether a job that takes so long ends if its pool is closed meanwhile. */
    const endsIfClosed = async (ms: number): Promise<boolean> => {
      const words = new Int32Array(new SharedArrayBuffer(8));
      const pool = new WorkerPool<number, string>({
        script: busy,
        name: 'test',
        threads: 1,
        start: () => ({ workerData: words.buffer }),
        limitMs: () => LIMIT_MS,
        idleLimitMs: IDLE_LIMIT_MS,
      });
      const job = pool.run(ms);
      await Atomics.waitAsync(words, 0, 0).value;
      await Promise.all([assert.rejects(job), pool.close()]);
      return words[1] === 1;
    };
    // A thread that gets no core for a second is cut off, too.
    const isWaitedFor = (await endsIfClosed(100)) || (await endsIfClosed(100)) || (await endsIfClosed(100));
    assert.ok(isWaitedFor);
    assert.equal(await endsIfClosed(60_000), false);
  });

  test('a pool that is closed right after a thread died leaves no thread', async () => {
    await noThreads();
    const pool = new TestPool(1);
    await assert.rejects(pool.run({ end: 'throw' }));
    const replacement = pool.run('hang');
    await Promise.all([pool.close(), assert.rejects(replacement)]);
    assert.equal(threads(), 0);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { WorkerPool } from './worker-pool.ts';

/** What the test's threads are told to do. */
type Order =
  | { readonly say: string; readonly afterMs?: number }
  | { readonly fail: string }
  | { readonly end: 'throw' | 'exit' }
  | 'hang';

const SCRIPT = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    const work = ({ id, job }) => {
      if (job === 'hang') return;
      if (job.end === 'throw') setImmediate(() => { throw new Error('thrown out of the handler'); });
      else if (job.end === 'exit') process.exit(0);
      else if (job.fail) parentPort.postMessage([{ id, error: new Error(job.fail) }]);
      else {
        parentPort.postMessage([{ id, read: true }]);
        setTimeout(() => parentPort.postMessage([{ id, encoded: job.say + '@' + threadId }]), job.afterMs ?? 0);
      }
    };
    parentPort.on('message', (jobs) => jobs === 'end' ? process.exit(0) : jobs.forEach(work));
  `)}`,
);

/** A thread that answers with what it was started with, and ends itself when told to. */
const LANES = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.on('message', (jobs) => {
      if (jobs === 'end') process.exit(0);
      for (const { id, job } of jobs) {
        if (job === 'end') process.exit(0);
        setTimeout(() => parentPort.postMessage([{ id, encoded: workerData }]), 20);
      }
    });
  `)}`,
);

function poolOf(threads: number): WorkerPool<Order, string> {
  return new WorkerPool<Order, string>(SCRIPT, threads, () => undefined);
}

const said = (answer: string): string => answer.split('@')[0]!;
const thread = (answer: string): string => answer.split('@')[1]!;
const threads = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

suite('a pool of threads', () => {
  test('gives each thread a lane of its own, and a new one the lane of the one that ended', async () => {
    const pool = new WorkerPool<string, string>(LANES, 3, (lane) => `lane ${lane}`);
    const lanes = async (): Promise<string[]> =>
      (await Promise.all(['a', 'b', 'c'].map((say) => pool.run(say)))).sort();
    assert.deepEqual(await lanes(), ['lane 0', 'lane 1', 'lane 2']);
    await assert.rejects(pool.run('end'));
    assert.deepEqual(await lanes(), ['lane 0', 'lane 1', 'lane 2']);
    await pool.close();
  });

  test('answers each job with its own result, whatever the order they end in', async () => {
    const pool = poolOf(2);
    const jobs = Array.from({ length: 20 }, (_, i) => pool.run({ say: `${i}`, afterMs: (20 - i) % 5 }));
    assert.deepEqual(
      (await Promise.all(jobs)).map(said),
      jobs.map((_, i) => `${i}`),
    );
    await pool.close();
  });

  test('one thread works in the order the jobs came', async () => {
    const pool = poolOf(1);
    const ended: string[] = [];
    const note = (answer: string): number => ended.push(said(answer));
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((say) => pool.run({ say }).then(note)));
    assert.equal(ended.join(''), 'abcdef');
    await pool.close();
  });

  test('spreads jobs over all of its threads', async () => {
    const pool = poolOf(3);
    const answers = await Promise.all(Array.from({ length: 6 }, () => pool.run({ say: 'x', afterMs: 50 })));
    assert.equal(new Set(answers.map(thread)).size, 3);
    await pool.close();
  });

  test('a job that fails is rejected, and its thread goes on', async () => {
    const pool = poolOf(1);
    const before = await pool.run({ say: 'before' });
    await assert.rejects(pool.run({ fail: 'no such colour' }), { message: 'no such colour' });
    assert.equal(thread(await pool.run({ say: 'after' })), thread(before));
    await pool.close();
  });

  for (const end of ['throw', 'exit'] as const) {
    test(`a thread that ends by ${end} rejects what it had, and another takes its place`, async () => {
      const pool = poolOf(1);
      const [lost, alsoLost] = await Promise.allSettled([pool.run({ end }), pool.run('hang')]);
      assert.equal(lost.status, 'rejected');
      assert.equal(alsoLost.status, 'rejected');
      assert.equal(said(await pool.run({ say: 'again' })), 'again');
      await pool.close();
    });

    test(`what a thread that ends by ${end} had not been given goes to the others`, async () => {
      const pool = poolOf(2);
      const doomed = [pool.run({ end }), pool.run({ say: 'slow', afterMs: 200 })];
      const waiting = Array.from({ length: 6 }, (_, i) => pool.run({ say: `${i}`, afterMs: 100 }));
      const answers = await Promise.allSettled([...doomed, ...waiting]);
      assert.equal(answers[0]!.status, 'rejected');
      const served = answers.filter(({ status }) => status === 'fulfilled').length;
      assert.ok(served >= 4, `${served} of 7: at most three more jobs were with the dead thread`);
      await pool.close();
    });
  }

  test('says when the shared frame has been read, before the job ends and once', async () => {
    const pool = poolOf(1);
    const told: string[] = [];
    await pool.run({ say: 'x', afterMs: 30 }, () => told.push('read')).then(() => told.push('done'));
    assert.deepEqual(told, ['read', 'done']);
    await pool.run({ fail: 'x' }, () => told.push('read, failed')).catch(() => told.push('failed'));
    assert.deepEqual(told.slice(2), ['read, failed', 'failed']);
    await pool.close();
  });

  test('closing rejects all that is pending, once, and leaves no thread', async () => {
    const before = threads();
    const pool = poolOf(2);
    let read = 0;
    const pending = Array.from({ length: 7 }, () => pool.run('hang', () => read++));
    const closed = pool.close();
    for (const end of await Promise.allSettled(pending)) assert.equal(end.status, 'rejected');
    await Promise.all([closed, pool.close()]);
    assert.equal(read, 7, 'nobody is left believing that the frame is still read');
    await assert.rejects(pool.run({ say: 'late' }));
    assert.equal(threads(), before);
  });

  test('closing waits for a job that is being worked on, and cuts off one that does not end', async () => {
    const busy = new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { parentPort, workerData } from 'node:worker_threads';
        const words = new Int32Array(workerData);
        parentPort.on('message', (jobs) => {
          if (jobs === 'end') process.exit(0);
          Atomics.store(words, 0, 1);
          Atomics.notify(words, 0);
          const until = performance.now() + jobs[0].job;
          while (performance.now() < until);
          Atomics.store(words, 1, 1);
        });
      `)}`,
    );
    for (const [ms, ends] of [
      [100, 1],
      [60_000, 0],
    ] as const) {
      const words = new Int32Array(new SharedArrayBuffer(8));
      const pool = new WorkerPool<number, string>(busy, 1, () => words.buffer);
      const job = pool.run(ms);
      await Atomics.waitAsync(words, 0, 0).value;
      await Promise.all([assert.rejects(job), pool.close()]);
      assert.equal(words[1], ends, `a job of ${ms} ms`);
    }
  });

  test('closing right after a thread died leaves no thread either', async () => {
    const before = threads();
    const pool = poolOf(1);
    await assert.rejects(pool.run({ end: 'throw' }));
    const replacement = pool.run('hang');
    await Promise.all([pool.close(), assert.rejects(replacement)]);
    assert.equal(threads(), before);
  });
});

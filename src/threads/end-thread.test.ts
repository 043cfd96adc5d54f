import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { endThread } from './end-thread.ts';

const SHORT_LIMIT_MS = 50;

/** Time that a thread which is terminated may take to end. A busy machine may need longer than the short limit. */
const PATIENT_LIMIT_MS = 1500;

async function startThread(script: string): Promise<Worker> {
  const worker = new Worker(`const { parentPort } = require('node:worker_threads'); ${script}`, {
    eval: true,
  });
  await once(worker, 'message');
  return worker;
}

test('a thread that ends by itself when it is told to is not terminated', async () => {
  const worker = await startThread(
    `parentPort.on('message', (said) => process.exit(said === 'end' ? 7 : 8)); parentPort.postMessage('ready');`,
  );
  const exit = once(worker, 'exit');
  // No limit is reached: a thread that needs long to end on a busy machine is not cut off.
  assert.equal(await endThread(worker, 'end', { limitMs: 60_000 }), true);
  assert.deepEqual(await exit, [7]);
});

for (const [how, script] of [
  ['in a loop', 'for (;;);'],
  ['in Atomics.wait', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'],
] as const) {
  test(`a thread that hangs ${how} is terminated after the limit`, async () => {
    const worker = await startThread(`parentPort.postMessage('ready'); ${script}`);
    const exit = once(worker, 'exit');
    assert.equal(await endThread(worker, 'end', { limitMs: PATIENT_LIMIT_MS }), true);
    await exit;
  });
}

test('a pause of the whole process does not count as time that a thread had to end', async () => {
  const worker = await startThread(
    `parentPort.on('message', () => process.exit(7)); parentPort.postMessage('ready');`,
  );
  let wasJudged = false;
  const mayTerminate = (): boolean => {
    wasJudged = true;
    return true;
  };
  const ending = endThread(worker, 'end', { limitMs: PATIENT_LIMIT_MS, mayTerminate });
  // The thread ends meanwhile. After a callback of setImmediate, timers come first, and the end of the thread later.
  await new Promise((resolve) => setImmediate(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1.2 * PATIENT_LIMIT_MS);
  assert.equal(await ending, true);
  assert.equal(wasJudged, false);
});

test('a thread that has ended already needs no waiting', async () => {
  const worker = await startThread(`parentPort.postMessage('ready');`);
  if (worker.threadId !== -1) await once(worker, 'exit');
  assert.equal(await endThread(worker, 'end', { limitMs: 60_000 }), true);
});

test('a thread that does not even end when it is terminated is given up after the limit', async () => {
  const calls: string[] = [];
  const stuck = Object.assign(new EventEmitter(), {
    threadId: 1,
    postMessage: () => void calls.push('message'),
    terminate: () => void calls.push('terminate'),
    unref: () => void calls.push('unref'),
  });
  assert.equal(await endThread(stuck as unknown as Worker, 'end', { limitMs: SHORT_LIMIT_MS }), false);
  assert.deepEqual(calls, ['message', 'terminate', 'unref']);
});

test('a thread that may not be terminated gets more time, and is given up after it', async () => {
  const worker = await startThread(`parentPort.postMessage('ready'); for (;;);`);
  const options = { limitMs: SHORT_LIMIT_MS, mayTerminate: () => false };
  assert.equal(await endThread(worker, 'end', options), false);
  assert.notEqual(worker.threadId, -1);
  await worker.terminate();
});

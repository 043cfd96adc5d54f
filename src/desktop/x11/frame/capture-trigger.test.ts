import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { CaptureTrigger } from './capture-trigger.ts';

/** The two ends, as two threads have them. */
function ends(): { main: CaptureTrigger; frameThread: CaptureTrigger } {
  const main = new CaptureTrigger();
  return { main, frameThread: new CaptureTrigger(main.buffer) };
}

test('damage is captured once for each time that it was armed', () => {
  const { main, frameThread } = ends();
  assert.equal(frameThread.take(), false);
  main.arm(0);
  const before = performance.now();
  assert.equal(frameThread.take(), true);
  assert.ok(main.takenAtMs >= before - 1 && main.takenAtMs <= performance.now() + 1);
  assert.equal(frameThread.take(), false);
  assert.equal(main.callOff(), false, 'too late');
  main.arm(0);
  assert.equal(frameThread.take(), true);
});

test('called off it captures nothing', () => {
  const { main, frameThread } = ends();
  main.arm(0);
  assert.equal(main.callOff(), true);
  assert.equal(frameThread.take(), false);
});

test('damage before its time is only told of, and leaves it armed', () => {
  const { main, frameThread } = ends();
  main.arm(performance.now() + 60_000);
  assert.equal(frameThread.take(), false);
  assert.equal(main.callOff(), true);
  main.arm(performance.now());
  assert.equal(frameThread.take(), true);
});

test('of two threads exactly one decides, and both count the same time', async () => {
  const { main } = ends();
  const module = new URL('./capture-trigger.ts', import.meta.url).href;
  const script = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { CaptureTrigger } = await import(${JSON.stringify(module)});
    const trigger = new CaptureTrigger(workerData.trigger);
    const turn = new Int32Array(workerData.turn);
    let taken = 0;
    for (let round = 1; round <= workerData.rounds; round++) {
      while (Atomics.load(turn, 0) < round);
      if (trigger.take()) taken++;
      Atomics.store(turn, 1, round);
    }
    parentPort.postMessage(taken);
  `;
  const rounds = 2000;
  const turn = new SharedArrayBuffer(8);
  const turns = new Int32Array(turn);
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
    workerData: { trigger: main.buffer, turn, rounds },
  });
  const answer = new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await new Promise((resolve) => worker.once('online', resolve));
  let calledOff = 0;
  for (let round = 1; round <= rounds; round++) {
    const before = performance.now();
    main.arm(0);
    Atomics.store(turns, 0, round);
    if (round % 3 === 0) for (let i = 0; i < round % 100; i++) Atomics.load(turns, 0);
    else while (Atomics.load(turns, 1) < round);
    const off = main.callOff();
    while (Atomics.load(turns, 1) < round);
    if (off) calledOff++;
    else assert.ok(main.takenAtMs >= before - 1 && main.takenAtMs <= performance.now() + 1);
  }
  assert.equal((await answer) + calledOff, rounds);
  await worker.terminate();
});

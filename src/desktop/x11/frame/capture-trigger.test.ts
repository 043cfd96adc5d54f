import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { CaptureTrigger, type TriggerClocks } from './capture-trigger.ts';

/** The shared clock is this far ahead of the main thread's, and that far of the frame thread's. */
const MAIN_STARTED_AT_MS = 1000;
const THREAD_STARTED_AT_MS = 1600;

/** Two threads' clocks differ by microseconds, unless a busy machine interrupts every try to compare them. */
const CLOCK_ERROR_MS = 100;

const ARMED = 7;
const ARMED_AGAIN = 8;

/** Both ends as two threads have them, and the time of the main thread, which stands still until the test moves it. */
function ends(): { main: CaptureTrigger; frameThread: CaptureTrigger; setTime: (mainMs: number) => void } {
  let mainMs = 5000;
  const sharedMs = (): number => mainMs + MAIN_STARTED_AT_MS;
  const main = new CaptureTrigger(undefined, { ownMs: () => mainMs, sharedMs });
  const ownMs = (): number => sharedMs() - THREAD_STARTED_AT_MS;
  return {
    main,
    frameThread: new CaptureTrigger(main.buffer, { ownMs, sharedMs }),
    setTime: (ms) => {
      mainMs = ms;
    },
  };
}

test('damage is captured once for each time that it was armed', () => {
  const { main, frameThread, setTime } = ends();
  assert.equal(frameThread.take(), undefined);
  main.arm(ARMED, 0);
  setTime(6000);
  assert.equal(frameThread.take(), ARMED);
  setTime(7000);
  assert.equal(main.takenAtMs, 6000);
  assert.equal(frameThread.take(), undefined);
  assert.equal(main.callOff(), false, 'too late');
  main.arm(ARMED_AGAIN, 0);
  assert.equal(frameThread.take(), ARMED_AGAIN);
  assert.equal(main.takenAtMs, 7000);
});

test('a capture that is called off captures no damage', () => {
  const { main, frameThread } = ends();
  main.arm(ARMED, 0);
  assert.equal(main.callOff(), true);
  assert.equal(frameThread.take(), undefined);
});

test('damage taken while the main thread replaces one armed capture by another answers the second one', (t) => {
  const { main, frameThread } = ends();
  main.arm(ARMED, 0);
  const exchange = Atomics.compareExchange;
  let isReplaced = false;
  // The main thread comes in between the frame thread's reading of the state and its exchange.
  t.mock.method(Atomics, 'compareExchange', (...options: Parameters<typeof exchange>) => {
    if (!isReplaced) {
      isReplaced = true;
      assert.equal(main.callOff(), true);
      main.arm(ARMED_AGAIN, 0);
    }
    return exchange(...options);
  });
  assert.equal(frameThread.take(), ARMED_AGAIN);
});

test('damage before the time of an armed capture is only reported, and the capture stays armed', () => {
  const { main, frameThread, setTime } = ends();
  main.arm(ARMED, 6000);
  setTime(5999);
  assert.equal(frameThread.take(), undefined);
  setTime(6000);
  assert.equal(frameThread.take(), ARMED);
});

test('a thread that is interrupted while it reads the two clocks still knows how far they differ', () => {
  for (const interruptions of [[0], [1], [0, 1, 3], [0, 1, 2, 5], [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]) {
    let ownMs = 5000;
    let readings = 0;
    const read = (): number => {
      // Reading takes no time, but for the interruptions.
      if (interruptions.includes(readings++)) ownMs += 40;
      return ownMs;
    };
    const clocks: TriggerClocks = { ownMs: read, sharedMs: () => read() + MAIN_STARTED_AT_MS };
    const main = new CaptureTrigger(undefined, clocks);
    main.arm(ARMED, 0);
    const takenAtMs = ownMs;
    main.take();
    assert.equal(main.takenAtMs, takenAtMs, `interrupted at reading ${interruptions}`);
  }
});

test('one of two threads decides about each damage, and both count the same time', async () => {
  const main = new CaptureTrigger();
  const module = new URL('./capture-trigger.ts', import.meta.url).href;
  const script = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { CaptureTrigger } = await import(${JSON.stringify(module)});
    const trigger = new CaptureTrigger(workerData.trigger);
    const turn = new Int32Array(workerData.turn);
    let taken = 0;
    for (let round = 1; round <= workerData.rounds; round++) {
      while (Atomics.load(turn, 0) < round);
      if (trigger.take() === round) taken++;
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
    main.arm(round, 0);
    Atomics.store(turns, 0, round);
    if (round % 3 === 0) for (let i = 0; i < round % 100; i++) Atomics.load(turns, 0);
    else while (Atomics.load(turns, 1) < round);
    const off = main.callOff();
    while (Atomics.load(turns, 1) < round);
    if (off) calledOff++;
    else
      assert.ok(
        main.takenAtMs >= before - CLOCK_ERROR_MS && main.takenAtMs <= performance.now() + CLOCK_ERROR_MS,
      );
  }
  assert.equal((await answer) + calledOff, rounds);
  await worker.terminate();
});

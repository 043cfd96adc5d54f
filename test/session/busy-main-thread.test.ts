import { after, before, test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type Child, forkChild } from '../../bench/ipc.ts';
import { ADA, ContractServer, EVE } from '../api/contract-server.ts';
import type { DrawingViewerCalls } from '../support/drawing-viewer-process.ts';
import { passesOnce } from '../support/limits.ts';
import { CONTINUOUS } from '../support/memory-viewer.ts';
import { leastFreeNumber } from '../support/rated-viewers.ts';
import { Slowness } from '../support/slowness.ts';
import { waitFor } from '../support/wait-for.ts';

// A server whose main thread is busy, with a viewer without loss in another process, which takes all bytes at once.

const SIZE = { width: 640, height: 480 };
/**
 * Work in each turn of the main thread, in milliseconds: as long as on a machine that is overloaded. An update takes four
 * turns, in which the next frame is ready.
 */
const TURN_MS = 25;
const FRAME_MS = 20;
/** Frames of one check. They are most of those of the ten seconds that the current numbers cover. */
const FRAMES = 150;

let server: ContractServer;
let viewer: Child<DrawingViewerCalls>;

before(async () => {
  server = await ContractServer.start({ maxSize: SIZE });
  await server.desktop.resize(SIZE);
  viewer = forkChild<DrawingViewerCalls>(new URL('../support/drawing-viewer-process.ts', import.meta.url));
  const target = { url: server.url, ca: server.ca, user: EVE };
  await viewer.calls.connect({ target, encodings: CONTINUOUS, updates: 'continuous' });
});
after(async () => {
  await viewer?.close();
  await server?.close();
});

/** Keeps this thread, which is the server's main thread, busy in each turn of the event loop. */
function keepBusy(): { stop(): Promise<void> } {
  let isOn = true;
  const over = (async () => {
    while (isOn) {
      const endMs = performance.now() + TURN_MS;
      while (performance.now() < endMs);
      await nextTurn();
    }
  })();
  return {
    stop: () => {
      isOn = false;
      return over;
    },
  };
}

/** Pixels that no encoding makes small. */
function noise(seed: number): Uint32Array {
  let state = seed | 1;
  return Uint32Array.from({ length: SIZE.width * SIZE.height }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  });
}

test('bytes that wait for a turn of a busy main thread do not lower the network number', async (t) => {
  const pictures = [noise(1), noise(2)];
  const updates = async (): Promise<number> => (await viewer.calls.seen()).updates;
  await passesOnce(async () => {
    const slowness = [new Slowness(process.pid), new Slowness(viewer.pid)];
    const before = await updates();
    const busy = keepBusy();
    try {
      for (let frame = 0; frame < FRAMES; frame++) {
        server.desktop.paint({ x: 0, y: 0, ...SIZE }, pictures[frame % 2]!);
        await sleep(FRAME_MS);
      }
    } finally {
      await busy.stop();
    }
    await waitFor('updates', async () => (await updates()) > before + 10);
    const stats = (await server.client(ADA).get('/api/get_bottleneck_stats')).json();
    const [[cpu, , network]] = Object.values(stats.eve) as [number[]];
    t.diagnostic(`CPU ${cpu}, network ${network} after ${(await updates()) - before} updates`);
    return network! >= leastFreeNumber(slowness) ? undefined : `the network number is ${network}`;
  });
});

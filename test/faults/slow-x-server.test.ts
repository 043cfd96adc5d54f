import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpsClient } from '../support/https-client.ts';
import { least, withSlack } from '../support/limits.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { xServerPid } from '../support/x-server-pid.ts';

const FPS = 20;
/** Time for which a slow X server runs and stands, in turn, in ms. */
const RUNS_MS = 100;
const STANDS_MS = 300;
const ROUNDS = 10;
/** Time for which the X server is stopped: shorter than the time after which it counts as hung. */
const STOPPED_MS = 3_000;
/** Longest answer to what needs no X server, in ms. */
const ANSWER_MS = 100;

let server: RunningDeskwire;
let api: HttpsClient;
let picture: MovingPicture;
let viewer: Viewer;
let xServer: number;

before(async () => {
  server = await startDeskwire({ flags: ['--size', '640x480', '--run', 'true'] });
  api = new HttpsClient(server.url, server.ca, server.owner);
  picture = await MovingPicture.start(server, FPS);
  viewer = await Viewer.connectWebSocket(
    { url: server.url, ca: server.ca, user: server.owner },
    { decode: false },
  );
  xServer = xServerPid(server.pid)!;
});
after(async () => {
  viewer?.destroy();
  api?.close();
  await picture?.close();
  await server?.stop();
});

/** Lets the X server stand still, and run again whatever happens. */
async function whileStopped(work: () => Promise<unknown>): Promise<void> {
  process.kill(xServer, 'SIGSTOP');
  try {
    await work();
  } finally {
    process.kill(xServer, 'SIGCONT');
  }
}

/** Waits until the viewer is sent so many more updates. */
async function moreUpdates(count: number): Promise<void> {
  let updates = 0;
  const counted = (): void => void updates++;
  viewer.on('update', counted);
  try {
    await waitFor(`${count} updates`, () => updates >= count);
  } finally {
    viewer.off('update', counted);
  }
}

test('a viewer of a slow X server is sent what there is, and stays connected', async () => {
  await moreUpdates(5);
  const updates = moreUpdates(ROUNDS / 2);
  for (let round = 0; round < ROUNDS; round++) {
    await whileStopped(() => sleep(STANDS_MS));
    await sleep(RUNS_MS);
  }
  await updates;
  assert.equal(viewer.closedReason, undefined);
  assert.doesNotMatch(server.output().stderr, /"level":(50|60)/);
});

test('while the X server is stopped, viewers and statistics are answered, and pictures come again afterwards', async () => {
  await whileStopped(async () => {
    const resumesAtMs = performance.now() + STOPPED_MS;
    await least(withSlack(ANSWER_MS), async () => {
      const startMs = performance.now();
      await viewer.roundTrip();
      assert.equal((await api.get('/api/get_bottleneck_stats')).status, 200);
      assert.equal((await api.get('/api/get_users')).status, 200);
      return performance.now() - startMs;
    });
    await sleep(Math.max(0, resumesAtMs - performance.now()));
  });
  await moreUpdates(5);
  assert.equal(viewer.closedReason, undefined);
  assert.equal(xServerPid(server.pid), xServer, 'the X server was not replaced');
});

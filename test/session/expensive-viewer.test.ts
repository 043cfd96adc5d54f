import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, forkChild } from '../../bench/ipc.ts';
import * as wire from '../../src/protocol/constants.ts';
import type { PixelFormat } from '../../src/protocol/pixel-format.ts';
import { writeClientMessage } from '../../src/protocol/write-client-message.ts';
import type { FlooderCalls } from '../support/flooder.ts';
import { HttpsClient } from '../support/https-client.ts';
import { withSlack } from '../support/limits.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { RGB565 } from '../support/pixel-formats.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';

const SIZE = { width: 1920, height: 1080 };
const FPS = 30;
/** Most by which a viewer's settings may delay the frames of others, in milliseconds. */
const MOST_DELAY_MS = 50;
const WATCH_MS = 2500;
/** Times that the delay is measured at most. Other work on the machine delays frames, too. */
const ATTEMPTS = 4;
/** More connections of one user take longer without the budget, so that the test tells the two apart. */
const CONNECTIONS = 16;

const GUEST = { name: 'guest', password: 'may only look' };

let server: RunningDeskwire;
let picture: MovingPicture;
let bystander: Viewer;
let flooder: Child<FlooderCalls>;

before(async () => {
  server = await startDeskwire({
    flags: ['--size', `${SIZE.width}x${SIZE.height}`, '--video-area', '100', '--run', 'true'],
  });
  const api = new HttpsClient(server.url, server.ca, server.owner);
  const { status } = await api.get(
    `/api/create_user?name=${GUEST.name}&password=${encodeURIComponent(GUEST.password)}&read=true`,
  );
  api.close();
  assert.equal(status, 200);
  picture = await MovingPicture.start(server, FPS);
  bystander = await Viewer.connectWebSocket(
    { url: server.url, ca: server.ca, user: server.owner },
    { decode: false },
  );
  flooder = forkChild<FlooderCalls>(new URL('../support/flooder.ts', import.meta.url));
});

after(async () => {
  await flooder?.close();
  await bystander?.close();
  await picture?.close();
  await server?.stop();
});

/** 16 bits big-endian, at zlib's level 9, with colours in places that no other connection has them in. */
function openingOf(index: number): Uint8Array {
  const format: PixelFormat = {
    ...RGB565,
    bigEndian: true,
    redShift: index % 8,
    greenShift: 2 + (index >> 3),
  };
  return Buffer.concat([
    writeClientMessage({ type: 'setPixelFormat', format }, 'standard'),
    writeClientMessage(
      {
        type: 'setEncodings',
        encodings: [wire.ENCODING_TIGHT, wire.PSEUDO_COMPRESSION_FIRST + 9, wire.PSEUDO_CONTINUOUS_UPDATES],
      },
      'standard',
    ),
    writeClientMessage({ type: 'enableContinuousUpdates', on: true, x: 0, y: 0, ...SIZE }, 'standard'),
  ]);
}

/** By how much the bystander's latest frame came late while `work` was under way. */
async function lateness(work: () => Promise<unknown>): Promise<number> {
  let [longestMs, lastAtMs] = [0, performance.now()];
  const count = (): void => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastAtMs);
    lastAtMs = nowMs;
  };
  bystander.on('update', count);
  await work();
  bystander.off('update', count);
  return Math.max(0, longestMs - 1000 / FPS);
}

test('viewers whose settings cost much encoder time make the frames of others late by little', async () => {
  const openings = Array.from({ length: CONNECTIONS }, (_, i) => openingOf(i));
  const target = { url: server.url, ca: server.ca, user: GUEST };
  let leastMs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && leastMs > withSlack(MOST_DELAY_MS); attempt++) {
    const withoutMs = await lateness(() => sleep(WATCH_MS));
    let bytes = 0;
    const withMs = await lateness(async () => {
      bytes = await flooder.calls.watch({ target, openings, ms: WATCH_MS });
    });
    assert.ok(bytes > 1e6, `${bytes} bytes were sent to the expensive viewers`);
    console.log(
      `# ${withoutMs.toFixed(0)} ms late, with them ${withMs.toFixed(0)} ms; ${bytes / 1e6} MB sent`,
    );
    leastMs = Math.min(leastMs, withMs - withoutMs);
  }
  assert.ok(leastMs <= withSlack(MOST_DELAY_MS), `${leastMs} ms`);
});

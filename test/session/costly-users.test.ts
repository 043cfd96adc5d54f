import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type Child, forkChild } from '../../bench/ipc.ts';
import * as wire from '../../src/protocol/constants.ts';
import type { PixelFormat } from '../../src/protocol/pixel-format.ts';
import type { CostlyViewer, CostlyViewersCalls } from '../support/costly-viewers-process.ts';
import { HttpsClient } from '../support/https-client.ts';
import { passesOnce } from '../support/limits.ts';
import { CONTINUOUS } from '../support/memory-viewer.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { ODD_FORMATS } from '../support/pixel-formats.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import type { WebSocketTarget } from '../support/transport-websocket.ts';
import { describeWatched, type Watched, watchBeside } from '../support/watch-beside.ts';

// Users whose viewers cost much encoder time: a full screen of film without loss, at zlib's level 9, each viewer in a
// pixel format that no other one has. Two ordinary users watch the same film, in which each frame has its number.

const SIZE = { width: 1920, height: 1080 };
const FPS = 15;
const FORMATS = ODD_FORMATS.slice(0, 12);
const LEVEL_9 = [...CONTINUOUS, wire.PSEUDO_COMPRESSION_FIRST + 9];

/** Milliseconds by which frames of other users' viewers may be later than without the costly users. */
const LATER_MS = 50;
/**
 * Factor by which the test multiplies it, besides the factor by which the server waits for cores. Without that one, it
 * would have to be larger: withSlack. Half of the frames were 30 to 70 ms later, and 400 to 600 ms if the time that
 * costly users take is not bounded.
 */
const SLACK = 3;
/** Frames that each viewer sees while it is watched, at the place that sees the fewest. */
const FRAMES = 5;

const MANY = 8;
const NAMES = ['bob', ...Array.from({ length: MANY }, (_, i) => `eve${i}`)];

let server: RunningDeskwire;
let picture: MovingPicture;
let costly: Child<CostlyViewersCalls>;

before(async () => {
  server = await startDeskwire({ flags: ['--size', `${SIZE.width}x${SIZE.height}`, '--run', 'true'] });
  const client = new HttpsClient(server.url, server.ca, server.owner);
  for (const name of NAMES) {
    const query = new URLSearchParams({ ...userOf(name), read: 'true' });
    assert.equal((await client.get(`/api/create_user?${query}`)).status, 200);
  }
  client.close();
  picture = await MovingPicture.start(server, FPS, 'video');
  costly = forkChild<CostlyViewersCalls>(new URL('../support/costly-viewers-process.ts', import.meta.url));
});
after(async () => {
  await costly?.close();
  await picture?.close();
  await server?.stop();
});

const userOf = (name: string) => ({ name, password: `password of ${name}` });

const targetOf = (name: string): WebSocketTarget => ({
  url: server.url,
  ca: server.ca,
  user: name === server.owner.name ? server.owner : userOf(name),
});

const viewerOf = (name: string, format: PixelFormat): CostlyViewer => ({
  target: targetOf(name),
  format,
  encodings: LEVEL_9,
});

/** Has two ordinary users watch for a while beside such viewers. */
const see = (beside: readonly CostlyViewer[]): Promise<Watched> =>
  watchBeside(
    { serverPid: server.pid, picture, fps: FPS, costly, frames: FRAMES },
    [server.owner.name, 'bob'].map(targetOf),
    beside,
  );

suite('frames of two ordinary users', () => {
  for (const { what, viewers } of [
    {
      what: 'a user with 12 costly viewers',
      viewers: () => FORMATS.map((format) => viewerOf('eve0', format)),
    },
    {
      what: 'two users with the same 12 costly viewers',
      viewers: () => FORMATS.flatMap((format) => ['eve0', 'eve1'].map((name) => viewerOf(name, format))),
    },
    {
      what: `${MANY} users with one costly viewer each`,
      viewers: () => FORMATS.slice(0, MANY).map((format, i) => viewerOf(`eve${i}`, format)),
    },
  ]) {
    test(`frames come at most ${LATER_MS} ms later to the viewers of two users beside ${what}`, async (t) => {
      await passesOnce(async () => {
        const alone = await see([]);
        const beside = await see(viewers());
        for (const [where, watched] of Object.entries({ alone, beside }))
          t.diagnostic(`${where}: ${describeWatched(watched)}`);
        const laterMs = beside.seen.p50Ms - alone.seen.p50Ms;
        const mostMs = LATER_MS * SLACK * beside.slowness;
        return laterMs <= mostMs
          ? undefined
          : `half of the frames come ${Math.round(laterMs)} ms later or more; the limit is ${Math.round(mostMs)}`;
      });
    });
  }
});

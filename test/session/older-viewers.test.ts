import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type Child, forkChild } from '../../bench/ipc.ts';
import * as wire from '../../src/protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import type { CostlyViewer, CostlyViewersCalls } from '../support/costly-viewers-process.ts';
import { HttpsClient } from '../support/https-client.ts';
import { passesOnce } from '../support/limits.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { BGR233, RGB565 } from '../support/pixel-formats.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { describeWatched, type Film, watchBeside } from '../support/watch-beside.ts';
import { rfbPortOf } from '../viewers/native-viewer.ts';

// Viewers at the RFB port that have nothing better than ZRLE, Hextile, zlib or Raw, beside an ordinary viewer of a film.

const SIZE = { width: 1280, height: 720 };
const FPS = 30;
const FRAMES = 30;
const ERIN = { name: 'erin', password: 'erin-secret' };

/**
 * Milliseconds by which half of the frames of an ordinary viewer may be later than without the older ones, beside one
 * and beside several. The test multiplies it by the factor by which the server waits for cores. Beside other programs,
 * frames were later by 1 ms and 2 to 7 ms times that factor; if older encodings are not in the background, by 11 ms and
 * 25 to 35 ms.
 */
const LATER_MS = { one: 10, several: 15 };

/** Encodings of TigerVNC's viewer on a fast link. */
const TIGER_ZRLE = [wire.ENCODING_ZRLE, wire.PSEUDO_COMPRESSION_FIRST + 2, wire.PSEUDO_LAST_RECT];

let server: RunningDeskwire;
let picture: MovingPicture;
let costly: Child<CostlyViewersCalls>;

before(async () => {
  const flags = ['--size', `${SIZE.width}x${SIZE.height}`, '--rfb-port', '0', '--run', 'true'];
  server = await startDeskwire({ flags });
  const client = new HttpsClient(server.url, server.ca, server.owner);
  const query = new URLSearchParams({ ...ERIN, read: 'true' });
  assert.equal((await client.get(`/api/create_user?${query}`)).status, 200);
  client.close();
  picture = await MovingPicture.start(server, FPS, 'video');
  costly = forkChild<CostlyViewersCalls>(new URL('../support/costly-viewers-process.ts', import.meta.url));
});
after(async () => {
  await costly?.close();
  await picture?.close();
  await server?.stop();
});

const viewerOf = (
  encodings: readonly number[],
  format = SERVER_PIXEL_FORMAT,
  login: typeof ERIN = ERIN,
): CostlyViewer => ({
  target: { port: rfbPortOf(server), ca: server.ca, login },
  encodings,
  format,
});

suite('frames of an ordinary viewer beside viewers with older encodings', () => {
  for (const { what, limitMs, viewers } of [
    {
      what: 'a viewer of another user with ZRLE',
      limitMs: LATER_MS.one,
      viewers: () => [viewerOf(TIGER_ZRLE)],
    },
    {
      what: 'viewers of another user with ZRLE, Hextile of 16 bits, zlib of 8 bits and Raw',
      limitMs: LATER_MS.several,
      viewers: () => [
        viewerOf(TIGER_ZRLE),
        viewerOf([wire.ENCODING_HEXTILE], RGB565),
        viewerOf([wire.ENCODING_ZLIB], BGR233),
        viewerOf([wire.ENCODING_RAW]),
      ],
    },
    {
      what: 'viewers of the same user with ZRLE and Hextile',
      limitMs: LATER_MS.several,
      viewers: () => [
        viewerOf(TIGER_ZRLE, SERVER_PIXEL_FORMAT, server.owner),
        viewerOf([wire.ENCODING_HEXTILE], RGB565, server.owner),
      ],
    },
  ]) {
    test(`half of the frames of a film come at most ${limitMs} ms later beside ${what}`, async (t) => {
      const film: Film = { serverPid: server.pid, picture, fps: FPS, costly, frames: FRAMES };
      const ordinary = [{ url: server.url, ca: server.ca, user: server.owner }];
      await passesOnce(async () => {
        const alone = await watchBeside(film, ordinary, []);
        const beside = await watchBeside(film, ordinary, viewers());
        for (const [where, watched] of Object.entries({ alone, beside }))
          t.diagnostic(`${where}: ${describeWatched(watched)}`);
        const laterMs = beside.seen.p50Ms - alone.seen.p50Ms;
        const mostMs = limitMs * beside.slowness;
        return laterMs <= mostMs
          ? undefined
          : `half of the frames come ${Math.round(laterMs)} ms later or more; the limit is ${Math.round(mostMs)}`;
      });
    });
  }
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as wire from '../../src/protocol/constants.ts';
import { DrawingViewer } from '../support/drawing-viewer.ts';
import { IpLink, whyNoIpLinks } from '../support/ip-link.ts';
import { passesOnce } from '../support/limits.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { leastFreeNumber } from '../support/rated-viewers.ts';
import { Slowness } from '../support/slowness.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { STANDARD_ENCODINGS, Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

// A viewer that answers no fences, as those made with libvncclient, and requests each update when it has drawn the one
// before. Only the kernel tells whether its link or itself is slow.

const FPS = 30;
const NO_FENCES = STANDARD_ENCODINGS.filter(
  (encoding) => encoding !== wire.PSEUDO_FENCE && encoding !== wire.PSEUDO_CONTINUOUS_UPDATES,
);
/** Links with a round trip of 10 ms, at 200 and at 2 Mbit/s. */
const linkOf = (mbit: number) => ({
  down: { bytesPerSecond: mbit * 125_000, delayMs: 5 },
  up: { delayMs: 5 },
});
const FAST = linkOf(200);
const SLOW = linkOf(2);

const FALLS_MS = 10_000;
const RECOVERS_MS = 15_000;
const DRAW_MS = 200;
const WATCHED_MS = 3_000;

const noLinks = await whyNoIpLinks();

let link: IpLink;
let server: RunningDeskwire;
let film: MovingPicture;
let viewer: Viewer;
let drawing: DrawingViewer;

before(async () => {
  if (noLinks) return;
  link = await IpLink.open(FAST);
  server = await startDeskwire({
    flags: ['--size', '800x600', '--run', 'true', '--listen', link.addresses.server],
  });
  film = await MovingPicture.start(server, FPS, 'video');
  const url = `https://${link.addresses.serverOverLink}:${server.port}/`;
  viewer = await Viewer.connectWebSocket(
    { url, ca: server.ca, user: server.owner, servername: 'localhost' },
    { encodings: NO_FENCES, updates: 'none', decode: false },
  );
  drawing = new DrawingViewer(viewer);
  viewer.requestUpdate(false);
});
after(async () => {
  await viewer?.close();
  await film?.close();
  await server?.stop();
  await link?.close();
});

/** What the server says of this viewer, asked as KasmVNC's page asks. */
async function numbers(): Promise<{ cpu: number; network: number }> {
  const answer = viewer.waitForMessage('bottleneckStats');
  viewer.send({ type: 'requestBottleneckStats' });
  const [cpu = 0, , network = 0] = JSON.parse((await answer).text) as number[];
  return { cpu, network };
}

test('without fences, a slow link still shows in the network number, and a viewer that draws slowly does not', {
  skip: noLinks ?? false,
}, async (t) => {
  await waitFor('a picture', () => drawing.updates > 5);
  await passesOnce(async () => {
    const slowness = [new Slowness(server.pid), new Slowness(process.pid)];
    const isFree = async () => (await numbers()).network >= leastFreeNumber(slowness);
    await link.become(FAST);
    await waitFor('a free link', isFree, RECOVERS_MS);
    drawing.drawMs = DRAW_MS;
    await sleep(WATCHED_MS);
    const drawn = await numbers();
    drawing.drawMs = 0;
    t.diagnostic(`takes ${DRAW_MS} ms to draw: ${JSON.stringify(drawn)}`);
    assert.ok(drawing.updates > 5);
    if (drawn.network < leastFreeNumber(slowness))
      return `network ${drawn.network} of a viewer that draws slowly`;
    await link.become(SLOW);
    const isSlow = await waitFor('a slow link', async () => (await numbers()).network < 5, FALLS_MS).catch(
      () => false,
    );
    t.diagnostic(`a link of 2 Mbit/s: ${JSON.stringify(await numbers())}`);
    if (!isSlow) return 'the slow link does not show';
    await link.become(FAST);
    const hasRecovered = await waitFor('the recovered link', isFree, RECOVERS_MS).catch(() => false);
    return hasRecovered ? undefined : 'the recovered link counts as slow';
  });
});

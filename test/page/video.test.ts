import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { difference } from '../support/compare-pictures.ts';
import { HttpsClient } from '../support/https-client.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { paintTestCard } from '../support/test-card.ts';
import { waitFor } from '../support/wait-for.ts';
import { openPage, pictureInX, pictureOf } from './open-page.ts';

/**
 * Mean error allowed at JPEG 86 with full chroma, which the page asks for. A picture that was scaled down and up
 * again exceeds it.
 */
const MEAN_JPEG_ERROR = 3;

let server: RunningDeskwire;
let browser: Browser;
let page: Page;

before(async () => {
  const video = ['--video-time', '0', '--video-out-time', '1', '--max-video-resolution', '320x240'];
  [server, browser] = await Promise.all([
    startDeskwire({ flags: ['--size', '640x480', '--run', 'exec sleep 1000', ...video] }),
    launchChromium(),
  ]);
  page = await openPage(browser, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('the page shows video scaled up while it plays, and a sharp screen after it', async () => {
  const api = new HttpsClient(server.url, server.ca, server.owner);
  const scalingUs = async (): Promise<number> => {
    const answer = await api.get('/api/get_frame_stats?client=none');
    assert.equal(answer.status, 200, answer.text());
    // biome-ignore lint/suspicious/noExplicitAny: the next line asserts what it is.
    const total = answer.json().server_side.find((entry: any) => entry.process_name === 'Encoding_total');
    assert.ok(total.videoscaling_us <= total.time_us);
    return total.videoscaling_us;
  };
  assert.equal(await scalingUs(), 0);

  const picture = await MovingPicture.start(server, 25, 'video');
  try {
    await waitFor('video mode', async () => (await scalingUs()) > 0);
  } finally {
    await picture.close();
  }
  await paintTestCard(server.xEnvironment(), server.size);
  const real = await pictureInX(server);
  await waitFor(
    'the sharp screen',
    async () => difference(await pictureOf(page), real).mean < MEAN_JPEG_ERROR,
  );
  await waitFor('the end of video mode', async () => (await scalingUs()) === 0);
  api.close();
});

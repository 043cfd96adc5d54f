import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Size } from '../../src/pixels/rect.ts';
import { launchChromium } from '../client/browser.ts';
import { x } from '../desktop/support.ts';
import { difference } from '../support/compare-pictures.ts';
import { HttpsClient } from '../support/https-client.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { PHOTO_AT_X, paintTestCard } from '../support/test-card.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { openPage, pictureInX, pictureOf } from './open-page.ts';

/** Mean error allowed for a photo at JPEG 86 with full chroma, which the page asks for. */
const MEAN_JPEG_ERROR = 5;

let server: RunningDeskwire;
let browser: Browser;
let page: Page;

before(async () => {
  [server, browser] = await Promise.all([
    startDeskwire({ flags: ['--size', '640x480', '--max-size', '1280x960', '--run', 'exec sleep 1000'] }),
    launchChromium(),
  ]);
  page = await openPage(browser, server);
  await page.evaluate(COUNT_JPEGS);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Counts the JPEG pictures that the page decodes from now on. */
const COUNT_JPEGS = `(() => {
  globalThis.ImageDecoder = class extends ImageDecoder {
    constructor(options) {
      super(options);
      if (options.type === 'image/jpeg') globalThis.jpegs++;
    }
  };
})()`;

/**
 * Paints the card. Resolves once the page shows what X shows: flat colours exactly, the photo within JPEG’s error. On a
 * busy machine the test may see the photo only when it has become exact, so that it counts JPEG pictures.
 */
async function showTheCard(size: Size): Promise<void> {
  await page.evaluate('globalThis.jpegs = 0');
  await paintTestCard(server.xEnvironment(), size);
  const real = await pictureInX(server);
  await waitFor('the card on the page', async () => {
    const shown = await pictureOf(page);
    if (shown.width !== real.width || shown.height !== real.height) return false;
    const flat = difference(shown, real, 0, PHOTO_AT_X);
    return flat.worst === 0 && difference(shown, real, PHOTO_AT_X).mean <= MEAN_JPEG_ERROR;
  });
  assert.ok((await page.evaluate<number>('globalThis.jpegs')) > 0, 'the photo was sent as JPEG');
}

async function becomesExact(): Promise<void> {
  const real = await pictureInX(server);
  const isExact = async () => difference(await pictureOf(page), real, 0).worst === 0;
  await waitFor('the exact card on the page', isExact);
}

test('the page shows flat colours exactly, and a photo within JPEG’s error', () => showTheCard(server.size));

test('a still screen becomes exact in the end, photos too', () => becomesExact());

test('the page follows a resize by a program and a resize by a viewer', async () => {
  const env = server.xEnvironment();
  const hasSize = (width: number, height: number) =>
    waitFor(`${width}x${height}`, async () => {
      const shown = await pictureOf(page);
      return shown.width === width && shown.height === height;
    });

  const viewer = await Viewer.connectWebSocket({ ...server, user: server.owner });
  viewer.requestSize({ width: 801, height: 603 });
  await hasSize(801, 603);
  assert.match(await x(env, 'xrandr', '--current'), /current 801 x 603/);
  await showTheCard({ width: 801, height: 603 });
  await viewer.close();

  await x(env, 'xrandr', '--size', '640x480');
  await hasSize(640, 480);
  await showTheCard({ width: 640, height: 480 });
});

test('the toolbar’s switch resizes the desktop to the window', async () => {
  await page.setViewportSize({ width: 700, height: 500 });
  const toggleMatch = async () => {
    await page.keyboard.press('Control+Alt+Shift+M');
    await page.click('#view-panel');
    await page.click('#match');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  };
  await toggleMatch();
  await waitFor('700x500', async () => {
    const { width, height } = await pictureInX(server);
    return width === 700 && height === 500;
  });
  await page.setViewportSize({ width: 720, height: 512 });
  // After a click on the toolbar, the desktop has the keyboard again.
  assert.equal(await page.evaluate('document.activeElement.id'), 'keys');
  await waitFor('720x512', async () => (await pictureOf(page)).width === 720);
  await toggleMatch();
  await showTheCard({ width: 720, height: 512 });
});

test('frame stats contain this page’s own measurements', async () => {
  // On a still screen the whole picture is measured.
  await becomesExact();
  const client = new HttpsClient(server.url, server.ca, server.owner);
  // Measured again if the page or its answer to a fence was held up.
  const side = await waitFor('a measurement of an idle page', async () => {
    const startMs = performance.now();
    const answer = await client.get('/api/get_frame_stats?client=auto');
    const elapsedUs = (performance.now() - startMs) * 1000;
    assert.equal(answer.status, 200, answer.text());
    const { client_side: sides, frame } = answer.json();
    assert.deepEqual([frame.resx, frame.resy], [720, 512]);
    return (
      sides.length === 1 && sides[0].client_time_us <= elapsedUs && sides[0].ping_us < 1_000_000 && sides[0]
    );
  });
  assert.match(side.client, /^127\.0\.0\.1_\d+\.\d{6}::websocket$/);
  assert.ok(side.client_time_us > 100, `${side.client_time_us} µs`);
  assert.ok(side.ping_us > 10, `${side.ping_us} µs`);
  const [render] = side.processes;
  assert.equal(render.process_name, 'scanRenderQ');
  assert.ok(render.time_us > 0 && render.time_us <= side.client_time_us);
  client.close();
});

// The panel for statistics: whose link can't keep up, and which step of a frame takes long.
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { createRandom } from '../../bench/painter/random.ts';
import * as wire from '../../src/protocol/constants.ts';
import { ADA, EVE } from '../api/contract-server.ts';
import { DrawingViewer } from '../support/drawing-viewer.ts';
import { CONTINUOUS } from '../support/memory-viewer.ts';
import { ThrottledProxy } from '../support/throttled-proxy.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { closePanel, openPanel, PageDesk } from './page-desk.ts';

const SIZE = { width: 320, height: 200 };
/** A link of 0.4 Mbit/s, which one frame of noise without loss blocks for seconds. */
const SLOW_BYTES_PER_SECOND = 50_000;
/** Milliseconds between two frames that the test paints. */
const FRAME_MS = 100;

let desk: PageDesk;
const random = createRandom(5);

before(async () => {
  desk = await PageDesk.start();
});
after(() => desk?.close());

/** Paints noise until the test ends. */
function film(t: TestContext): void {
  const timer = setInterval(() => {
    const noise = Uint32Array.from({ length: SIZE.width * SIZE.height }, () => random() * 0x1000000);
    desk.server.desktop.paint({ x: 0, y: 0, ...SIZE }, noise);
  }, FRAME_MS);
  t.after(() => clearInterval(timer));
}

const verdicts = (page: Page): Locator => page.locator('.verdict');
const row = (page: Page, user: string): Locator =>
  page.locator('.viewers tbody tr').filter({ hasText: user });

/** Numbers in the cells of a viewer. */
async function numbersOf(page: Page, user: string): Promise<number[]> {
  const cells = await row(page, user).locator('td').allTextContents();
  return cells.map((text) => Number.parseFloat(text));
}

test('an owner reads whose link can’t keep up, and sees the steps of frames', async (t) => {
  await desk.server
    .client(ADA)
    .post('/api/create_user', [{ user: 'fred', password: 'fred-secret', read: true }]);
  const proxy = await ThrottledProxy.open(Number(new URL(desk.server.url).port), {
    down: { bytesPerSecond: SLOW_BYTES_PER_SECOND },
  });
  const target = {
    url: `https://127.0.0.1:${proxy.port}/`,
    ca: desk.server.ca,
    user: { name: 'fred', password: 'fred-secret' },
  };
  t.after(() => proxy.close());
  const fred = await Viewer.connectWebSocket(target, { encodings: [...CONTINUOUS, wire.PSEUDO_DESKWIRE] });
  new DrawingViewer(fred);
  const page = await desk.open();
  t.after(() => page.context().close());
  film(t);
  await openPanel(page, 'statistics-panel');
  // On a busy machine, the server cannot keep up either.
  await verdicts(page)
    .filter({ hasText: /^fred’s link can’t keep up[.,]/ })
    .waitFor();
  const [fps, bandwidth, , , network] = await numbersOf(page, 'fred');
  assert.ok(network! < 5 && fps! < 10 && bandwidth! < 1, `${fps} ${bandwidth} ${network}`);
  await row(page, 'ada').getByRole('radio').check();
  const ada = await numbersOf(page, 'ada');
  assert.ok(ada[0]! > 1 && ada[1]! > 0 && ada[2]! >= 0, ada.join(' '));

  const chart = page.locator('.chart');
  await waitFor('columns of frames', async () => (await chart.locator('svg rect').count()) > 6);
  assert.match(
    (await chart.getByRole('img').getAttribute('aria-label'))!,
    /^A frame took \d+ ms on average\./,
  );
  await chart.getByText('As a table').click();
  const cells = await chart.locator('tbody tr').filter({ hasText: 'Encode' }).locator('td').allTextContents();
  assert.ok(
    cells.every((text) => Number.parseFloat(text) > 0),
    cells.join(' '),
  );
  await fred.close();
  await row(page, 'fred').waitFor({ state: 'detached' });
});

test('watching the statistics of a still screen has no frame made for it', async (t) => {
  const page = await desk.open();
  t.after(() => page.context().close());
  const viewer = await desk.server.viewer(EVE, { encodings: [...CONTINUOUS, wire.PSEUDO_DESKWIRE] });
  t.after(() => viewer.close());
  const drawing = new DrawingViewer(viewer);
  await waitFor('the first picture', () => drawing.updates > 0);
  await openPanel(page, 'statistics-panel');
  await row(page, 'eve').waitFor();
  await viewer.roundTrip();
  const updates = drawing.updates;
  for (let look = 0; look < 2; look++) {
    const answer = await page.waitForResponse((response) => response.url().includes('get_next_frame_stats'));
    assert.equal(answer.status(), 204);
  }
  await viewer.roundTrip();
  assert.equal(drawing.updates, updates);
  await page.getByText('No frame was measured in the last minute').waitFor();
});

test('a user who is no owner sees the statistics of the own connection, and asks the API for nothing', async (t) => {
  const page = await desk.open(EVE);
  t.after(() => page.context().close());
  const calls: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/')) calls.push(request.url());
  });
  film(t);
  await openPanel(page, 'statistics-panel');
  await verdicts(page)
    .filter({ hasText: /\b[Yy]our\b|^The server|^This computer/ })
    .waitFor();
  const fact = async (name: string): Promise<number> => {
    const text = await page.locator('.facts div').filter({ hasText: name }).locator('dd').textContent();
    return Number.parseFloat(text!);
  };
  await waitFor('frames', async () => (await fact('Frames a second')) > 1);
  assert.ok((await fact('Bandwidth')) > 0);
  assert.ok((await fact('Latency')) >= 0);
  assert.equal(await page.locator('.viewers').isVisible(), false);
  assert.deepEqual(await page.locator('.legend span').allTextContents(), ['Link', 'Draw']);
  await waitFor('columns', async () => (await page.locator('.chart svg rect').count()) > 0);
  assert.deepEqual(calls, []);
  await closePanel(page);
});

// A page in a background tab asks for nothing, and is up to date soon after it is shown.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ENCODING_TIGHT } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import { endOfContinuousUpdates, updateHeader } from '../../src/protocol/server-messages.ts';
import { tightFill } from '../../src/protocol/tight.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';
import { HIDDEN_PAGE, setHidden } from './page-visibility.ts';

const SIZE = { width: 64, height: 48 };

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewer: PageViewer;

before(async () => {
  [browser, pages] = await Promise.all([launchChromium(), PageServer.start({ ...SIZE, name: 'Background' })]);
  page = await browser.newPage();
  await page.addInitScript(HIDDEN_PAGE);
  await page.goto(pages.url);
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
  viewer.send(endOfContinuousUpdates());
  await viewer.until('continuous updates', () => viewer.count('enableContinuousUpdates') === 1);
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

const grey = (level: number): Uint8Array[] => [
  updateHeader(1),
  rectHeader(0, 0, SIZE.width, SIZE.height, ENCODING_TIGHT),
  tightFill(Uint8Array.of(level, level, level)),
];

const asked = (): string[] =>
  viewer.received.flatMap((message) => {
    if (message.type === 'updateRequest') return message.incremental ? 'changes' : 'all';
    return message.type === 'enableContinuousUpdates' ? String(message.on) : [];
  });

const levelShown = (): Promise<number> =>
  page.evaluate(`document.querySelector('canvas').getContext('2d').getImageData(0, 0, 1, 1).data[0]`);

test('a hidden page stops updates, draws what is on its way, and asks for nothing', async () => {
  viewer.received.length = 0;
  await setHidden(page, true);
  await viewer.until('the end of updates', () => asked().length > 0);
  viewer.send(endOfContinuousUpdates());
  viewer.send(...grey(70));
  viewer.send(...grey(80));
  await viewer.roundTrip();
  await waitFor('the last update', async () => (await levelShown()) === 80);
  await viewer.roundTrip();
  assert.deepEqual(asked(), ['false']);
});

test('a page that is shown again asks at once, for as many updates as it has drawn unseen', async () => {
  viewer.received.length = 0;
  await setHidden(page, false);
  await viewer.until('the requests', () => asked().length >= 3);
  await viewer.roundTrip();
  assert.deepEqual(asked(), ['true', 'changes', 'changes']);
  await viewer.show(...grey(90));
  assert.equal(await levelShown(), 90);
});

test('a page that is opened in the background shows one picture, and asks for more when it is shown', async () => {
  const other = await browser.newPage();
  await other.addInitScript(HIDDEN_PAGE);
  await other.addInitScript('globalThis.isPageHidden = true');
  await other.goto(pages.url);
  viewer = await pages.nextViewer();
  viewer.send(endOfContinuousUpdates());
  viewer.send(...grey(100));
  await other.locator('#overlay').waitFor({ state: 'hidden' });
  await viewer.roundTrip();
  assert.deepEqual(asked(), ['all']);
  await setHidden(other, false);
  await viewer.until('the requests', () => asked().length >= 3);
  assert.deepEqual(asked(), ['all', 'true', 'changes']);
  await other.close();
});

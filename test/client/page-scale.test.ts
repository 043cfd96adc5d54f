// A desktop that is as large as the window, on screens of different density.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { extendedDesktopSizeRect, updateHeader } from '../../src/protocol/server-messages.ts';
import { launchChromium } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

const SIZE = { width: 640, height: 400 };
const SCREENS = [{ id: 5, x: 0, y: 0, ...SIZE, flags: 0 }];

let browser: Browser;
let pages: PageServer;

before(async () => {
  [browser, pages] = await Promise.all([launchChromium(), PageServer.start({ ...SIZE, name: 'Scaled' })]);
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** Opens the page on a screen with that many device pixels per pixel. Its server lets viewers resize. */
async function open(deviceScaleFactor: number): Promise<{ page: Page; viewer: PageViewer }> {
  const context = await browser.newContext({ deviceScaleFactor, viewport: { width: 800, height: 500 } });
  const page = await context.newPage();
  await page.goto(pages.url);
  return { page, viewer: await connected() };
}

async function connected(): Promise<PageViewer> {
  const viewer = await pages.nextViewer();
  await viewer.showDesktop();
  await viewer.show(updateHeader(1), extendedDesktopSizeRect(0, 0, SIZE.width, SIZE.height, SCREENS));
  return viewer;
}

/** What the page has asked for so far: size and scale. */
const asked = (viewer: PageViewer): string[] =>
  viewer
    .of('setDesktopSize')
    .map(({ width, height, screens }) => `${width}x${height} ${screens[0]!.flags} % of ${screens[0]!.id}`);

async function openViewPanel(page: Page): Promise<void> {
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#view-panel');
}

test('on a screen with two device pixels per pixel, the desktop has all of them and is told to draw at 200 %', async () => {
  const { page, viewer } = await open(2);
  await openViewPanel(page);
  assert.equal(await page.locator('#desktop-scale').isVisible(), false);
  await page.click('#match');
  await viewer.until('the request', () => asked(viewer).length === 1);
  assert.deepEqual(asked(viewer), ['1600x1000 200 % of 5']);
  await page.context().close();
});

test('the user chooses the scale of the desktop, and the browser keeps it', async () => {
  const { page, viewer } = await open(2);
  await openViewPanel(page);
  await page.click('#match');
  await page.locator('#desktop-scale select').selectOption({ label: '150 %' });
  await viewer.until('the scale', () => asked(viewer).length === 2);
  await page.locator('#desktop-scale select').selectOption('auto');
  await viewer.until('the scale of the screen', () => asked(viewer).length === 3);
  await page.locator('#desktop-scale select').selectOption('100');
  await viewer.until('the scale of another screen', () => asked(viewer).length === 4);
  assert.deepEqual(asked(viewer), [
    '1600x1000 200 % of 5',
    '1600x1000 150 % of 5',
    '1600x1000 200 % of 5',
    '1600x1000 100 % of 5',
  ]);
  await page.reload();
  const again = await connected();
  await again.until('the request', () => asked(again).length === 1);
  assert.deepEqual(asked(again), ['1600x1000 100 % of 5']);
  await page.context().close();
});

test('a desktop that has the size of the window already is told the scale of the screen', async () => {
  const { page, viewer } = await open(1);
  await page.setViewportSize(SIZE);
  await openViewPanel(page);
  await page.click('#match');
  await viewer.until('the request', () => asked(viewer).length === 1);
  assert.deepEqual(asked(viewer), ['640x400 100 % of 5']);
  await page.context().close();
});

test('a page behind another tab leaves the desktop’s size as it is, until it is seen', async () => {
  const { page, viewer } = await open(1);
  const show = (isHidden: boolean): Promise<unknown> =>
    page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
  await openViewPanel(page);
  await show(true);
  await page.evaluate(`document.querySelector('#match input').click()`);
  await viewer.roundTrip();
  assert.deepEqual(asked(viewer), []);
  await show(false);
  await viewer.until('the request', () => asked(viewer).length === 1);
  assert.deepEqual(asked(viewer), ['800x500 100 % of 5']);
  await page.context().close();
});

test('a window that comes to a screen of another density resizes the desktop, and scales it', async () => {
  const { page, viewer } = await open(1);
  await openViewPanel(page);
  await page.click('#match');
  await viewer.until('the first request', () => asked(viewer).length === 1);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setDeviceMetricsOverride', {
    width: 700,
    height: 500,
    deviceScaleFactor: 1.5,
    mobile: false,
  });
  await viewer.until('the second request', () => asked(viewer).length === 2);
  assert.deepEqual(asked(viewer), ['800x500 100 % of 5', '1050x750 150 % of 5']);
  await page.context().close();
});

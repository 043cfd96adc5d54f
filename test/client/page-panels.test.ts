// The toolbar and its panels.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import * as server from '../../src/protocol/server-messages.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium } from './browser.ts';
import { inputLines } from './input-lines.ts';
import { PageServer, type PageViewer } from './page-server.ts';

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewer: PageViewer;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: 640, height: 400, name: 'Panels' }),
  ]);
  page = await browser.newPage({ viewport: { width: 640, height: 400 } });
  await page.goto(pages.url);
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** Resolves with the input that the page has sent since the last call, but for the pointer. */
async function sent(): Promise<string[]> {
  await viewer.roundTrip();
  const lines = inputLines(viewer.received).filter((line) => !line.includes('@'));
  viewer.received.length = 0;
  return lines;
}

test('a modifier that the page holds applies to what is typed, until it is released or the window loses the keyboard', async () => {
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#keys-panel');
  const ctrl = page.locator('.key', { hasText: /^Ctrl$/ });
  await sent();
  await ctrl.click();
  await page.mouse.click(100, 350);
  await page.keyboard.press('c');
  assert.deepEqual(await sent(), ['+ffe3/1d', '+63/2e', '-63/2e']);
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#keys-panel');
  assert.equal(await ctrl.getAttribute('aria-pressed'), 'true');
  await sent();
  await ctrl.click();
  assert.deepEqual(await sent(), ['-ffe3/1d']);
  await ctrl.click();
  await page.evaluate(`window.dispatchEvent(new Event('blur'))`);
  assert.deepEqual(await sent(), ['+ffe3/1d', '-ffe3/1d']);
  assert.equal(await ctrl.getAttribute('aria-pressed'), 'false');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
});

test('a preset changes how the picture is asked for, at once and after a reload', async () => {
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#picture-panel');
  const lists = viewer.count('setEncodings');
  await page.click('text=Lossless');
  await viewer.until('the new list', () => viewer.count('setEncodings') > lists);
  const isLossy = (list: readonly number[]) => list.some((n) => n >= -32 && n <= -23);
  assert.equal(isLossy(viewer.of('setEncodings').at(-1)!.encodings), false);
  await page.reload();
  viewer = await pages.nextViewer();
  await viewer.until('the list', () => viewer.count('setEncodings') > 0);
  assert.equal(isLossy(viewer.of('setEncodings')[0]!.encodings), false);
  await page.evaluate('localStorage.clear()');
  await page.reload();
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
});

test('the clipboard panel shows what the desktop has copied, and puts text on the desktop', async () => {
  viewer.send(server.cutText('from the desktop'));
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#clipboard-panel');
  const field = page.locator('.panel textarea');
  await waitFor('the text', async () => (await field.inputValue()) === 'from the desktop');
  await field.fill('to the desktop');
  await sent();
  await page.click('text=Put it on the desktop');
  assert.deepEqual(await sent(), ['cut to the desktop']);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
});

test('the toolbar opens by a click and not under the pointer, and stays where it is dragged to', async () => {
  await page.setViewportSize({ width: 640, height: 400 });
  const bar = page.locator('#bar');
  await waitFor('the closed toolbar', async () => (await bar.getAttribute('data-open')) === 'false');
  await waitFor('the handle at the edge', async () => (await page.locator('#handle').boundingBox())!.y === 0);
  await page.mouse.move(320, 2);
  await viewer.roundTrip();
  assert.equal(await bar.getAttribute('data-open'), 'false');
  await page.mouse.down();
  await page.mouse.up();
  assert.equal(await bar.getAttribute('data-open'), 'true');
  await page.mouse.move(320, 300);
  await page.locator('#handle').click();
  await waitFor('the closed toolbar', async () => (await bar.getAttribute('data-open')) === 'false');
  // It slides away.
  const handle = await waitFor('the handle at the edge', async () => {
    const box = (await page.locator('#handle').boundingBox())!;
    return box.y === 0 && box;
  });
  await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await page.mouse.down();
  await page.mouse.move(300, 200);
  await page.mouse.move(600, 100);
  await page.mouse.up();
  assert.equal(await bar.getAttribute('data-edge'), 'right');
  assert.equal(await bar.getAttribute('data-open'), 'false');
  await page.reload();
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
  assert.equal(await bar.getAttribute('data-edge'), 'right');
  const box = (await page.locator('.bar-body').boundingBox())!;
  assert.ok(box.y >= 0 && box.x < 640 && box.y + box.height <= 400, JSON.stringify(box));
});

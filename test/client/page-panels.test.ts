// The toolbar and its panels.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import * as server from '../../src/protocol/server-messages.ts';
import { parseEncodings } from '../../src/protocol/settings-from-encodings.ts';
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

test('a user who only wants to watch sends nothing, is told so, and can change that', async () => {
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#view-panel');
  const viewOnly = page.getByLabel('View only');
  await page.keyboard.down('Shift');
  await viewOnly.check();
  await page.keyboard.up('Shift');
  assert.equal(await page.locator('#view-only').isVisible(), true);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await viewer.roundTrip();
  viewer.received.length = 0;
  await page.mouse.click(320, 350);
  await page.keyboard.press('a');
  await viewer.roundTrip();
  assert.deepEqual(inputLines(viewer.received), []);
  await page.locator('#notice').filter({ hasText: 'View only is on' }).waitFor();
  await page.reload();
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
  viewer.send(server.rights({ read: true, write: true, owner: false }));
  await page.locator('#view-only').waitFor();
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#view-panel');
  await viewOnly.uncheck();
  await page.locator('#view-only').waitFor({ state: 'hidden' });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.keyboard.press('a');
  assert.deepEqual(await sent(), ['+61/1e', '-61/1e']);
});

test('the wheel turns faster or the other way if the user says so, and again after a reload', async () => {
  const turned = async (by: number): Promise<string[]> => {
    await page.mouse.move(320, 350);
    await viewer.roundTrip();
    viewer.received.length = 0;
    await page.mouse.wheel(0, by);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))');
    await viewer.roundTrip();
    const masks = inputLines(viewer.received).map((line) => line.split('@')[0]!);
    return masks.filter((mask) => mask !== '0');
  };
  const [up, down] = ['1000', '10000'] as const;
  assert.deepEqual(await turned(120), [down]);
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#view-panel');
  await page.getByLabel('Speed of the wheel').fill('3');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  assert.deepEqual(await turned(120), [down, down, down]);
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#view-panel');
  await page.getByLabel('Reverse the wheel').check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  assert.deepEqual(await turned(120), [up, up, up]);
  await page.reload();
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
  assert.deepEqual(await turned(-120), [down, down, down]);
  await page.evaluate('localStorage.clear()');
  await page.reload();
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
});

test('each fine setting of the picture says what it does, and is told to the server at once', async () => {
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#picture-panel');
  await page.locator('.panel summary').click();
  const controls = page.locator('.panel details > *:not(summary)');
  const explained = await controls.evaluateAll((all) =>
    all.map((one) => [
      one.querySelectorAll('input, select').length,
      one.querySelector('small')?.textContent ?? '',
    ]),
  );
  assert.ok(explained.length > 10);
  for (const [count, why] of explained) assert.ok(count === 1 && String(why).length > 20, `${why}`);
  const choose = async (act: () => Promise<unknown>): Promise<readonly number[]> => {
    const lists = viewer.count('setEncodings');
    await act();
    await viewer.until('the list', () => viewer.count('setEncodings') > lists);
    return viewer.of('setEncodings').at(-1)!.encodings;
  };
  await choose(() => page.getByLabel('Video ends when it is calm').fill('10'));
  const { videoOutTime, subsampling } = parseEncodings(
    await choose(() => page.getByLabel('Colours of photos').selectOption('4:2:2')),
  );
  assert.deepEqual([videoOutTime, subsampling], [10, '4:2:2']);
  await choose(() => page.getByLabel('Largest size of video').selectOption('960x540'));
  await viewer.until('the size', () => viewer.count('setMaxVideoResolution') === 1);
  await choose(() => page.getByLabel('Largest size of video').selectOption('auto'));
  await viewer.until('no size', () => viewer.count('setMaxVideoResolution') === 2);
  const sizes = viewer.of('setMaxVideoResolution').map(({ width, height }) => [width, height]);
  assert.deepEqual(sizes, [
    [960, 540],
    [0, 0],
  ]);
  await page.getByText('Balanced').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
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

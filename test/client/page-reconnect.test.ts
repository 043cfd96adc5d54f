import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ENCODING_TIGHT } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import { disconnect, fence, notice, rights, updateHeader } from '../../src/protocol/server-messages.ts';
import { tightFill, tightJpegHeader } from '../../src/protocol/tight.ts';
import { launchChromium, readScreen } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

const GREEN = Uint8Array.of(20, 160, 60);

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewer: PageViewer;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: 100, height: 80, name: 'Comes and goes' }),
  ]);
});

beforeEach(async () => {
  pages.refuseWith = undefined;
  await page?.close();
  page = await browser.newPage();
  await page.goto(pages.url);
  viewer = await pages.nextViewer();
  await viewer.show(...green());
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

const green = () => [updateHeader(1), rectHeader(0, 0, 100, 80, ENCODING_TIGHT), tightFill(GREEN)];

const overlay = () => page.locator('#overlay');

const overlaySays = (text: RegExp) => overlay().filter({ hasText: text }).waitFor();

const overlayIsGone = () => overlay().waitFor({ state: 'hidden' });

test('no card covers the picture of a connected page', async () => {
  await overlayIsGone();
  assert.equal(await page.locator('canvas').getAttribute('data-stale'), 'false');
});

test('the page shows why the server went, and keeps the last picture until it is back', async () => {
  viewer.send(disconnect(false, 'the server is restarting'));
  await pages.vanish();
  await overlaySays(/The server is restarting\./);
  await overlaySays(/Reconnect now/);
  assert.equal(await page.locator('canvas').getAttribute('data-stale'), 'true');
  assert.deepEqual([...(await readScreen(page)).rgba.subarray(0, 3)], [...GREEN]);
  await pages.listen();
  viewer = await pages.nextViewer();
  assert.deepEqual([...(await readScreen(page)).rgba.subarray(0, 3)], [...GREEN]);
  await viewer.show(...green());
  await overlayIsGone();
  assert.equal(await page.locator('canvas').getAttribute('data-stale'), 'false');
  await page.keyboard.press('a');
  await viewer.until('the key', () => viewer.count('key') === 2);
});

test('the reason in the close frame is shown if there was no disconnect notice', async () => {
  viewer.socket.close(1000, 'an owner ended this connection');
  await overlaySays(/An owner ended this connection\./);
  viewer = await pages.nextViewer();
});

test('the page says within seconds that the server does not answer, until it does', async () => {
  viewer.send(fence(0, Uint8Array.of()));
  const notice = page.locator('#notice');
  viewer.isSilent = true;
  await notice.filter({ hasText: 'does not answer' }).waitFor();
  assert.equal(await page.locator('canvas').getAttribute('data-stale'), 'false');
  viewer.isSilent = false;
  viewer.send(fence(0, Uint8Array.of()));
  await notice.waitFor({ state: 'hidden' });
});

test('what a notice said is gone when the connection has ended', async () => {
  viewer.send(notice('Lunch at noon.'));
  await page.getByText('Lunch at noon.').waitFor();
  viewer.socket.terminate();
  await page.locator('#notice').waitFor({ state: 'hidden' });
  viewer = await pages.nextViewer();
  await viewer.show(...green());
  await overlayIsGone();
});

test('a removed user sees the reason and no picture, and the page does not retry', async () => {
  pages.refuseWith = 401;
  viewer.send(disconnect(false, 'your account was removed'));
  viewer.socket.close();
  await overlaySays(/You are signed out/);
  await overlaySays(/Your account was removed\./);
  assert.deepEqual([...(await readScreen(page)).rgba.subarray(0, 3)], [0, 0, 0]);
  assert.equal(await page.locator('canvas').isVisible(), false);
  pages.refuseWith = undefined;
  await page.fill('#user', 'ada');
  await page.fill('#password', 'secret');
  await page.click('#submit');
  viewer = await pages.nextViewer();
});

test('a user without rights sees the reason and no picture, and the page does not retry', async () => {
  pages.refuseWith = 403;
  viewer.socket.terminate();
  await overlaySays(/No access to this desktop/);
});

test('a damaged picture makes the page reconnect instead of showing wrong pixels', async () => {
  const junk = Uint8Array.of(1, 2, 3, 4, 5);
  viewer.send(updateHeader(1), rectHeader(0, 0, 100, 80, ENCODING_TIGHT), tightJpegHeader(5), junk);
  viewer = await pages.nextViewer();
  await viewer.show(...green());
  await overlayIsGone();
});

test('the page reports a server that breaks the protocol', async () => {
  viewer.send(Uint8Array.of(99));
  await overlaySays(/message type that is not known/);
  viewer = await pages.nextViewer();
});

test('the page shows the user’s rights, and the picture returns with the right to read', async () => {
  const badge = page.locator('#view-only');
  viewer.send(rights({ read: true, write: true, owner: false }));
  await viewer.show(...green());
  assert.equal(await badge.isVisible(), false);
  viewer.send(rights({ read: true, write: false, owner: false }));
  await page.keyboard.press('Control+Alt+Shift+M');
  await badge.waitFor();
  assert.equal(await page.locator('#keys-panel').isDisabled(), true);
  viewer.send(rights({ read: false, write: false, owner: false }));
  await overlaySays(/You may not see this desktop/);
  assert.equal(await badge.isVisible(), false);
  assert.equal(await page.locator('#keys-panel').isDisabled(), true);
  viewer.send(rights({ read: true, write: true, owner: false }));
  await overlayIsGone();
  assert.equal(await badge.isVisible(), false);
});

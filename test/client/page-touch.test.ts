// What the page sends for fingers, on a phone as Chromium emulates it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

/** The desktop is as large as the page, so that places on both are the same. */
const SIZE = { width: 400, height: 600 };

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewer: PageViewer;
let fingers: CDPSession;

before(async () => {
  [browser, pages] = await Promise.all([launchChromium(), PageServer.start({ ...SIZE, name: 'Touch' })]);
  const context = await browser.newContext({ viewport: SIZE, hasTouch: true, isMobile: true });
  page = await context.newPage();
  fingers = await context.newCDPSession(page);
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

beforeEach(async () => {
  await page.goto(pages.url);
  await showDesktop();
});

/** Has the page show a desktop, without which it covers the place of the picture. */
async function showDesktop(): Promise<void> {
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
}

type Place = readonly [x: number, y: number];

/** Puts fingers to places, moves them there, or takes all away that are not named. */
async function touch(type: 'touchStart' | 'touchMove' | 'touchEnd', ...places: Place[]): Promise<void> {
  const touchPoints = places.map(([x, y], id) => ({ x, y, id }));
  await fingers.send('Input.dispatchTouchEvent', { type, touchPoints });
}

async function tap(...places: Place[]): Promise<void> {
  await touch('touchStart', ...places);
  await touch('touchEnd');
}

/** What was sent, such as `1@20,30` for the left button, without what did not change anything. */
async function sent(): Promise<string[]> {
  await viewer.roundTrip();
  const all = viewer.of('pointer').map(({ buttonMask, x, y }) => `${buttonMask}@${x},${y}`);
  viewer.received.length = 0;
  return all.filter((line, i) => line !== all[i - 1]);
}

/** Opens the bar, which stays open while it has the focus. */
const openBar = (): Promise<void> => page.keyboard.press('Control+Alt+Shift+M');

test('a tap clicks, and does not open the on-screen keyboard', async () => {
  await tap([100, 200]);
  assert.deepEqual(await sent(), ['0@100,200', '1@100,200', '0@100,200']);
  assert.notEqual(await page.evaluate('document.activeElement.inputMode'), 'text');
});

test('a finger drags with the left button', async () => {
  await touch('touchStart', [100, 200]);
  await touch('touchMove', [150, 200]);
  await touch('touchMove', [150, 250]);
  await touch('touchEnd');
  assert.deepEqual(await sent(), ['0@100,200', '1@100,200', '1@150,200', '1@150,250', '0@150,250']);
});

test('a finger that rests presses the right button', async () => {
  await touch('touchStart', [100, 200]);
  await viewer.until('the right button', () => viewer.of('pointer').at(-1)?.buttonMask === 4);
  await touch('touchEnd');
  assert.deepEqual(await sent(), ['0@100,200', '4@100,200', '0@100,200']);
});

test('a tap of two fingers is a click of the right button', async () => {
  await tap([100, 200], [200, 200]);
  assert.deepEqual(await sent(), ['0@100,200', '4@100,200', '0@100,200']);
});

test('two fingers that go up turn the wheel down, at their place', async () => {
  await touch('touchStart', [100, 300], [200, 300]);
  await touch('touchMove', [100, 220], [200, 220]);
  await touch('touchEnd');
  const lines = await sent();
  assert.deepEqual(lines, ['0@150,300', '16@150,300', '0@150,300', '16@150,300', '0@150,300']);
});

test('two fingers that move apart enlarge the picture, and taps still hit what is below them', async () => {
  await touch('touchStart', [150, 300], [250, 300]);
  await touch('touchMove', [100, 300], [300, 300]);
  await touch('touchMove', [50, 300], [350, 300]);
  await touch('touchEnd');
  const box = (await page.locator('canvas').boundingBox())!;
  assert.ok(box.width > 1.4 * SIZE.width, `${box.width}`);
  assert.deepEqual(await sent(), []);
  await tap([200, 300]);
  const [x, y] = (await sent())[0]!.split(/[@,]/).slice(1).map(Number);
  assert.ok(Math.abs(x! - 200) <= 1 && Math.abs(y! - 300) <= 1, `${x},${y}`);
});

test('the touch-pad’s pointer is drawn, moves from where it is, and is kept for the next visit', async () => {
  await openBar();
  await page.locator('#touchpad').tap();
  await page.reload();
  await showDesktop();
  const pointer = page.locator('#pointer');
  await waitFor('the pointer', async () => (await pointer.getAttribute('hidden')) === null);
  viewer.received.length = 0;
  await touch('touchStart', [50, 500]);
  await touch('touchMove', [50, 480]);
  await touch('touchEnd');
  const [first] = await sent();
  const [buttons, x, y] = first!.split(/[@,]/).map(Number);
  assert.deepEqual([buttons, x], [0, SIZE.width / 2]);
  assert.ok(y! < SIZE.height / 2, `${y}`);
  await tap([10, 500]);
  assert.deepEqual(await sent(), [`1@${x},${y}`, `0@${x},${y}`]);
});

test('the button of the on-screen keyboard gives the field the focus as a text field', async () => {
  await openBar();
  await page.locator('#keyboard').tap();
  const field = 'document.activeElement.id + " " + document.activeElement.inputMode';
  assert.equal(await page.evaluate(field), 'keys text');
  await openBar();
  await page.locator('#keyboard').tap();
  assert.equal(await page.evaluate(field), 'keys none');
});

// The desktop's pixels as the screen shows them: fitted and 1:1, on screens of several densities.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { ENCODING_RAW } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import { updateHeader } from '../../src/protocol/server-messages.ts';
import { PageServer } from '../client/page-server.ts';
import { launchForLooks } from './open-look.ts';

/** Odd numbers, so that a picture in the middle of a window may begin at half a pixel. */
const DESKTOP = { width: 243, height: 121 };
/** Side of a block of one colour, in pixels of the desktop. What is scaled smoothly is compared in their middles. */
const BLOCK_PX = 11;
/** Most that a channel in the middle of a block may differ when it was scaled smoothly, of 255. */
const MOST_SHADE = 3;

type Mode = 'fit' | 'actual';

/** Windows in CSS pixels, higher than the picture, so that the toolbar's handle is not on it. */
const CASES: readonly (readonly [ratio: number, mode: Mode, width: number, height: number, scale: number])[] =
  [
    [1, 'actual', 400, 300, 1],
    [1, 'actual', 401, 301, 1],
    [1, 'fit', 243, 300, 1],
    [1, 'fit', 486, 400, 2],
    [1, 'fit', 400, 400, 400 / 243],
    [1, 'fit', 180, 300, 180 / 243],
    [1.25, 'fit', 400, 400, 500 / 243],
    [2, 'fit', 300, 301, 600 / 243],
    [3, 'fit', 100, 300, 300 / 243],
  ];

/** The colour of a block: far from that of its neighbours. */
function colourOf(column: number, row: number): [number, number, number] {
  const n = column * 7 + row * 13;
  return [(n * 83) & 255, (n * 151 + 90) & 255, (n * 37 + 180) & 255];
}

function pixels(): Uint8Array {
  const bgrx = new Uint8Array(DESKTOP.width * DESKTOP.height * 4);
  for (let y = 0; y < DESKTOP.height; y++) {
    for (let x = 0; x < DESKTOP.width; x++) {
      const [red, green, blue] = colourOf(Math.floor(x / BLOCK_PX), Math.floor(y / BLOCK_PX));
      bgrx.set([blue, green, red, 0], (y * DESKTOP.width + x) * 4);
    }
  }
  return bgrx;
}

let browser: Browser;
let pages: PageServer;
const shown = new Map<Mode, { readonly page: Page; readonly devTools: CDPSession }>();

before(async () => {
  [browser, pages] = await Promise.all([
    launchForLooks(),
    PageServer.start({ ...DESKTOP, name: 'Known pixels' }),
  ]);
  for (const mode of ['fit', 'actual'] as const) {
    const context = await browser.newContext({ viewport: null, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${pages.url}?scale=${mode}`);
    const viewer = await pages.nextViewer();
    await viewer.show(
      updateHeader(1),
      rectHeader(0, 0, DESKTOP.width, DESKTOP.height, ENCODING_RAW),
      pixels(),
    );
    await page.locator('#overlay').waitFor({ state: 'hidden' });
    // Closes the toolbar, which is loaded behind the picture.
    await page.locator('#bar').waitFor({ state: 'attached' });
    await page.keyboard.press('Control+Alt+Shift+M');
    await page.keyboard.press('Escape');
    shown.set(mode, { page, devTools: await context.newCDPSession(page) });
  }
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

async function look(mode: Mode, width: number, height: number, ratio: number): Promise<PNG> {
  const { page, devTools } = shown.get(mode)!;
  await page.bringToFront();
  const metrics = { width, height, deviceScaleFactor: ratio, mobile: false };
  await devTools.send('Emulation.setDeviceMetricsOverride', metrics);
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  const { data } = await devTools.send('Page.captureScreenshot', { format: 'png' });
  return PNG.sync.read(Buffer.from(data, 'base64'));
}

/** Counts the pixels of the screen that are wrong if the picture's corner is at `left`, `top`. */
function wrongPixels(screen: PNG, left: number, top: number, scale: number): number {
  const isWhole = Number.isInteger(scale);
  let wrong = 0;
  const check = (x: number, y: number, column: number, row: number, most: number): void => {
    const at = (y * screen.width + x) * 4;
    const colour = colourOf(column, row);
    if (colour.some((shade, channel) => Math.abs(screen.data[at + channel]! - shade) > most)) wrong++;
  };
  if (isWhole) {
    for (let y = 0; y < DESKTOP.height * scale; y++) {
      for (let x = 0; x < DESKTOP.width * scale; x++) {
        const [column, row] = [x, y].map((place) => Math.floor(place / scale / BLOCK_PX));
        check(left + x, top + y, column!, row!, 0);
      }
    }
    return wrong;
  }
  for (let row = 0; row < Math.floor(DESKTOP.height / BLOCK_PX); row++) {
    for (let column = 0; column < Math.floor(DESKTOP.width / BLOCK_PX); column++) {
      const [x, y] = [column, row].map((n) => Math.floor((n + 0.5) * BLOCK_PX * scale));
      check(left + x!, top + y!, column, row, MOST_SHADE);
    }
  }
  return wrong;
}

for (const [ratio, mode, width, height, scale] of CASES) {
  const name = `${mode === 'fit' ? 'fitted' : '1:1'} in ${width}x${height} at ${ratio} device pixels per CSS pixel`;
  const how = Number.isInteger(scale)
    ? 'every pixel of the desktop is exact'
    : 'the desktop is scaled as a whole';
  test(`${name}, ${how}, in the middle of the window`, async () => {
    const screen = await look(mode, width, height, ratio);
    const middle = (side: number, desktop: number): number => (side - desktop * scale) / 2;
    const [left, top] = [middle(screen.width, DESKTOP.width), middle(screen.height, DESKTOP.height)];
    // The middle may be between two pixels.
    const wrong = [Math.floor, Math.ceil].flatMap((toX) =>
      [Math.floor, Math.ceil].map((toY) => wrongPixels(screen, toX(left), toY(top), scale)),
    );
    assert.equal(Math.min(...wrong), 0, `at ${left},${top}: ${wrong} pixels are wrong`);
  });
}

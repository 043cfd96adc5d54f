// The desktop's pixels on screens with 1, 1.25, 2 and 3 device pixels per CSS pixel, as the browser itself scales for
// them: fitted, 1:1, and on a desktop that follows the window.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { ENCODING_RAW } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import { extendedDesktopSizeRect, updateHeader } from '../../src/protocol/server-messages.ts';
import { launchChromium } from '../client/browser.ts';
import { PageServer, type PageViewer } from '../client/page-server.ts';

/** Odd numbers, so that the middle of a window may be between two pixels. */
const DESKTOP = { width: 243, height: 121 };
const RATIOS = [1, 1.25, 2, 3];
/**
 * Sizes of windows in CSS pixels: higher than the picture, so that the toolbar's handle is not on it. With 1.25, some
 * of them are no whole number of device pixels.
 */
const WINDOWS = [
  [300, 260],
  [301, 261],
  [302, 263],
  [403, 290],
] as const;

/** Longest wait for the page to ask for another size, in ms. A busy machine takes its time. */
const REQUEST_MS = 60_000;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The colour of a pixel: another one than those of all its neighbours. */
const colourOf = (x: number, y: number): readonly [number, number, number] => [
  (x * 37 + y * 11) & 255,
  (x * 101 + y * 59 + 90) & 255,
  ((x ^ y) & 1) * 255,
];

function pixels({ width, height }: Size): Uint8Array {
  const bgrx = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = colourOf(x, y);
      bgrx.set([blue, green, red, 0], (y * width + x) * 4);
    }
  }
  return bgrx;
}

const picture = (size: Size): Uint8Array[] => [
  rectHeader(0, 0, size.width, size.height, ENCODING_RAW),
  pixels(size),
];

/** Rows of the screen at the upper edge that are not judged: the toolbar's handle may be there. */
const HANDLE_PX = { none: 0, some: 60 } as const;

/**
 * Counts the pixels of the screen that are not those of a desktop in its middle, enlarged `scale` times. The middle may
 * be between two pixels. A window that is no whole number of device pixels has a part of one at its end.
 */
function wrongPixels(screen: PNG, size: Size, scale: number, firstRow: number): number {
  const middle = (side: 'width' | 'height'): number => Math.max(0, (screen[side] - size[side] * scale) / 2);
  const corners = [Math.floor, Math.ceil].flatMap((toX) =>
    [Math.floor, Math.ceil].map((toY) => [toX(middle('width')), toY(middle('height'))] as const),
  );
  return Math.min(
    ...corners.map(([left, top]) => {
      let wrong = 0;
      for (let y = firstRow; y < Math.min(size.height * scale, screen.height - top); y++) {
        for (let x = 0; x < Math.min(size.width * scale, screen.width - left); x++) {
          const at = ((top + y) * screen.width + left + x) * 4;
          const colour = colourOf(Math.floor(x / scale), Math.floor(y / scale));
          if (colour.some((shade, channel) => screen.data[at + channel] !== shade)) wrong++;
        }
      }
      return wrong;
    }),
  );
}

let pages: PageServer;

before(async () => {
  pages = await PageServer.start({ ...DESKTOP, name: 'Device pixels' });
});

after(() => pages?.close());

for (const ratio of RATIOS) {
  describe(`on a screen with ${ratio} device pixels per CSS pixel`, () => {
    let browser: Browser;
    let page: Page;
    let devTools: CDPSession;
    let viewer: PageViewer;

    before(async () => {
      browser = await launchChromium([
        `--force-device-scale-factor=${ratio}`,
        ...['--force-color-profile=srgb', '--window-size=1400,1000'],
      ]);
      const context = await browser.newContext({ viewport: null, reducedMotion: 'reduce' });
      page = await context.newPage();
      devTools = await context.newCDPSession(page);
    });

    after(() => browser?.close());

    async function open(query: string): Promise<void> {
      await page.goto(`${pages.url}?${query}`);
      viewer = await pages.nextViewer();
      await viewer.show(updateHeader(1), ...picture(DESKTOP));
      await page.locator('#overlay').waitFor({ state: 'hidden' });
      assert.equal(await page.evaluate('devicePixelRatio'), ratio);
      // Closes the toolbar.
      await page.keyboard.press('Control+Alt+Shift+M');
      await page.keyboard.press('Escape');
      await page.evaluate(`new Promise((done) => {
        const wait = () => document.getAnimations().length === 0 ? done() : requestAnimationFrame(wait);
        wait();
      })`);
    }

    /** Gives the window a size, and keeps the density that the browser has. */
    async function resize(width: number, height: number): Promise<void> {
      const metrics = { width, height, deviceScaleFactor: 0, mobile: false };
      await devTools.send('Emulation.setDeviceMetricsOverride', metrics);
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    }

    async function screenshot(): Promise<PNG> {
      const { data } = await devTools.send('Page.captureScreenshot', { format: 'png' });
      return PNG.sync.read(Buffer.from(data, 'base64'));
    }

    test('1:1, each pixel of the desktop is one of the screen, in the middle of any window', async () => {
      await open('scale=actual');
      for (const [width, height] of WINDOWS) {
        await resize(width, height);
        const screen = await screenshot();
        assert.ok(Math.abs(screen.width - width * ratio) < 1, `${screen.width}`);
        const wrong = wrongPixels(screen, DESKTOP, 1, HANDLE_PX.none);
        assert.equal(wrong, 0, `${width}x${height}`);
      }
    });

    test('fitted, a desktop that fits a whole number of times is as sharp as on paper', async () => {
      await open('scale=fit');
      for (const scale of [1, 2, 3]) {
        // The next CSS pixels after the desktop's device pixels.
        const width = Math.ceil((DESKTOP.width * scale) / ratio);
        const height = Math.ceil((DESKTOP.height * scale + 90) / ratio);
        await resize(width, height);
        const screen = await screenshot();
        const wrong = wrongPixels(screen, DESKTOP, scale, HANDLE_PX.none);
        assert.equal(wrong, 0, `${scale} times in ${width}x${height}`);
      }
    });

    test('a desktop that follows the window has exactly its pixels', async () => {
      await open('resize=remote');
      for (const [width, height] of WINDOWS) {
        const before = viewer.count('setDesktopSize');
        await resize(width + 40, height);
        const screens = [{ id: 1, x: 0, y: 0, ...DESKTOP, flags: 0 }];
        if (before === 0)
          await viewer.show(
            updateHeader(1),
            extendedDesktopSizeRect(0, 0, DESKTOP.width, DESKTOP.height, screens),
          );
        await viewer.until('the request', () => viewer.count('setDesktopSize') > before, REQUEST_MS);
        const asked = viewer.of('setDesktopSize').at(-1)!;
        const size = { width: asked.width, height: asked.height };
        await viewer.show(
          updateHeader(2),
          extendedDesktopSizeRect(0, 0, size.width, size.height, [{ ...screens[0]!, ...size }]),
          ...picture(size),
        );
        const screen = await screenshot();
        assert.ok(Math.abs(size.width - screen.width) <= 1 && Math.abs(size.height - screen.height) <= 1);
        const wrong = wrongPixels(screen, size, 1, HANDLE_PX.some);
        assert.equal(wrong, 0, `${size.width}x${size.height} in ${width + 40}x${height}`);
      }
    });
  });
}

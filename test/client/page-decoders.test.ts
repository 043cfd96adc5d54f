// How the page decodes pictures and copies pixels, in browsers that have ImageDecoder and in those that do not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { PICTURES } from '../../src/client/decoders/drawing-speed.ts';
import { encodeJpeg } from '../../src/encode/encoders/jpeg.ts';
import { loadWebpEncoder } from '../../src/encode/encoders/webp.ts';
import { ENCODING_TIGHT } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import { copyRect, updateHeader } from '../../src/protocol/server-messages.ts';
import { tightFill, tightJpegHeader, tightWebpHeader } from '../../src/protocol/tight.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium, readScreen } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

const SIZE = { width: 1280, height: 720 };
const PICTURE = { width: 64, height: 48 };
/** Difference of a channel that JPEG of this quality makes in a smooth picture. */
const MOST_JPEG_ERROR = 12;
/** Difference of a channel that two ways of converting YCbCr to RGB may have. */
const MOST_ROUNDING = 2;
/** Copies of one update, as a scrolled page may have them. */
const COPIES = 90;

let browser: Browser;
let pages: PageServer;

before(async () => {
  [browser, pages] = await Promise.all([launchChromium(), PageServer.start({ ...SIZE, name: 'Decoders' })]);
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

async function open(script: string): Promise<{ page: Page; viewer: PageViewer }> {
  const page = await browser.newPage();
  await page.addInitScript(script);
  await page.goto(pages.url);
  const viewer = await pages.nextViewer();
  await viewer.showDesktop();
  return { page, viewer };
}

/** A smooth picture: words of BGRX. */
const words = Uint32Array.from({ length: PICTURE.width * PICTURE.height }, (_, i) => {
  const [x, y] = [i % PICTURE.width, Math.floor(i / PICTURE.width)];
  return ((x * 4) << 16) | ((y * 5) << 8) | 90;
});

/** Returns the largest difference of a channel between the picture and what the page shows at a place. */
async function errorAt(page: Page, left: number, top: number): Promise<number> {
  const screen = await readScreen(page);
  let worst = 0;
  for (const [i, word] of words.entries()) {
    const [x, y] = [left + (i % PICTURE.width), top + Math.floor(i / PICTURE.width)];
    for (const [channel, shift] of [16, 8, 0].entries()) {
      const shown = screen.rgba[(y * screen.width + x) * 4 + channel]!;
      worst = Math.max(worst, Math.abs(shown - ((word >> shift) & 255)));
    }
  }
  return worst;
}

const rect = (x: number, y: number, ...body: Uint8Array[]): Buffer =>
  Buffer.concat([rectHeader(x, y, PICTURE.width, PICTURE.height, ENCODING_TIGHT), ...body]);

for (const [kind, script] of [
  ['with ImageDecoder', 'globalThis.createImageBitmap = undefined'],
  ['without ImageDecoder', 'delete globalThis.ImageDecoder'],
] as const) {
  test(`a browser ${kind} shows JPEG within its error, and lossless WebP exactly`, async () => {
    const { page, viewer } = await open(script);
    const { width, height } = PICTURE;
    const bytes = new Uint8Array(words.buffer);
    const jpeg = Buffer.from(encodeJpeg(bytes, width, height, width, { quality: 95, subsampling: '4:4:4' }));
    const encode = await loadWebpEncoder();
    const webp = Buffer.from(encode({ width, height, stridePx: width, words, bytes }, 'lossless'));
    await viewer.show(
      updateHeader(2),
      rect(10, 20, tightJpegHeader(jpeg.length), jpeg),
      rect(200, 100, tightWebpHeader(webp.length), webp),
    );
    assert.ok((await errorAt(page, 10, 20)) <= MOST_JPEG_ERROR);
    assert.equal(await errorAt(page, 200, 100), 0);
    await page.close();
  });

  test(`a browser ${kind} connects again after a damaged picture`, async () => {
    const { page, viewer } = await open(script);
    const damaged = Buffer.from('this is no picture');
    viewer.send(updateHeader(1), rect(0, 0, tightJpegHeader(damaged.length), damaged));
    await pages.nextViewer();
    await page.close();
  });
}

/** Makes the browser's own drawing of video frames slow, and counts it and the pixels that the page draws itself. */
const SLOW_FRAMES = `(() => {
  globalThis.drawn = { frames: 0, own: 0 };
  const { drawImage, putImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.drawImage = function (image, ...place) {
    if (image instanceof VideoFrame) {
      drawn.frames++;
      for (const end = performance.now() + 3; performance.now() < end; );
    }
    return drawImage.call(this, image, ...place);
  };
  CanvasRenderingContext2D.prototype.putImageData = function (...options) {
    drawn.own++;
    return putImageData.apply(this, options);
  };
})()`;

test('where the browser draws video frames slowly, the page converts them itself, to the same colours', async () => {
  const { page, viewer } = await open(SLOW_FRAMES);
  const size = { width: 639, height: 131 };
  const pixels = new Uint8Array(size.width * size.height * 4).map((_, i) => (i * 37 + (i >> 9) * 11) & 255);
  const picture = (quality: number): Buffer => {
    const options = { quality, subsampling: '4:2:0' } as const;
    const jpeg = Buffer.from(encodeJpeg(pixels, size.width, size.height, size.width, options));
    const header = rectHeader(0, 0, size.width, size.height, ENCODING_TIGHT);
    return Buffer.concat([header, tightJpegHeader(jpeg.length), jpeg]);
  };
  const counts = (): Promise<Record<'frames' | 'own', number>> => page.evaluate('globalThis.drawn');
  await viewer.show(updateHeader(1), picture(80));
  const byBrowser = await readScreen(page);
  for (let i = 1; i < PICTURES; i++) await viewer.show(updateHeader(1), picture(80));
  assert.deepEqual(await counts(), { frames: PICTURES, own: 0 });
  // Its module is loaded meanwhile.
  await waitFor('the page to draw by itself', async () => {
    await viewer.show(updateHeader(1), picture(30));
    return (await counts()).own > 0;
  });
  const { frames } = await counts();
  await viewer.show(updateHeader(1), picture(80));
  assert.equal((await counts()).frames, frames);
  const byPage = await readScreen(page);
  let worst = 0;
  for (const [i, value] of byPage.rgba.entries())
    worst = Math.max(worst, Math.abs(value - byBrowser.rgba[i]!));
  assert.ok(worst <= MOST_ROUNDING, `${worst}`);
  await page.close();
});

/** Counts how often a canvas is drawn into itself, and how often into another. */
const COUNT_DRAWINGS = `(() => {
  globalThis.drawings = { intoItself: 0, others: 0 };
  const { drawImage } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.drawImage = function (image, ...place) {
    drawings[image === this.canvas ? 'intoItself' : 'others']++;
    return drawImage.call(this, image, ...place);
  };
})()`;

test('copies do not draw the canvas into itself, for which Chromium copies the whole of it each time', async () => {
  const { page, viewer } = await open(COUNT_DRAWINGS);
  const height = SIZE.height / COPIES;
  const copies = Array.from({ length: COPIES - 1 }, (_, i) =>
    Buffer.from(copyRect(0, i * height, SIZE.width, height, 0, (i + 1) * height)),
  );
  await viewer.show(updateHeader(copies.length), ...copies);
  const { intoItself, others } = await page.evaluate<Record<string, number>>('drawings');
  assert.equal(intoItself, 0);
  assert.ok(others! >= copies.length, `${others} drawings`);
  await page.close();
});

test('copies of one update see what earlier ones of it have drawn', async () => {
  const { page, viewer } = await open('');
  const fill = (x: number, grey: number): Buffer =>
    Buffer.concat([rectHeader(x, 0, 10, 10, ENCODING_TIGHT), tightFill(Uint8Array.of(grey, grey, grey))]);
  await viewer.show(
    updateHeader(5),
    fill(0, 10),
    fill(10, 20),
    // To the right by one place, from the last one on, and then what was there first over all of it.
    Buffer.from(copyRect(20, 0, 10, 10, 10, 0)),
    Buffer.from(copyRect(10, 0, 10, 10, 0, 0)),
    Buffer.from(copyRect(5, 0, 30, 10, 0, 0)),
  );
  const { rgba } = await readScreen(page);
  assert.deepEqual(
    [2, 7, 12, 22, 32].map((x) => rgba[x * 4]),
    [10, 10, 10, 10, 20],
  );
  await page.close();
});

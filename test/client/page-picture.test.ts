import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { constants, createDeflate, type Deflate } from 'node:zlib';
import jpegTurbo from '@julusian/jpeg-turbo';
import type { Browser, Page } from 'playwright-core';
import { loadWebpEncoder } from '../../src/encode/encoders/webp.ts';
import { ENCODING_RAW, ENCODING_TIGHT, RECTS_UNTIL_LAST } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import * as server from '../../src/protocol/server-messages.ts';
import * as tight from '../../src/protocol/tight.ts';
import { launchChromium, readScreen } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

const WIDTH = 320;
const HEIGHT = 200;

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewer: PageViewer;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: WIDTH, height: HEIGHT, name: 'Known pixels' }),
  ]);
  page = await browser.newPage();
  await page.goto(pages.url);
  viewer = await pages.nextViewer();
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

const tightRect = (x: number, y: number, width: number, height: number, ...body: Uint8Array[]) =>
  Buffer.concat([rectHeader(x, y, width, height, ENCODING_TIGHT), ...body]);

const fill = (x: number, y: number, width: number, height: number, rgb: readonly number[]) =>
  tightRect(x, y, width, height, tight.tightFill(Uint8Array.from(rgb)));

/** Pixels that differ from place to place, packed RGB. */
function pattern(width: number, height: number, seed: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    rgb.set([(x * 5 + seed) & 255, (y * 7 + x) & 255, (x * y + seed * 3) & 255], i * 3);
  }
  return rgb;
}

/** The zlib streams of one connection, as in an encoder. */
class Deflaters {
  readonly #streams = new Map<number, Deflate>();

  async piece(streamId: number, data: Uint8Array, isReset: boolean): Promise<Uint8Array> {
    if (isReset) this.#streams.delete(streamId);
    const stream = this.#streams.get(streamId) ?? createDeflate();
    this.#streams.set(streamId, stream);
    const out: Buffer[] = [];
    const collect = (chunk: Buffer) => out.push(chunk);
    stream.on('data', collect);
    stream.write(data);
    await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    stream.off('data', collect);
    return Buffer.concat(out);
  }
}

/** A level of grey, and pixels of it. */
const PLAIN = 0x77;
const plain = (words: Uint32Array): Uint32Array => new Uint32Array(words.length).fill(PLAIN * 0x10101);

const deflaters = new Deflaters();

async function basicRect(
  [x, y, width, height]: readonly [number, number, number, number],
  data: Uint8Array,
  options: Pick<tight.TightBasic, 'filter' | 'palette'> & { streamId?: number; resetStream?: boolean },
): Promise<Uint8Array> {
  const { streamId = 0, resetStream = false, ...filter } = options;
  const isBare = data.length < tight.TIGHT_MIN_TO_COMPRESS;
  const body = isBare ? data : await deflaters.piece(streamId, data, resetStream);
  const length = isBare ? undefined : body.length;
  return tightRect(
    x,
    y,
    width,
    height,
    tight.tightBasicHeader({ streamId, resetStream, ...filter, length }),
    body,
  );
}

async function pixelAt(x: number, y: number): Promise<number[]> {
  const { rgba, width } = await readScreen(page);
  return [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
}

/** Compares an area of the page's picture with packed RGB. */
async function assertArea(
  x: number,
  y: number,
  width: number,
  height: number,
  rgb: Uint8Array,
  tolerance = 0,
) {
  const screen = await readScreen(page);
  let worst = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = ((y + row) * screen.width + x + column) * 4;
      for (let channel = 0; channel < 3; channel++) {
        const expected = rgb[(row * width + column) * 3 + channel]!;
        worst = Math.max(worst, Math.abs(screen.rgba[at + channel]! - expected));
      }
    }
  }
  assert.ok(worst <= tolerance, `off by ${worst}`);
}

test('the page lists its encodings and requests the whole picture once', () => {
  const [encodings] = viewer.of('setEncodings');
  assert.ok(encodings!.encodings.includes(ENCODING_TIGHT));
  assert.deepEqual(viewer.of('updateRequest'), [
    { type: 'updateRequest', incremental: false, x: 0, y: 0, width: WIDTH, height: HEIGHT },
  ]);
});

test('the page’s title is the desktop’s name, from the handshake and after a change', async () => {
  assert.equal(await page.title(), 'Known pixels');
  await viewer.show(server.updateHeader(1), server.desktopNameRect('Ein Büro'));
  assert.equal(await page.title(), 'Ein Büro');
});

test('fill and CopyRect rects are drawn in order, each on top of the ones before', async () => {
  await viewer.show(
    server.updateHeader(4),
    fill(0, 0, WIDTH, HEIGHT, [10, 20, 30]),
    fill(4, 4, 8, 8, [200, 100, 50]),
    server.copyRect(8, 8, 8, 8, 4, 4),
    fill(4, 4, 2, 2, [1, 2, 3]),
  );
  assert.deepEqual(await pixelAt(0, 0), [10, 20, 30]);
  assert.deepEqual(await pixelAt(4, 4), [1, 2, 3]);
  assert.deepEqual(await pixelAt(7, 7), [200, 100, 50]);
  assert.deepEqual(await pixelAt(15, 15), [200, 100, 50]);
  assert.deepEqual(await pixelAt(16, 15), [10, 20, 30]);
});

test('an overlapping CopyRect reads its source before writing', async () => {
  const rgb = pattern(40, 40, 9);
  await viewer.show(server.updateHeader(1), await basicRect([100, 100, 40, 40], rgb, { filter: 'copy' }));
  await viewer.show(server.updateHeader(1), server.copyRect(100, 97, 40, 40, 100, 100));
  await assertArea(100, 97, 40, 40, rgb);
});

test('a JPEG rect is drawn within JPEG’s error', async () => {
  const rgb = new Uint8Array(128 * 96 * 3);
  const rgbx = Buffer.alloc(128 * 96 * 4);
  for (let i = 0; i < 128 * 96; i++) {
    const colour = [(i % 128) * 2, Math.floor(i / 128) * 2, 90];
    rgb.set(colour, i * 3);
    rgbx.set(colour, i * 4);
  }
  const jpeg = jpegTurbo.compressSync(rgbx, {
    format: jpegTurbo.FORMAT_RGBX,
    width: 128,
    height: 96,
    subsampling: jpegTurbo.SAMP_444,
    quality: 95,
  });
  await viewer.show(
    server.updateHeader(1),
    tightRect(50, 60, 128, 96, tight.tightJpegHeader(jpeg.length), jpeg),
  );
  await assertArea(50, 60, 128, 96, rgb, 6);
});

test('a lossless WebP rect is drawn exactly, a lossy one within its error', async () => {
  const [width, height] = [96, 64];
  const rgb = pattern(width, height, 5);
  const words = Uint32Array.from(
    { length: width * height },
    (_, i) => (rgb[i * 3]! << 16) | (rgb[i * 3 + 1]! << 8) | rgb[i * 3 + 2]!,
  );
  const source = { width, height, stridePx: width, words, bytes: new Uint8Array(words.buffer) };
  const encode = await loadWebpEncoder();
  const [exact, lossy] = [encode(source, 'lossless'), encode({ ...source, words: plain(words) }, 95)];
  await viewer.show(
    server.updateHeader(2),
    tightRect(10, 20, width, height, tight.tightWebpHeader(exact.length), exact),
    tightRect(150, 20, width, height, tight.tightWebpHeader(lossy.length), lossy),
  );
  await assertArea(10, 20, width, height, rgb);
  await assertArea(150, 20, width, height, new Uint8Array(rgb.length).fill(PLAIN), 6);
});

test('a picture smaller than its rect is stretched over exactly that rect', async () => {
  // Black on the left, white on the right.
  const [width, height] = [32, 16];
  const rgbx = Buffer.alloc(width * height * 4);
  for (let i = 0; i < rgbx.length; i++) rgbx[i] = (i >> 2) % width < width / 2 ? 0 : 255;
  const jpeg = jpegTurbo.compressSync(rgbx, {
    format: jpegTurbo.FORMAT_RGBX,
    width,
    height,
    subsampling: jpegTurbo.SAMP_444,
    quality: 100,
  });
  const video = (x: number, y: number, w: number, h: number) =>
    tightRect(x, y, w, h, tight.tightJpegHeader(jpeg.length), jpeg);
  const ground = [200, 30, 60];
  await viewer.show(
    server.updateHeader(4),
    fill(0, 0, WIDTH, HEIGHT, ground),
    video(40, 20, 64, 32),
    // A ratio that is not whole, directly below the first rect and up to the corner.
    video(40, 52, WIDTH - 40, HEIGHT - 52),
    fill(50, 60, 4, 4, [1, 2, 3]),
  );
  const { rgba } = await readScreen(page);
  const at = (x: number, y: number) => [...rgba.subarray((y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 3)];
  for (const [x, y, w, h] of [
    [40, 20, 64, 32],
    [40, 52, WIDTH - 40, HEIGHT - 52],
  ] as const) {
    // The edges show the picture's own pixels, not those around the rect or of a neighbour.
    for (const row of [y, y + h - 1]) {
      assert.deepEqual(at(x, row), [0, 0, 0]);
      assert.deepEqual(at(x + w - 1, row), [255, 255, 255]);
      // Around the middle one pixel is blurred, beyond it none.
      assert.deepEqual(at(x + Math.floor(w * 0.46), row), [0, 0, 0]);
      assert.deepEqual(at(x + Math.ceil(w * 0.54), row), [255, 255, 255]);
    }
    assert.deepEqual(at(x - 1, y), ground);
    assert.deepEqual(at(x - 1, y + h - 1), ground);
  }
  assert.deepEqual(at(40, 19), ground);
  assert.deepEqual(at(103, 19), ground);
  assert.deepEqual(at(104, 20), ground);
  assert.deepEqual(at(51, 61), [1, 2, 3], 'later rects are drawn on top');
  assert.deepEqual(at(54, 64), [0, 0, 0]);
});

test('every Tight filter is decoded, over continued and reset zlib streams', async () => {
  const [width, height] = [61, 33];
  for (const resetStream of [true, false, false, true]) {
    const rgb = pattern(width, height, resetStream ? 1 : 40);
    const copy = await basicRect([5, 5, width, height], rgb, { filter: 'copy', streamId: 1, resetStream });
    const gradient = await basicRect([100, 5, width, height], gradientOf(rgb, width), {
      filter: 'gradient',
      streamId: 2,
      resetStream,
    });
    await viewer.show(server.updateHeader(2), copy, gradient);
    await assertArea(5, 5, width, height, rgb);
    await assertArea(100, 5, width, height, rgb);
  }
});

test('palettes are decoded: two colours as bits, more as bytes', async () => {
  const two = Uint8Array.of(0, 0, 0, 250, 240, 230);
  const bits = Uint8Array.from({ length: 2 * 16 }, (_, i) => (i * 37) & 0xff);
  const five = Uint8Array.from({ length: 15 }, (_, i) => i * 17);
  const indices = Uint8Array.from({ length: 20 * 10 }, (_, i) => i % 5);
  await viewer.show(
    server.updateHeader(2),
    await basicRect([200, 0, 13, 16], bits, { filter: 'palette', palette: two, streamId: 3 }),
    await basicRect([200, 50, 20, 10], indices, { filter: 'palette', palette: five, streamId: 3 }),
  );
  const expectedBits = new Uint8Array(13 * 16 * 3);
  for (let i = 0; i < 13 * 16; i++) {
    const [x, y] = [i % 13, Math.floor(i / 13)];
    const isSet = (bits[y * 2 + (x >> 3)]! >> (7 - (x & 7))) & 1;
    expectedBits.set(two.subarray(isSet * 3, isSet * 3 + 3), i * 3);
  }
  await assertArea(200, 0, 13, 16, expectedBits);
  const expectedIndices = new Uint8Array(20 * 10 * 3);
  for (let i = 0; i < 200; i++) expectedIndices.set(five.subarray((i % 5) * 3, (i % 5) * 3 + 3), i * 3);
  await assertArea(200, 50, 20, 10, expectedIndices);
});

test('Tight data of fewer than 12 bytes is read uncompressed, and Raw rects are drawn', async () => {
  const rgb = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  await viewer.show(
    server.updateHeader(RECTS_UNTIL_LAST),
    await basicRect([300, 0, 3, 1], rgb, { filter: 'copy' }),
    Buffer.concat([rectHeader(310, 0, 1, 2, ENCODING_RAW), Uint8Array.of(30, 20, 10, 0, 33, 22, 11, 0)]),
    server.lastRect(),
  );
  await assertArea(300, 0, 3, 1, rgb);
  await assertArea(310, 0, 1, 2, Uint8Array.of(10, 20, 30, 11, 22, 33));
});

test('messages may arrive in pieces of any length', async () => {
  const update = Buffer.concat([
    server.updateHeader(2),
    fill(0, 0, 10, 10, [9, 8, 7]),
    await basicRect([20, 20, 30, 30], pattern(30, 30, 77), { filter: 'copy' }),
  ]);
  const requests = viewer.count('updateRequest');
  for (let at = 0; at < update.length; at += 7) viewer.send(update.subarray(at, at + 7));
  await viewer.until('the update drawn', () => viewer.count('updateRequest') > requests);
  assert.deepEqual(await pixelAt(5, 5), [9, 8, 7]);
  await assertArea(20, 20, 30, 30, pattern(30, 30, 77));
});

test('the page requests more after drawing, and answers a fence at once', async () => {
  const requests = viewer.count('updateRequest');
  viewer.send(
    server.fence(0x80000001, Uint8Array.of(1)),
    server.updateHeader(1),
    fill(0, 0, 1, 1, [0, 0, 0]),
    server.fence(0x80000001, Uint8Array.of(2)),
  );
  await viewer.until('the request', () => viewer.count('updateRequest') > requests);
  // Once it has loaded the decoder of zstd, the page sends its encodings again.
  const types = viewer.received.map(({ type }) => type).filter((type) => type !== 'setEncodings');
  assert.deepEqual(types.slice(-3), ['fence', 'fence', 'updateRequest']);
  const fences = viewer.of('fence').slice(-2);
  assert.deepEqual(
    fences.map(({ flags, payload }) => [flags, ...payload].join()),
    ['1,1', '1,2'],
  );
});

test('frame stats are sent for the requested update, in microseconds', async () => {
  assert.equal(viewer.count('frameStats'), 0);
  const startMs = performance.now();
  // The second update waits for the display to show the first, so that its time is not 0.
  viewer.send(
    server.updateHeader(1),
    fill(0, 0, 1, 1, [4, 4, 4]),
    server.reportFrameStats(),
    server.updateHeader(1),
    fill(0, 0, 1, 1, [5, 5, 5]),
  );
  await viewer.until('the stats', () => viewer.count('frameStats') > 0);
  const elapsedUs = (performance.now() - startMs) * 1000;
  await viewer.roundTrip();
  await viewer.show(server.updateHeader(1), fill(0, 0, 1, 1, [6, 6, 6]));
  const [stats, ...others] = viewer.of('frameStats');
  assert.equal(others.length, 0);
  assert.ok(stats!.totalTime > 0 && stats!.totalTime <= elapsedUs, `${stats!.totalTime} of ${elapsedUs} µs`);
  assert.ok(stats!.renderTime <= stats!.totalTime);
});

test('the page enables continuous updates if the server has them, and again after a resize', async () => {
  viewer.send(server.endOfContinuousUpdates());
  await viewer.until('EnableContinuousUpdates', () => viewer.count('enableContinuousUpdates') === 1);
  const screens = [{ id: 7, x: 0, y: 0, width: 400, height: 300, flags: 0 }];
  await viewer.show(
    server.updateHeader(2),
    server.extendedDesktopSizeRect(0, 0, 400, 300, screens),
    fill(320, 200, 80, 100, [70, 80, 90]),
  );
  assert.deepEqual(viewer.of('enableContinuousUpdates').at(-1), {
    type: 'enableContinuousUpdates',
    on: true,
    x: 0,
    y: 0,
    width: 400,
    height: 300,
  });
  const { width, height } = await readScreen(page);
  assert.deepEqual([width, height], [400, 300]);
  assert.deepEqual(await pixelAt(399, 299), [70, 80, 90]);
  // What was there before the resize is still there.
  await assertArea(20, 20, 30, 30, pattern(30, 30, 77));
});

test('the cursor takes the shape that the server sends, and is hidden without a visible pixel', async () => {
  const pixels = new Uint8Array(16 * 16 * 4).fill(255);
  const cursor = { width: 16, height: 16, hotX: 3, hotY: 4, pixels };
  const { cursorRect } = await import('../../src/protocol/cursor.ts');
  const { SERVER_PIXEL_FORMAT } = await import('../../src/protocol/pixel-format.ts');
  await viewer.show(server.updateHeader(1), cursorRect('alpha', cursor, SERVER_PIXEL_FORMAT));
  const shape = `getComputedStyle(document.querySelector('canvas')).cursor`;
  assert.match(await page.evaluate<string>(shape), /^url\("data:image\/png;base64,.*"\) 3 4, default$/);
  const empty = { ...cursor, width: 0, height: 0, pixels: new Uint8Array(0) };
  await viewer.show(server.updateHeader(1), cursorRect('alpha', empty, SERVER_PIXEL_FORMAT));
  assert.equal(await page.evaluate<string>(shape), 'none');
});

/** Applies the gradient filter: each value's distance from left + above - above left, clamped. */
function gradientOf(rgb: Uint8Array, width: number): Uint8Array {
  const at = (i: number, isInside: boolean) => (isInside ? rgb[i]! : 0);
  return rgb.map((value, i) => {
    const hasLeft = i % (width * 3) >= 3;
    const hasAbove = i >= width * 3;
    const left = at(i - 3, hasLeft);
    const above = at(i - width * 3, hasAbove);
    const aboveLeft = at(i - width * 3 - 3, hasLeft && hasAbove);
    return value - Math.min(255, Math.max(0, left + above - aboveLeft));
  });
}

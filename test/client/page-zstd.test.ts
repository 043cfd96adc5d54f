import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { ENCODING_TIGHT, ENCODING_ZSTD } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import { updateHeader } from '../../src/protocol/server-messages.ts';
import { tightFill } from '../../src/protocol/tight.ts';
import { zstdRectHead } from '../../src/protocol/zstd-rect.ts';
import { launchChromium, readScreen } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

const [WIDTH, HEIGHT] = [31, 17];

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewer: PageViewer;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: 2 * WIDTH, height: HEIGHT, name: 'Zstd' }),
  ]);
  page = await browser.newPage();
  await page.goto(pages.url);
  viewer = await pages.nextViewer();
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

function zstdRect(x: number, palette: Uint8Array | undefined, data: Uint8Array): Uint8Array {
  const frame = zstdCompressSync(data);
  const head = zstdRectHead(palette, 3, frame.length);
  return Buffer.concat([rectHeader(x, 0, WIDTH, HEIGHT, ENCODING_ZSTD), head, frame]);
}

test('the page asks for zstd rects once it has loaded their decoder, and draws them', async () => {
  const lists = () => viewer.of('setEncodings').map(({ encodings }) => encodings);
  await viewer.showDesktop();
  await viewer.until('zstd in the list', () => lists().some((list) => list.includes(ENCODING_ZSTD)));
  assert.ok(!lists()[0]!.includes(ENCODING_ZSTD), 'the first picture does not wait for the decoder');

  const rgb = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => i * 13 + (i >> 5));
  const palette = Uint8Array.from({ length: 16 * 3 }, (_, i) => i * 5);
  const rowBytes = Math.ceil(WIDTH / 2);
  const halves = Uint8Array.from({ length: rowBytes * HEIGHT }, (_, i) => i * 11);
  await viewer.show(updateHeader(2), zstdRect(0, undefined, rgb), zstdRect(WIDTH, palette, halves));

  const { rgba, width } = await readScreen(page);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const at = (y * width + x) * 4;
    assert.deepEqual([...rgba.subarray(at, at + 3)], [...rgb.subarray(i * 3, i * 3 + 3)]);
    const byte = halves[y * rowBytes + (x >> 1)]!;
    const index = x & 1 ? byte & 15 : byte >> 4;
    const right = at + WIDTH * 4;
    assert.deepEqual(
      [...rgba.subarray(right, right + 3)],
      [...palette.subarray(index * 3, index * 3 + 3)],
      `${x},${y}`,
    );
  }
});

test('a page that can not load the decoder of zstd rects goes on without them', async () => {
  const other = await browser.newPage();
  await other.route('**/zstddec-*', (route) => route.abort());
  const failed = other.waitForEvent('requestfailed');
  await other.goto(pages.url);
  const lone = await pages.nextViewer();
  await lone.showDesktop();
  await failed;
  const colour = Uint8Array.of(200, 100, 50);
  const rect = Buffer.concat([rectHeader(0, 0, WIDTH, HEIGHT, ENCODING_TIGHT), tightFill(colour)]);
  await lone.show(updateHeader(1), rect);
  const { rgba } = await readScreen(other);
  assert.deepEqual([...rgba.subarray(0, 3)], [...colour]);
  assert.equal(lone.of('setEncodings').length, 1);
  await other.close();
});

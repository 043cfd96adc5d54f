import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { encodeJpeg } from '../../src/encode/encoders/jpeg.ts';
import { ENCODING_TIGHT } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import * as server from '../../src/protocol/server-messages.ts';
import * as tight from '../../src/protocol/tight.ts';
import { passesOnce } from '../support/limits.ts';
import { wrongTime } from '../support/within.ts';
import { launchChromium } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

// What the page reports of an update, compared with the browser's performance timeline.

const SIZE = { width: 320, height: 200 };
/** Time between the two pieces of an update, and time that a slow browser takes to decode a picture, in ms. */
const GAP_MS = 120;
const DECODE_MS = 150;

/**
 * Marks in the timeline when bytes have come, before the page reads them, and when something has been drawn. Pictures are
 * decoded later by `decodeMs`.
 */
const MARK = `(() => {
  const Real = globalThis.WebSocket;
  globalThis.WebSocket = class extends Real {
    constructor(...options) {
      super(...options);
      this.addEventListener('message', ({ data }) => performance.mark('bytes', { detail: data.byteLength }));
    }
  };
  const context = CanvasRenderingContext2D.prototype;
  for (const name of ['drawImage', 'putImageData', 'fillRect']) {
    const draw = context[name];
    context[name] = function (...options) {
      draw.apply(this, options);
      performance.mark('drawn');
    };
  }
  const { decode } = ImageDecoder.prototype;
  ImageDecoder.prototype.decode = async function (...options) {
    if (globalThis.decodeMs) await new Promise((resolve) => setTimeout(resolve, globalThis.decodeMs));
    return decode.apply(this, options);
  };
})()`;

interface Mark {
  readonly name: string;
  readonly startTime: number;
  readonly detail: number | null;
}

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewer: PageViewer;

before(async () => {
  [browser, pages] = await Promise.all([launchChromium(), PageServer.start({ ...SIZE, name: 'Measured' })]);
  page = await browser.newPage();
  await page.addInitScript(MARK);
  await page.goto(pages.url);
  viewer = await pages.nextViewer();
});
after(async () => {
  await browser?.close();
  await pages?.close();
});

const rect = (y: number, height: number, body: Uint8Array): Buffer =>
  Buffer.concat([rectHeader(0, y, SIZE.width, height, ENCODING_TIGHT), body]);

const fill = (y: number, height: number, grey: number): Buffer =>
  rect(y, height, tight.tightFill(Uint8Array.of(grey, grey, grey)));

function jpeg(y: number, height: number): Buffer {
  const pixels = Uint8Array.from({ length: SIZE.width * height * 4 }, (_, i) => (i * 7) & 255);
  const data = encodeJpeg(pixels, SIZE.width, height, SIZE.width, { quality: 50, subsampling: '4:2:0' });
  return rect(y, height, Buffer.concat([tight.tightJpegHeader(data.length), data]));
}

/** Shows an update of two pieces, the second one later by `gapMs`. Returns what is wrong with the page's report. */
async function wrongReport(first: Buffer, second: Buffer, gapMs: number): Promise<string | undefined> {
  const before = viewer.count('frameStats');
  viewer.send(server.reportFrameStats());
  await viewer.roundTrip();
  await page.evaluate('performance.clearMarks()');
  viewer.send(first);
  await sleep(gapMs);
  viewer.send(second);
  await viewer.until('the stats', () => viewer.count('frameStats') > before);
  const { totalTime, renderTime } = viewer.of('frameStats').at(-1)!;
  const marks = await page.evaluate<Mark[]>(
    `performance.getEntriesByType('mark').map(({ name, startTime, detail }) => ({ name, startTime, detail }))`,
  );
  // Answers to the page's own fences come between.
  const arrivedMs = ({ length }: Buffer): number =>
    marks.find(({ name, detail }) => name === 'bytes' && detail === length)!.startTime;
  const drawnMs = marks.findLast(({ name }) => name === 'drawn')!.startTime;
  return (
    wrongTime('totalTime', totalTime / 1000, drawnMs - arrivedMs(first)) ??
    wrongTime('renderTime', renderTime / 1000, drawnMs - arrivedMs(second))
  );
}

const header = (rects: number): Buffer => Buffer.from(server.updateHeader(rects));

test('the page’s times of an update in two pieces are those of the performance timeline', () =>
  passesOnce((round) =>
    wrongReport(
      Buffer.concat([header(2), fill(0, 100, 10 + round)]),
      Buffer.concat([fill(100, 100, 20 + round)]),
      GAP_MS,
    ),
  ));

test('the page’s times of an update whose picture is decoded slowly are those of the performance timeline', async () => {
  await page.evaluate(`globalThis.decodeMs = ${DECODE_MS}`);
  await passesOnce(async (round) => {
    const wrong = await wrongReport(
      Buffer.concat([header(2), fill(0, 100, 30 + round)]),
      jpeg(100, 100),
      GAP_MS,
    );
    const { renderTime } = viewer.of('frameStats').at(-1)!;
    assert.ok(renderTime >= DECODE_MS * 1000, `${renderTime} µs in the render queue`);
    return wrong;
  });
  await page.evaluate('globalThis.decodeMs = 0');
});

test('the page’s times of an update that waits for the one before are those of the performance timeline', () =>
  passesOnce(async (round) => {
    await page.evaluate(`globalThis.decodeMs = ${DECODE_MS}`);
    viewer.send(header(1), jpeg(0, 100 + round));
    const wrong = await wrongReport(
      Buffer.concat([header(2), fill(0, 100, 50 + round)]),
      Buffer.concat([fill(100, 100, 60 + round)]),
      0,
    );
    await page.evaluate('globalThis.decodeMs = 0');
    return wrong;
  }));

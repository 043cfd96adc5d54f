import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { createRandom } from '../../bench/painter/random.ts';
import * as wire from '../../src/protocol/constants.ts';
import { exactDifference } from '../support/same-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { ThrottledProxy } from '../support/throttled-proxy.ts';
import { STANDARD_ENCODINGS, Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { XPainter } from '../support/x-painter.ts';
import { readScreen } from '../support/xwd.ts';

const SIZE = { width: 800, height: 600 };
const PHOTO = { width: 1200, height: 900 };
/** 5 Mbit/s with a round trip of 50 ms. */
const SLOW_LINK = { down: { bytesPerSecond: 625_000, delayMs: 25 }, up: { delayMs: 25 } };
/** Six tiles by six, about as many as a frame has time for. */
const CHANGE = { x: 64, y: 64, width: 320, height: 256 };
const CHANGES = 8;
const EXACT_LIMIT_MS = 30_000;

/** Level 5 for changes and no loss for still content, so that both viewers end with the same pixels. */
const EXACT_IN_THE_END = [...STANDARD_ENCODINGS, wire.PSEUDO_TREAT_LOSSLESS_FIRST + 5];

let server: RunningDeskwire;
let painter: XPainter;
const opened: { close(): Promise<void> }[] = [];

before(async () => {
  server = await startDeskwire({ flags: ['--size', `${SIZE.width}x${SIZE.height}`, '--run', 'true'] });
  painter = await XPainter.open(server.xEnvironment(), createPhoto(PHOTO.width, PHOTO.height));
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
after(async () => {
  await painter?.close();
  await server?.stop();
});

function kept<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

interface Watched {
  readonly bytes: number;
  /** Number of updates that were the first to show a change and contained WebP. */
  readonly changes: number;
  /** Number of WebP rects in all updates. */
  readonly rects: number;
}

/** Shows the same pictures to each viewer. Each is exact before the next one is painted. */
async function watch(encodings: readonly number[]): Promise<Watched> {
  const proxy = kept(await ThrottledProxy.open(server.port, SLOW_LINK));
  painter.photo(0, 0, { x: 0, y: 0, ...SIZE });
  await painter.settled();
  const target = { url: `https://127.0.0.1:${proxy.port}/`, ca: server.ca, user: server.owner };
  const viewer = kept(await Viewer.connectWebSocket(target, { encodings }));
  let [bytes, changes, rects] = [0, 0, 0];
  let isFirst = true;
  viewer.on('update', (update) => {
    const webps = update.rects.filter(({ kind }) => kind === 'tightWebp').length;
    bytes += update.bytes;
    rects += webps;
    if (isFirst && webps > 0) changes++;
    isFirst = false;
  });
  const isExact = async (): Promise<void> => {
    const screen = await readScreen(server.display, server.xEnvironment());
    await waitFor(
      'the picture',
      () => exactDifference(viewer.framebuffer, screen) === undefined,
      EXACT_LIMIT_MS,
    );
  };
  await isExact();
  const random = createRandom(9);
  for (let i = 0; i < CHANGES; i++) {
    isFirst = true;
    painter.photo(random() * (PHOTO.width - CHANGE.width), random() * (PHOTO.height - CHANGE.height), CHANGE);
    await painter.settled();
    await isExact();
  }
  return { bytes, changes, rects };
}

test('a viewer that lists WebP is sent it on a slow link, with fewer bytes for the same pictures', async (t) => {
  const without = await watch(EXACT_IN_THE_END);
  const listing = await watch([...EXACT_IN_THE_END, wire.PSEUDO_WEBP]);
  t.diagnostic(`without: ${JSON.stringify(without)}, with: ${JSON.stringify(listing)}`);
  assert.equal(without.rects, 0);
  assert.ok(listing.changes > CHANGES / 2, `${listing.changes} changes`);
  assert.ok(listing.rects > listing.changes, 'still content is WebP, too');
  assert.ok(listing.bytes < without.bytes, `${listing.bytes} bytes, ${without.bytes} without WebP`);
});

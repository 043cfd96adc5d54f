import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPhoto } from '../../bench/painter/photo.ts';
import { createRandom } from '../../bench/painter/random.ts';
import type { Size } from '../../src/pixels/rect.ts';
import * as wire from '../../src/protocol/constants.ts';
import type { ServerMessage } from '../../src/protocol/server-message-reader.ts';
import { RGB565 } from '../support/pixel-formats.ts';
import { RandomPainting } from '../support/random-painting.ts';
import { type Difference, exactDifference, jpegDifference } from '../support/same-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { STANDARD_ENCODINGS, Viewer, type ViewerOptions } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { XPainter } from '../support/x-painter.ts';
import { readScreen, type ScreenPicture } from '../support/xwd.ts';

/** DESKWIRE_TEST_SEED repeats a run that failed. */
const SEED = Number(process.env.DESKWIRE_TEST_SEED ?? Date.now() % 1_000_000);
const SIZES: readonly Size[] = [
  { width: 700, height: 500 },
  { width: 333, height: 601 },
  { width: 1001, height: 403 },
  { width: 64, height: 64 },
  { width: 700, height: 500 },
];
const ROUNDS = 4;
const STEPS = 60;
const SETTLE_LIMIT_MS = 20_000;

const isQuality = (encoding: number): boolean =>
  encoding >= wire.PSEUDO_QUALITY_FIRST && encoding < wire.PSEUDO_QUALITY_FIRST + 10;
const without = (...left: readonly number[]): number[] =>
  STANDARD_ENCODINGS.filter((encoding) => !isQuality(encoding) && !left.includes(encoding));
const LOSSLESS = without();
const jpegAt = (level: number): number[] => [...LOSSLESS, wire.PSEUDO_QUALITY_FIRST + level];

type Compare = (viewer: Viewer, screen: ScreenPicture) => Difference;
const exactly: Compare = (viewer, screen) => exactDifference(viewer.framebuffer, screen);
const asJpeg =
  (level: number): Compare =>
  (viewer, screen) =>
    jpegDifference(viewer.framebuffer, screen, level);
const in16Bits: Compare = (viewer, screen) => exactDifference(viewer.framebuffer, screen, RGB565);

/** Viewers of the same desktop, one for each way to connect and encode. */
const WAYS: Readonly<Record<string, readonly [ViewerOptions, Compare]>> = {
  lossless: [{ encodings: LOSSLESS }, exactly],
  'lossless, asking each time': [{ encodings: LOSSLESS, updates: 'requested' }, exactly],
  raw: [{ encodings: without(wire.ENCODING_TIGHT) }, exactly],
  'without fences': [{ encodings: without(wire.PSEUDO_FENCE, wire.PSEUDO_CONTINUOUS_UPDATES) }, exactly],
  '16 bits': [{ encodings: LOSSLESS, format: RGB565 }, in16Bits],
  'JPEG 3': [{ encodings: jpegAt(3) }, asJpeg(3)],
  'JPEG, without loss in the end': [{ encodings: [...LOSSLESS, wire.PSEUDO_FINE_QUALITY_LAST] }, exactly],
  'WebP, without loss in the end': [{ encodings: [...jpegAt(3), wire.PSEUDO_WEBP] }, exactly],
  'WebP, bandwidth preferred': [
    { encodings: [...jpegAt(5), wire.PSEUDO_WEBP, wire.PSEUDO_PREFER_BANDWIDTH] },
    exactly,
  ],
  'JPEG 5': [{ encodings: jpegAt(5) }, asJpeg(5)],
  'JPEG 9, asking each time': [{ encodings: jpegAt(9), updates: 'requested' }, asJpeg(9)],
};

interface Watcher {
  readonly name: string;
  readonly viewer: Viewer;
  readonly compare: Compare;
}

let server: RunningDeskwire;
let painter: XPainter;
before(async () => {
  const size = `${SIZES[0]!.width}x${SIZES[0]!.height}`;
  server = await startDeskwire({ flags: ['--size', size, '--max-size', '1100x700', '--run', 'true'] });
  painter = await XPainter.open(server.xEnvironment(), createPhoto(800, 600));
});
after(async () => {
  await painter?.close();
  await server?.stop();
});

async function watch(name: string, [options, compare]: readonly [ViewerOptions, Compare]): Promise<Watcher> {
  const { url, ca, owner } = server;
  const viewer = await Viewer.connectWebSocket({ url, ca, user: owner }, options);
  connected.add(viewer);
  // A rect that can not be decoded or lies outside of the screen.
  viewer.on('failure', (error) => assert.fail(`${name}: ${error.stack}`));
  return { name, viewer, compare };
}

const watchAll = (): Promise<Watcher[]> =>
  Promise.all(Object.entries(WAYS).map(([name, way]) => watch(name, way)));

/** Waits until every viewer shows what X shows; fails with the viewers that do not and where they differ. */
async function assertAllShowTheScreen(watchers: readonly Watcher[]): Promise<void> {
  await painter.settled();
  const screen = await readScreen(server.display, server.xEnvironment());
  const wrong = (): string[] =>
    watchers.flatMap(({ name, viewer, compare }) => {
      const difference = viewer.closedReason ?? compare(viewer, screen);
      return difference === undefined ? [] : [`${name}: ${difference}`];
    });
  const settled = waitFor(
    'all viewers',
    async () => {
      if (wrong().length === 0) return true;
      await sleep(50);
      return false;
    },
    SETTLE_LIMIT_MS,
  );
  await settled.catch(() => assert.deepEqual(wrong(), []));
}

function randomPainting(seed: number): RandomPainting {
  return new RandomPainting(painter, createRandom(seed), server.size, { width: 800, height: 600 });
}

/** Paints some steps at once and some one by one, with pauses in which frames are sent. */
async function paint(painting: RandomPainting, random: () => number, steps: number): Promise<void> {
  for (let i = 0; i < steps; i++) {
    painting.step();
    if (random() < 0.5) await painter.settled();
    if (random() < 0.3) await sleep(random() * 30);
  }
}

/** Closes all viewers, also after a test that failed. */
const connected = new Set<Viewer>();
afterEach(async () => {
  await Promise.all([...connected].map((viewer) => viewer.close()));
  connected.clear();
});

async function leave(watchers: readonly Watcher[]): Promise<void> {
  await Promise.all(watchers.map(({ viewer }) => viewer.close()));
}

test('every viewer shows what X shows after random painting', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = createRandom(SEED);
  const painting = randomPainting(SEED + 1);
  const watchers = await watchAll();
  for (let round = 0; round < ROUNDS; round++) {
    await paint(painting, random, STEPS);
    await assertAllShowTheScreen(watchers);
  }
});

test('viewers that stop reading for a while, or connect during painting, end with what X shows', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = createRandom(SEED + 2);
  const painting = randomPainting(SEED + 3);
  const watchers = await watchAll();
  for (let round = 0; round < ROUNDS; round++) {
    const slow = watchers.filter(() => random() < 0.4);
    for (const { viewer } of slow) viewer.pauseReading();
    const painted = paint(painting, random, STEPS);
    await sleep(100);
    const late = await watchAll();
    await painted;
    for (const { viewer } of slow) viewer.resumeReading();
    await assertAllShowTheScreen([...watchers, ...late]);
    await leave(late);
  }
});

test('every viewer shows what X shows after a resize while X is painted', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = createRandom(SEED + 4);
  const painting = randomPainting(SEED + 5);
  const watchers = await watchAll();
  for (const size of SIZES) {
    painting.size = { width: Math.max(size.width, 300), height: Math.max(size.height, 300) };
    const painted = paint(painting, random, STEPS);
    await sleep(random() * 50);
    const asker = watchers[Math.floor(random() * watchers.length)]!.viewer;
    asker.requestSize(size);
    // A viewer that connects while the size changes.
    const late = await watch('late', WAYS.lossless!);
    await painted;
    await waitFor('the new size', () => sameSizes(watchers, size), SETTLE_LIMIT_MS);
    await assertAllShowTheScreen([...watchers, late]);
    await leave([late]);
  }
});

test('every viewer shows what X shows after many resizes in a row', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = createRandom(SEED + 6);
  const painting = randomPainting(SEED + 7);
  const watchers = await watchAll();
  for (let i = 0; i < 60; i++) {
    const size = { width: 64 + Math.floor(random() * 900), height: 64 + Math.floor(random() * 600) };
    watchers[i % watchers.length]!.viewer.requestSize(size);
    await paint(painting, random, 2);
  }
  await Promise.all(watchers.map(({ viewer }) => readByServer(viewer)));
  const last = { width: 640, height: 480 };
  watchers[0]!.viewer.requestSize(last);
  await waitFor('the last size', () => sameSizes(watchers, last), SETTLE_LIMIT_MS);
  await assertAllShowTheScreen(watchers);
});

/** Resolves when the server has read all that this viewer sent, so that messages of other viewers come later. */
function readByServer(viewer: Viewer): Promise<void> {
  return new Promise((resolve) => {
    const listen = (message: ServerMessage): void => {
      if (message.type !== 'fence' || message.flags & wire.FENCE_REQUEST) return;
      viewer.off('message', listen);
      resolve();
    };
    viewer.on('message', listen);
    viewer.send({ type: 'fence', flags: wire.FENCE_REQUEST, payload: Uint8Array.of(1) });
  });
}

function sameSizes(watchers: readonly Watcher[], { width, height }: Size): boolean {
  return watchers.every(({ viewer: { size } }) => size.width === width && size.height === height);
}

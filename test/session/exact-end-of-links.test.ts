import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPhoto } from '../../bench/painter/photo.ts';
import { createRandom } from '../../bench/painter/random.ts';
import * as wire from '../../src/protocol/constants.ts';
import { withSlack } from '../support/limits.ts';
import { RandomPainting } from '../support/random-painting.ts';
import { exactDifference } from '../support/same-picture.ts';
import { Standstill } from '../support/standstill.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { ThrottledProxy } from '../support/throttled-proxy.ts';
import { STANDARD_ENCODINGS, type UpdateInfo, Viewer, type ViewerOptions } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { XPainter } from '../support/x-painter.ts';
import { readScreen, type ScreenPicture } from '../support/xwd.ts';

/** DESKWIRE_TEST_SEED repeats a run that failed. */
const SEED = Number(process.env.DESKWIRE_TEST_SEED ?? Date.now() % 1_000_000);
const SIZE = { width: 480, height: 320 };
const PHOTO = createPhoto(SIZE.width * 2, SIZE.height * 2);
const ROUNDS = 4;
const STEPS = 24;
const LONGEST_PAUSE_MS = 60;
/** Time until the final picture is exact, in milliseconds, in addition to the time of its bytes on the link. */
const LIMIT_MS = withSlack(1000);
/**
 * Most bytes per pixel that a picture may take after the painting has stopped: once without loss, once more for what
 * was under way then and is not shown any more, and once with loss.
 */
const MOST_BYTES_PER_PX = 8;

/** Bytes per second, and the delay in each direction. */
const LINKS = {
  '0.5 Mbit/s, 80 ms': { bytesPerSecond: 62_500, delayMs: 40 },
  '5 Mbit/s, 50 ms': { bytesPerSecond: 625_000, delayMs: 25 },
  '50 Mbit/s, 10 ms': { bytesPerSecond: 6_250_000, delayMs: 5 },
} as const;

const isQuality = (encoding: number): boolean =>
  encoding >= wire.PSEUDO_QUALITY_FIRST && encoding <= wire.PSEUDO_QUALITY_LAST;
const LOSSLESS = STANDARD_ENCODINGS.filter((encoding) => !isQuality(encoding));
/** A viewer that requests each update gets them a round trip apart, at any rate of the link. */
const ASKING = 'level 5, without loss in the end, asking each time';
const WAYS: Readonly<Record<string, ViewerOptions>> = {
  'without loss': { encodings: LOSSLESS },
  'without loss in the end': { encodings: [...LOSSLESS, wire.PSEUDO_FINE_QUALITY_LAST] },
  [ASKING]: {
    encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_TREAT_LOSSLESS_FIRST],
    updates: 'requested',
  },
};

/** This process is the links and all viewers. The time in which it stands still is no time of the server. */
const standstill = new Standstill();
after(() => standstill[Symbol.dispose]());

/** A viewer behind a link, with a count of the bytes that came over it. */
class Watcher {
  readonly name: string;
  readonly viewer: Viewer;
  readonly bytesPerMs: number;
  /** Time that each of its updates takes in addition to the time of its bytes, in milliseconds. */
  readonly updateMs: number;
  #bytes = 0;
  #updates = 0;
  #lastMs = 0;

  constructor(name: string, viewer: Viewer, bytesPerSecond: number, updateMs: number) {
    this.name = name;
    this.viewer = viewer;
    this.bytesPerMs = bytesPerSecond / 1000;
    this.updateMs = updateMs;
    viewer.on('failure', (error) => assert.fail(`${name}: ${error.stack}`));
  }

  /** Resolves when the viewer shows `screen`, with the bytes from now on and the time without that of the bytes. */
  async untilShown(
    screen: Promise<ScreenPicture>,
    limitMs: number,
  ): Promise<{ bytes: number; besidesMs: number }> {
    const fromMs = performance.now();
    const stoodMs = standstill.ms;
    this.#bytes = 0;
    this.#updates = 0;
    this.#lastMs = fromMs;
    let besidesMs = 0;
    const count = ({ bytes, endMs }: UpdateInfo): void => {
      this.#bytes += bytes;
      this.#updates++;
      this.#lastMs = endMs;
      const linkMs = this.#bytes / this.bytesPerMs + this.#updates * this.updateMs;
      besidesMs = endMs - fromMs - linkMs - (standstill.ms - stoodMs);
    };
    this.viewer.on('update', count);
    const wanted = await screen;
    let seen = -1;
    const isShown = (): boolean => {
      if (seen === this.#lastMs) return false;
      seen = this.#lastMs;
      return exactDifference(this.viewer.framebuffer, wanted) === undefined;
    };
    await waitFor(`the picture at ${this.name}`, isShown, limitMs).catch((error) => {
      throw new Error(`${error.message}: ${exactDifference(this.viewer.framebuffer, wanted)}`);
    });
    this.viewer.off('update', count);
    return { bytes: this.#bytes, besidesMs };
  }
}

let server: RunningDeskwire;
let painter: XPainter;
const opened: { close(): Promise<void> }[] = [];
before(async () => {
  server = await startDeskwire({ flags: ['--size', `${SIZE.width}x${SIZE.height}`, '--run', 'true'] });
  painter = await XPainter.open(server.xEnvironment(), PHOTO);
});
after(async () => {
  for (const one of opened.reverse()) await one.close();
  await painter?.close();
  await server?.stop();
});

async function watchAll(): Promise<Watcher[]> {
  const watchers: Watcher[] = [];
  for (const [link, lane] of Object.entries(LINKS)) {
    const proxy = await ThrottledProxy.open(server.port, { down: lane, up: { delayMs: lane.delayMs } });
    opened.push(proxy);
    const target = { url: `https://127.0.0.1:${proxy.port}/`, ca: server.ca, user: server.owner };
    for (const [way, options] of Object.entries(WAYS)) {
      const viewer = await Viewer.connectWebSocket(target, options);
      opened.push(viewer);
      const updateMs = way === ASKING ? lane.delayMs * 2 : 0;
      watchers.push(new Watcher(`${link}, ${way}`, viewer, lane.bytesPerSecond, updateMs));
    }
  }
  return watchers;
}

test('after painting, every link shows the exact pixels within a second plus the time of the bytes', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = createRandom(SEED);
  const painting = new RandomPainting(painter, createRandom(SEED + 1), SIZE, PHOTO);
  const mostBytes = SIZE.width * SIZE.height * MOST_BYTES_PER_PX;
  const watchers = await watchAll();
  const latest = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (let step = 0; step < STEPS; step++) {
      painting.step();
      if (random() < 0.7) await sleep(random() * LONGEST_PAUSE_MS);
    }
    await painter.settled();
    const screen = readScreen(server.display, server.xEnvironment());
    await Promise.all(
      watchers.map(async (watcher) => {
        const { name, bytesPerMs } = watcher;
        const limitMs = LIMIT_MS + (2 * mostBytes) / bytesPerMs;
        const { bytes, besidesMs } = await watcher.untilShown(screen, limitMs);
        latest.set(name, Math.max(latest.get(name) ?? 0, besidesMs));
        const told = `round ${round}, ${name}: ${bytes} bytes, ${Math.round(besidesMs)} ms besides`;
        assert.ok(besidesMs <= LIMIT_MS, told);
        assert.ok(bytes <= mostBytes, told);
      }),
    );
  }
  for (const [name, ms] of latest) t.diagnostic(`${name}: ${Math.round(ms)} ms besides the bytes at most`);
});

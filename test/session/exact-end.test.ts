import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { createRandom } from '../../bench/painter/random.ts';
import type { User } from '../../src/accounts/user.ts';
import type { Size } from '../../src/pixels/rect.ts';
import * as wire from '../../src/protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import { withSlack } from '../support/limits.ts';
import {
  CONTINUOUS,
  LOSSLESS,
  type MemoryViewer,
  type MemoryViewerOptions,
} from '../support/memory-viewer.ts';
import { RGB565 } from '../support/pixel-formats.ts';
import { RandomPainting } from '../support/random-painting.ts';
import { type Difference, exactDifference, jpegDifference } from '../support/same-picture.ts';
import { SyntheticBrush } from '../support/synthetic-brush.ts';
import { settle, TestSession } from '../support/test-session.ts';
import { waitFor } from '../support/wait-for.ts';
import type { ScreenPicture } from '../support/xwd.ts';

/** DESKWIRE_TEST_SEED repeats a run that failed. */
const SEED = Number(process.env.DESKWIRE_TEST_SEED ?? Date.now() % 1_000_000);
const MAX_SIZE: Size = { width: 560, height: 420 };
const SIZE: Size = { width: 460, height: 340 };
const PHOTO = createPhoto(MAX_SIZE.width, MAX_SIZE.height);
/** Time until the final picture is exact, in milliseconds: one second on links without a limit. */
const LIMIT_MS = withSlack(1000);
/**
 * Time after which no further round begins, in milliseconds, and the rounds that are played at any rate. With a larger
 * time a busy machine reaches the time limit of a test, with a smaller one it plays fewer rounds.
 */
const PLAY_MS = 60_000;
const LEAST_ROUNDS = 10;
/** Longest pause while painting, in milliseconds: shorter than the time after which a picture counts as still. */
const LONGEST_PAUSE_MS = 25;

const COPYING = [...CONTINUOUS, wire.ENCODING_COPY_RECT];
const FINEST = wire.PSEUDO_FINE_QUALITY_LAST;
const level = (quality: number): number => wire.PSEUDO_QUALITY_FIRST + quality;

type Ways = Readonly<Record<string, MemoryViewerOptions>>;

/** Viewers that accept no loss. */
const LOSSLESS_WAYS: Ways = {
  everything: { encodings: [...COPYING, wire.PSEUDO_LAST_RECT], updates: 'continuous' },
  'no CopyRect': { encodings: [...CONTINUOUS, wire.PSEUDO_LAST_RECT], updates: 'continuous' },
  'no LastRect': { encodings: COPYING, updates: 'continuous' },
  'asking each time': { encodings: [...COPYING, wire.PSEUDO_LAST_RECT], updates: 'requested' },
  'asking each time, no fences': { encodings: [...LOSSLESS, wire.ENCODING_COPY_RECT] },
  raw: { encodings: [wire.PSEUDO_DESKTOP_SIZE], updates: 'requested' },
  'raw and CopyRect': {
    encodings: COPYING.filter((encoding) => encoding !== wire.ENCODING_TIGHT),
    updates: 'continuous',
  },
  '16 bits': { encodings: COPYING, updates: 'continuous', format: RGB565 },
  'zstd rects': { encodings: [...COPYING, wire.ENCODING_ZSTD], updates: 'continuous' },
  'zstd rects, 16 bits': { encodings: [...COPYING, wire.ENCODING_ZSTD], format: RGB565 },
};

/** Viewers that have nothing better than these encodings without loss. */
const OLDER_WAYS: Ways = {
  ZRLE: { encodings: [wire.ENCODING_ZRLE, ...COPYING], updates: 'continuous' },
  'ZRLE, 16 bits': { encodings: [wire.ENCODING_ZRLE, ...LOSSLESS], format: RGB565 },
  zlib: { encodings: [wire.ENCODING_ZLIB, ...COPYING], updates: 'continuous' },
  Hextile: { encodings: [wire.ENCODING_HEXTILE, ...COPYING], updates: 'continuous' },
};

/** Viewers that accept loss while the picture moves. */
const WITH_LOSS_IN_THE_END = 'JPEG 5';
const LOSSY_WAYS: Ways = {
  'fine quality 100': { encodings: [...COPYING, FINEST, wire.PSEUDO_LAST_RECT], updates: 'continuous' },
  'JPEG 3, without loss in the end': {
    encodings: [...COPYING, level(3), wire.PSEUDO_TREAT_LOSSLESS_FIRST],
    updates: 'continuous',
  },
  'fine quality 100, asking each time': { encodings: [...LOSSLESS, wire.ENCODING_COPY_RECT, FINEST] },
  'fine quality 100, no CopyRect': { encodings: [...CONTINUOUS, FINEST], updates: 'continuous' },
  [WITH_LOSS_IN_THE_END]: { encodings: [...COPYING, level(5)], updates: 'continuous' },
};

interface Watcher {
  readonly name: string;
  readonly user: User;
  viewer: MemoryViewer;
}

/** Viewers of different kinds, and a desktop that is painted, scrolled and resized at random. */
class Room implements AsyncDisposable {
  readonly #session = new TestSession({ size: SIZE, maxSize: MAX_SIZE, maxFps: 100 });
  readonly #ways: Ways;
  readonly #random: () => number;
  readonly #painting: RandomPainting;
  #watchers: Watcher[] = [];

  constructor(ways: Ways, seed: number) {
    this.#ways = ways;
    this.#random = createRandom(seed);
    const brush = new SyntheticBrush(this.#session.desktop, PHOTO);
    this.#painting = new RandomPainting(brush, createRandom(seed + 1), SIZE, PHOTO);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }

  async open(): Promise<void> {
    for (const [name, options] of Object.entries(this.#ways)) {
      const user: User = { name, read: true, write: true, owner: false };
      this.#watchers.push({ name, user, viewer: await this.#session.connect({ ...options, user }) });
    }
  }

  /**
   * Paints that many steps while viewers stall, leave and lose rights. Afterwards all viewers can see and read again.
   */
  async paint(steps: number): Promise<void> {
    const { desktop, session } = this.#session;
    desktop.captureMs = this.#happens(0.2) ? this.#random() * 10 : 0;
    const stalled = this.#some(0.15);
    for (const { viewer } of stalled) viewer.wire.stall();
    const blind = this.#some(0.05);
    for (const { user } of blind) this.#mayRead(user, false);
    for (let step = 0; step < steps; step++) {
      this.#painting.step();
      if (this.#happens(0.4)) await settle(this.#random() * LONGEST_PAUSE_MS);
      if (this.#happens(0.04)) await session.sendFullFrame();
      if (this.#happens(0.05)) await this.#resize();
      if (this.#happens(0.1)) for (const watcher of this.#some(0.1)) await this.#comeLate(watcher);
      if (this.#happens(0.1)) for (const watcher of this.#some(0.3)) this.#toggleCopies(watcher);
      if (this.#happens(0.1)) for (const { viewer } of this.#some(0.3)) viewer.request(false);
    }
    for (const { viewer } of stalled) viewer.wire.resume();
    for (const { user } of blind) this.#mayRead(user, true);
  }

  /**
   * Waits until every viewer shows the desktop's picture; rejects with the viewers that do not and where they differ.
   */
  async ends(what: string): Promise<void> {
    const screen = this.#screen();
    const looks = this.#watchers.map((watcher) => ({ watcher, updates: -1, wrong: '' as Difference }));
    // The session and all viewers are in this process: comparing pictures that have not changed would slow them down.
    const wrong = (): string[] =>
      looks.flatMap((look) => {
        const { updates, failure } = look.watcher.viewer;
        if (failure) throw failure;
        if (updates.length !== look.updates) look.wrong = differenceOf(look.watcher, screen);
        look.updates = updates.length;
        return look.wrong === undefined ? [] : [`${look.watcher.name}: ${look.wrong}`];
      });
    await waitFor('every viewer to be exact', () => wrong().length === 0, LIMIT_MS).catch(() =>
      assert.deepEqual(wrong(), [], what),
    );
  }

  #screen(): ScreenPicture {
    const { desktop } = this.#session;
    const { width, height } = desktop.screenSize;
    const pixels = Uint32Array.from({ length: width * height }, (_, i) =>
      desktop.colourAt(i % width, Math.floor(i / width)),
    );
    return { width, height, pixels: bytesOf(pixels) };
  }

  #happens(share: number): boolean {
    return this.#random() < share;
  }

  #some(share: number): Watcher[] {
    return this.#watchers.filter(() => this.#happens(share));
  }

  #mayRead(user: User, read: boolean): void {
    const changed = { name: user.name, user: { ...user, read }, passwordChanged: false };
    this.#session.session.usersChanged([changed]);
  }

  async #resize(): Promise<void> {
    const side = (most: number): number => 65 + Math.floor(this.#random() * (most - 64));
    this.#painting.size = await this.#session.desktop.resize({
      width: side(MAX_SIZE.width),
      height: side(MAX_SIZE.height),
    });
  }

  /** Breaks off one viewer's connection and connects another viewer. */
  async #comeLate(watcher: Watcher): Promise<void> {
    watcher.viewer.wire.vanish();
    watcher.viewer = await this.#session.connect({ ...this.#ways[watcher.name], user: watcher.user });
  }

  #toggleCopies({ name, viewer }: Watcher): void {
    const { encodings = LOSSLESS } = this.#ways[name]!;
    const without = encodings.filter((encoding) => encoding !== wire.ENCODING_COPY_RECT);
    viewer.send({ type: 'setEncodings', encodings: this.#happens(0.5) ? without : [...encodings] });
  }
}

/** Where a viewer differs from the screen. */
function differenceOf({ name, viewer }: Watcher, screen: ScreenPicture): Difference {
  const shown = { size: viewer.size, pixels: bytesOf(viewer.screen) };
  const format = viewer.format === SERVER_PIXEL_FORMAT ? undefined : viewer.format;
  return name === WITH_LOSS_IN_THE_END
    ? jpegDifference(shown, screen, 9)
    : exactDifference(shown, screen, format);
}

const bytesOf = (pixels: Uint32Array): Uint8Array =>
  new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);

async function playRounds(ways: Ways, seed: number, mostRounds: number, mostSteps: number): Promise<void> {
  const random = createRandom(seed + 2);
  const endMs = performance.now() + PLAY_MS;
  await using room = new Room(ways, seed);
  await room.open();
  for (let round = 0; round < mostRounds; round++) {
    if (round >= LEAST_ROUNDS && performance.now() > endMs) break;
    await room.paint(1 + Math.floor(random() * mostSteps));
    await room.ends(`seed ${seed}, round ${round}`);
  }
}

test('viewers that accept no loss end with the exact pixels after random paints, stalls and resizes', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  await playRounds(LOSSLESS_WAYS, SEED, 150, 10);
});

test('viewers with ZRLE, zlib and Hextile end with the exact pixels after random paints, stalls and resizes', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  await playRounds(OLDER_WAYS, SEED + 200, 12, 10);
});

test('viewers that accept loss end with exact pixels, or those of JPEG level 9, after random paints', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  await playRounds(LOSSY_WAYS, SEED + 100, 25, 30);
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { createRandom } from '../../bench/painter/random.ts';
import { createDice, type Dice } from '../../bench/scenes/dice.ts';
import { CONTINUOUS, LOSSLESS, type MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { type Fate, fatesOf, randomRegion } from '../../test/support/random-overlay.ts';
import { RandomPainting } from '../../test/support/random-painting.ts';
import { paintPage } from '../../test/support/scrolling-page.ts';
import { SyntheticBrush } from '../../test/support/synthetic-brush.ts';
import { TestSession } from '../../test/support/test-session.ts';
import type { DlpRules, WatermarkSettings } from '../config/dlp/dlp-settings.ts';
import { packedSource } from '../encode/encoders/pixel-source.ts';
import { drawCursor } from '../encode/make/draw-cursor.ts';
import { decodePng } from '../encode/overlay/decode-png.ts';
import { drawOverlay } from '../encode/overlay/draw-overlay.ts';
import type { Overlay } from '../encode/overlay/overlay.ts';
import { areaPx, type Size, wholeOf } from '../pixels/rect.ts';
import * as wire from '../protocol/constants.ts';
import { Overlays } from './dlp/overlays.ts';
import { placeCursor } from './screen/drawn-cursor.ts';

/** Steps of a scene, after each of which all pictures are checked. A scene takes two seconds. */
const STEPS = 12;
const SEEDS = [1, 2, 3];
/**
 * Users of the viewers in the order in which they connect. Their kinds are those below, in the same order. The first one
 * sees everything and takes copies, so that copies are planned.
 */
const USERS = ['free', 'ann', 'bob', 'bob', 'ann', 'bob', 'ann', 'bob'] as const;
/** Large enough for motion to be searched for. */
const MOST = { width: 340, height: 260 };

/**
 * Pixels from the visible region, beyond which loss carries no colour: a block of 16 × 16 pixels that is scaled up three
 * times.
 */
const LOSS_REACH_PX = 50;

/** The most that black differs from 0 after loss. */
const BLACK_MOST = 12;

const TINT = { red: 0x12, green: 0xe4, blue: 0x5a, alpha: 255 };
const TINT_COLOUR = 0x12e45a;
const TIME = new Date();
const PHOTO = createPhoto(700, 500);
const POINTER = { width: 14, height: 14, hotX: 2, hotY: 2, pixels: new Uint8Array(14 * 14 * 4).fill(255) };

const LEVEL = wire.PSEUDO_QUALITY_FIRST + 6;
const POINTED = [...CONTINUOUS, wire.PSEUDO_CURSOR_WITH_ALPHA];

/** Kinds of viewers: every way of asking, every encoding, with and without loss. */
const KINDS: Readonly<
  Record<string, { encodings: readonly number[]; updates: 'continuous' | 'requested'; lossy?: true }>
> = {
  'copies what moves': { encodings: [...POINTED, wire.ENCODING_COPY_RECT], updates: 'continuous' },
  'has the pointer drawn': {
    encodings: [...CONTINUOUS, wire.ENCODING_COPY_RECT, wire.PSEUDO_LAST_RECT],
    updates: 'continuous',
  },
  'asks each time': { encodings: [...LOSSLESS, wire.PSEUDO_CURSOR_WITH_ALPHA], updates: 'requested' },
  'takes Raw': { encodings: [wire.PSEUDO_DESKTOP_SIZE, wire.PSEUDO_CURSOR_WITH_ALPHA], updates: 'requested' },
  'takes JPEG and video': {
    encodings: [...POINTED, LEVEL, wire.PSEUDO_MAX_VIDEO_RESOLUTION, wire.ENCODING_COPY_RECT],
    updates: 'continuous',
    lossy: true,
  },
  'is Deskwire’s page': {
    encodings: [...POINTED, LEVEL, wire.PSEUDO_LAST_RECT, wire.PSEUDO_DESKWIRE],
    updates: 'continuous',
    lossy: true,
  },
};

function randomWatermark(dice: Dice): WatermarkSettings {
  const side = (): number => dice.integer(-200, 200);
  return {
    content: {
      kind: 'text',
      template: dice.pick(['${USER}', '${USER} ${ADDRESS} secret']),
      sizePx: dice.integer(8, 32),
      angle: dice.integer(-60, 60),
      timeZone: 'UTC',
    },
    location: dice.chance(0.5) ? { x: side(), y: side() } : undefined,
    spacingPx: dice.chance(0.6) ? dice.integer(5, 90) : 0,
    tint: TINT,
  };
}

function randomRules(dice: Dice, size: Size): Partial<DlpRules> {
  const hasRegion = dice.chance(0.8);
  return {
    visibleRegion: hasRegion ? randomRegion(dice, size) : undefined,
    watermark: !hasRegion || dice.chance(0.6) ? randomWatermark(dice) : undefined,
  };
}

/** What one user may see, worked out anew for each size of the screen. */
class Sight {
  readonly #room: TestSession;
  readonly #overlay: Overlay | undefined;
  #fates: { readonly size: Size; readonly fates: Fate[]; readonly far: boolean[] } | undefined;

  constructor(room: TestSession, rules: Partial<DlpRules>, user: string) {
    this.#room = room;
    const overlays = new Overlays({ forAll: rules as DlpRules, byUser: new Map() });
    this.#overlay = overlays.of({ user, address: '127.0.0.1' }, TIME);
  }

  /** Throws if the picture of a viewer has a pixel that it must never have. */
  check({ screen, size }: Pick<MemoryViewer, 'screen' | 'size'>, isLossy: boolean): void {
    const { fates, far } = this.#fatesFor(size);
    for (let at = 0; at < screen.length; at++) {
      const [fate, pixel] = [fates[at]!, screen[at]!];
      if (fate === 'open' || fate === 'mixed') continue;
      const wanted = fate === 'concealed' ? 0 : TINT_COLOUR;
      const isAllowed = isLossy
        ? !far[at] || Math.max(pixel & 0xff, (pixel >>> 8) & 0xff, pixel >>> 16) <= BLACK_MOST
        : pixel === wanted;
      if (isAllowed) continue;
      const place = `${at % size.width},${Math.floor(at / size.width)}`;
      assert.fail(`A pixel at ${place} that is ${fate} has the colour ${pixel.toString(16)}.`);
    }
  }

  /** The screen as the user sees it, with the pointer or without. */
  async picture(isPointed: boolean): Promise<Uint32Array> {
    const { desktop } = this.#room;
    const size = desktop.screenSize;
    const pixels = packedSource(size, new Uint8Array(areaPx(size) * 4));
    for (let i = 0; i < pixels.words.length; i++)
      pixels.words[i] = desktop.colourAt(i % size.width, Math.floor(i / size.width));
    if (isPointed) drawCursor(pixels.bytes, size, placeCursor(POINTER, await desktop.pointerPosition()));
    if (this.#overlay) drawOverlay(pixels, wholeOf(size), this.#overlay, size);
    return pixels.words;
  }

  #fatesFor(size: Size): { fates: Fate[]; far: boolean[] } {
    if (this.#fates?.size.width === size.width && this.#fates.size.height === size.height) return this.#fates;
    const fates: Fate[] = this.#overlay ? fatesOf(this.#overlay, size) : Array(areaPx(size)).fill('open');
    const [columns, rows] = [new Set<number>(), new Set<number>()];
    for (const [at, fate] of fates.entries()) {
      if (fate === 'concealed') continue;
      columns.add(at % size.width);
      rows.add(Math.floor(at / size.width));
    }
    const isFarFrom = (places: Set<number>, side: number): boolean[] => {
      const [least, most] = [Math.min(...places), Math.max(...places)];
      return Array.from({ length: side }, (_, i) => Math.max(least - i, i - most) > LOSS_REACH_PX);
    };
    const [farColumns, farRows] = [isFarFrom(columns, size.width), isFarFrom(rows, size.height)];
    const far = fates.map((_, at) => farColumns[at % size.width]! || farRows[Math.floor(at / size.width)]!);
    this.#fates = { size, fates, far };
    return this.#fates;
  }
}

/** A viewer whose picture is checked after each update. */
class Watched {
  readonly viewer: MemoryViewer;
  readonly sight: Sight;
  readonly kind: (typeof KINDS)[string];
  checks = 0;
  /** Whether it has had a whole picture of this size. */
  isWhole = false;

  private constructor(viewer: MemoryViewer, sight: Sight, kind: (typeof KINDS)[string]) {
    this.viewer = viewer;
    this.sight = sight;
    this.kind = kind;
  }

  static async connect(
    room: TestSession,
    user: string,
    rules: Partial<DlpRules>,
    name: string,
  ): Promise<Watched> {
    const kind = KINDS[name]!;
    let watched: Watched | undefined;
    const viewer = await room.connect({
      ...{ encodings: kind.encodings, updates: kind.updates, user: { ...OWNER, name: user } },
      updated: () => watched?.updated(),
    });
    watched = new Watched(viewer, new Sight(room, rules, user), kind);
    return watched;
  }

  updated(): void {
    if (!this.isWhole) return;
    this.checks++;
    this.sight.check(this.viewer, this.kind.lossy ?? false);
  }

  /** Waits until the viewer has exactly the picture that it should have; with loss, until it has the whole of one. */
  async settle(room: TestSession): Promise<void> {
    const isPointed = !this.kind.encodings.includes(wire.PSEUDO_CURSOR_WITH_ALPHA);
    const wanted = await this.sight.picture(isPointed);
    const { viewer } = this;
    if (this.kind.lossy) await room.quiet();
    else
      await viewer.until(
        'the picture of this user',
        () =>
          viewer.screen.length === wanted.length && viewer.screen.every((pixel, at) => pixel === wanted[at]),
      );
    this.isWhole = true;
    this.updated();
  }
}

/** One random step of the desktop or of its viewers. The first one is content that scrolls. */
async function step(
  room: TestSession,
  dice: Dice,
  painting: RandomPainting,
  all: readonly Watched[],
  isFirst: boolean,
): Promise<void> {
  const { desktop } = room;
  const { width, height } = desktop.screenSize;
  const rect = () => {
    const [x, y] = [dice.integer(0, width - 40), dice.integer(0, height - 40)];
    return { x, y, width: dice.integer(1, width - x), height: dice.integer(1, height - y) };
  };
  const page = { x: dice.integer(0, 20), y: dice.integer(0, 10), width: width - 20, height: height - 10 };
  const kind = isFirst ? 4 : dice.integer(0, 9);
  if (kind <= 3) painting.step();
  else if (kind === 4) {
    paintPage(room, page);
    await room.quiet();
    desktop.scroll(page, dice.integer(5, 40));
  } else if (kind === 5) {
    // Into a concealed part and out of it again, faster than viewers take it.
    for (let i = 0; i < 6; i++) {
      desktop.scroll(dice.chance(0.5) ? page : rect(), dice.integer(1, 60));
      if (dice.chance(0.5)) await new Promise((resolve) => setImmediate(resolve));
    }
  } else if (kind === 6) {
    for (const { viewer } of all) viewer.send({ type: 'updateRequest', incremental: false, ...rect() });
  } else if (kind === 7) {
    desktop.input.movePointer(dice.integer(0, width), dice.integer(0, height));
  } else if (kind === 8) {
    // Long enough for video mode.
    for (let i = 0; i < 6; i++) {
      const [x, y] = [dice.integer(0, 200), dice.integer(0, 100)];
      new SyntheticBrush(desktop, PHOTO).photo(x, y, wholeOf(desktop.screenSize));
      await room.quiet();
    }
  } else {
    for (const watched of all) watched.isWhole = false;
    const size = { width: dice.integer(120, MOST.width), height: dice.integer(100, MOST.height) };
    await desktop.resize(size);
    painting.size = size;
  }
}

async function checkScreenshot(room: TestSession, user: string, sight: Sight): Promise<void> {
  const { bytes } = await room.session.screenshot({
    ...{ width: undefined, height: undefined, quality: 9, format: 'png', crop: undefined, cursor: false },
    onlooker: { user, address: '127.0.0.1' },
  });
  const { rgba } = decodePng(bytes);
  const wanted = await sight.picture(false);
  assert.equal(rgba.length, wanted.length * 4);
  for (const [at, pixel] of wanted.entries()) {
    const found = (rgba[at * 4]! << 16) | (rgba[at * 4 + 1]! << 8) | rgba[at * 4 + 2]!;
    if (found !== (pixel & 0xffffff)) assert.fail(`A screenshot differs at pixel ${at}.`);
  }
}

suite('random scenes', () => {
  for (const seed of SEEDS) {
    test(`no viewer ever has a pixel that its user may not see, or lacks its watermark: seed ${seed}`, async () => {
      const dice = createDice(seed);
      const size = { width: dice.integer(320, MOST.width), height: dice.integer(240, MOST.height) };
      const rules = { ann: randomRules(dice, size), bob: randomRules(dice, size), free: {} };
      await using room = new TestSession({
        ...{ size, maxSize: MOST, own: rules },
        video: { areaPercent: 20, timeMs: 20, outTimeMs: 100, maxSize: { width: 100, height: 80 } },
      });
      room.desktop.showCursor(POINTER);
      const painting = new RandomPainting(
        new SyntheticBrush(room.desktop, PHOTO),
        createRandom(seed),
        size,
        PHOTO,
      );
      const names = Object.keys(KINDS);
      const all: Watched[] = [];
      const join = async (): Promise<void> => {
        const user = USERS[all.length]!;
        const name = names[all.length % names.length]!;
        all.push(await Watched.connect(room, user, rules[user], name));
      };
      for (let i = 0; i < names.length; i++) await join();
      for (let i = 0; i < STEPS; i++) {
        await step(room, dice, painting, all, i === 0);
        // Viewers that join later share what others were sent.
        if (i % 3 === 1 && all.length < USERS.length) await join();
        for (const watched of all) await watched.settle(room);
        const user = dice.pick(USERS);
        await checkScreenshot(room, user, all[USERS.indexOf(user)]!.sight);
      }
      assert.ok(all.every(({ checks }) => checks > 0));
      assert.ok(all[0]!.viewer.rectsOf('copyRect').length > 0, 'some content moves');
    });
  }
});

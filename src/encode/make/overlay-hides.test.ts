import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDice, type Dice } from '../../../bench/scenes/dice.ts';
import { PIXEL_FORMATS } from '../../../test/support/pixel-formats.ts';
import { type Fate, fatesOf, randomOverlay } from '../../../test/support/random-overlay.ts';
import { areaPx, type Rect, type Size } from '../../pixels/rect.ts';
import { createSharedFrame, type SharedFrame } from '../../pixels/shared-frame.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { jpegQualityOf } from '../../protocol/quality.ts';
import { loadWebpEncoder } from '../encoders/webp.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Method } from '../plan/plan-rects.ts';
import { createThreadPacker } from '../threads/thread-packer.ts';
import { createThreadScaler } from '../threads/thread-scaler.ts';
import { encodeRect } from './encode-rect.ts';
import type { EncodeJob } from './job.ts';
import { makePicture } from './picture.ts';

/** Scenes, each with several rects and pictures. All cases take about two seconds. */
const SCENES = 60;
const RECTS = 12;
const PICTURES = 4;

const MOST: Size = { width: 210, height: 170 };
const frame = createSharedFrame(MOST);
const tools = {
  packer: createThreadPacker(frame, 0),
  scale: createThreadScaler(frame, 0),
  webp: await loadWebpEncoder(),
};
const words = (size: Size): Uint32Array => new Uint32Array(frame.memory.buffer, frame.shownAt, areaPx(size));

/** A screen with flat parts, lines and noise. */
function paint(dice: Dice, { width, height }: Size): Uint32Array {
  const pixels = new Uint32Array(width * height).fill(dice.integer(0, 0xffffff));
  for (let i = 0; i < 12; i++) {
    const [left, top] = [dice.integer(0, width - 1), dice.integer(0, height - 1)];
    const [right, bottom] = [dice.integer(left, width), dice.integer(top, height)];
    const kind = dice.pick(['flat', 'noise', 'lines'] as const);
    const colour = dice.integer(0, 0xffffff);
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) {
        if (kind === 'lines' && (x + y) % 5 !== 0) continue;
        pixels[y * width + x] = kind === 'noise' ? dice.integer(0, 0xffffff) : colour;
      }
  }
  return pixels;
}

/** The same screen with other pixels wherever an overlay leaves nothing of them. */
function withOthers(
  pixels: Uint32Array,
  fates: readonly Fate[],
  hidden: readonly Fate[],
  dice: Dice,
): Uint32Array {
  const isNoise = dice.chance(0.5);
  return pixels.map((pixel, at) => {
    if (!hidden.includes(fates[at]!)) return pixel;
    return isNoise ? dice.integer(0, 0xffffff) : ~pixel & 0xffffff;
  });
}

function randomRect(dice: Dice, { width, height }: Size): Rect {
  const [x, y] = [dice.integer(0, width - 1), dice.integer(0, height - 1)];
  return { x, y, width: dice.integer(1, width - x), height: dice.integer(1, height - y) };
}

const METHODS: readonly Method[] = [
  { name: 'raw' },
  { name: 'lossless' },
  { name: 'jpeg', jpeg: jpegQualityOf(1) },
  { name: 'jpeg', jpeg: jpegQualityOf(9) },
  { name: 'webp', webp: 40 },
  { name: 'webp', webp: 'lossless' },
];

function randomJob(dice: Dice, frameSize: Size, overlay: Overlay): EncodeJob {
  const rect = randomRect(dice, frameSize);
  const method = dice.pick(METHODS);
  const isExact = method.name === 'raw' || method.name === 'lossless';
  const base = {
    ...{ frameSize, rect, method, overlay, zlibLevel: dice.integer(1, 9), zstd: dice.chance(0.5) },
    format: isExact ? dice.pick(Object.values(PIXEL_FORMATS)) : SERVER_PIXEL_FORMAT,
  };
  if (!isExact && dice.chance(0.5)) {
    const filter = dice.pick(['area', 'nearest'] as const);
    const [width, height] = [dice.integer(1, rect.width), dice.integer(1, rect.height)];
    return { ...base, scaledTo: { width, height, filter } };
  }
  if (dice.chance(0.3)) return { ...base, cursor: randomCursor(dice, frameSize) };
  return base;
}

function randomCursor(dice: Dice, { width, height }: Size) {
  const pixels = Uint8Array.from({ length: 12 * 12 * 4 }, () => dice.integer(0, 255));
  return { x: dice.integer(-6, width), y: dice.integer(-6, height), width: 12, height: 12, pixels };
}

/** Makes the same of both screens, and says whether the bytes are equal. */
async function isSame<T extends Uint8Array>(
  size: Size,
  screens: readonly Uint32Array[],
  make: (frame: SharedFrame) => Promise<T> | T,
): Promise<boolean> {
  const made: Uint8Array[] = [];
  for (const screen of screens) {
    words(size).set(screen);
    made.push((await make(frame)).slice());
  }
  return Buffer.compare(made[0]!, made[1]!) === 0;
}

test('bytes of rects and pictures never depend on a pixel that is concealed or under opaque ink', async () => {
  let scaled = 0;
  for (let seed = 1; seed <= SCENES; seed++) {
    const dice = createDice(seed);
    const size = { width: dice.integer(1, MOST.width), height: dice.integer(1, MOST.height) };
    const overlay = randomOverlay(dice, size);
    const fates = fatesOf(overlay, size);
    const pixels = paint(dice, size);
    const others = withOthers(pixels, fates, ['concealed', 'inked'], dice);
    // A pixel that is partly under ink after scaling shows some of what is under it.
    const concealedOthers = withOthers(pixels, fates, ['concealed'], dice);
    for (let i = 0; i < RECTS; i++) {
      const job = randomJob(dice, size, overlay);
      if (job.scaledTo) scaled++;
      const screens = [pixels, job.scaledTo ? concealedOthers : others];
      const same = await isSame(size, screens, (from) => encodeRect(from, job, tools).bytes);
      assert.ok(same, `seed ${seed}, ${JSON.stringify({ ...job, overlay: overlay.visible })}`);
    }
    for (let i = 0; i < PICTURES; i++) {
      const crop = randomRect(dice, size);
      const small = { width: dice.integer(1, crop.width), height: dice.integer(1, crop.height) };
      const job = {
        ...{ frameSize: size, crop, size: dice.chance(0.5) ? crop : small, overlay },
        ...{ format: dice.pick(['png', 'jpeg', 'webp'] as const), jpeg: jpegQualityOf(9) },
        cursor: dice.chance(0.3) ? randomCursor(dice, size) : undefined,
      };
      const make = async (from: SharedFrame) => (await makePicture(from, job, () => undefined)).bytes;
      assert.ok(await isSame(size, [pixels, others], make), `seed ${seed}, ${JSON.stringify(crop)}`);
    }
  }
  assert.ok(scaled > SCENES, 'many rects are scaled down');
});

test('in a rect that is scaled down, no pixel that covers ink lacks it', () => {
  const dice = createDice(1);
  for (let i = 0; i < 40; i++) {
    const size = { width: dice.integer(40, MOST.width), height: dice.integer(40, MOST.height) };
    const { mark } = randomOverlay(dice, size);
    if (!mark) continue;
    const overlay = { key: 'ink', visible: undefined, mark: { ...mark, red: 255, green: 255, blue: 255 } };
    const fates = fatesOf(overlay, size);
    words(size).fill(0);
    const [width, height] = [dice.integer(1, size.width), dice.integer(1, size.height)];
    const rect = { x: 0, y: 0, ...size };
    const scaledTo = { width, height, filter: 'nearest' } as const;
    const { bytes } = encodeRect(
      frame,
      {
        ...{ frameSize: size, rect, method: { name: 'raw' }, format: SERVER_PIXEL_FORMAT, zlibLevel: 1 },
        ...{ overlay, scaledTo },
      },
      tools,
    );
    const found = bytes.subarray(bytes.length - width * height * 4);
    for (const [at, fate] of fates.entries()) {
      if (fate !== 'inked') continue;
      const x = Math.floor(((at % size.width) * width) / size.width);
      const y = Math.floor((Math.floor(at / size.width) * height) / size.height);
      assert.equal(found[(y * width + x) * 4], 255, `${at % size.width},${Math.floor(at / size.width)}`);
    }
  }
});

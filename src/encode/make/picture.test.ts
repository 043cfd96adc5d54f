import assert from 'node:assert/strict';
import { test } from 'node:test';
import jpegTurbo from '@julusian/jpeg-turbo';
import { axisTaps, type Taps } from '../../pixels/kernels/axis-taps.ts';
import { createSharedFrame, PICTURE_SCALER, shownPixels } from '../../pixels/shared-frame.ts';
import { jpegQualityOf } from '../../protocol/quality.ts';
import { createThreadScaler } from '../threads/thread-scaler.ts';
import { makePicture, type PictureJob } from './picture.ts';

const SIZE = { width: 64, height: 48 };
const frame = createSharedFrame(SIZE);
const words = new Uint32Array(shownPixels(frame, SIZE).buffer, frame.shownAt, 64 * 48);
words.fill(0x204060);
for (let y = 16; y < 32; y++) words.fill(0xc08040, y * 64 + 16, y * 64 + 32);

const JOB: PictureJob = {
  frameSize: SIZE,
  crop: { x: 0, y: 0, ...SIZE },
  size: SIZE,
  format: 'jpeg',
  jpeg: jpegQualityOf(9),
  cursor: undefined,
};

/** Decodes a JPEG to its size and a function from a place to the pixel. */
function decode(jpeg: Uint8Array) {
  const { data, width, height } = jpegTurbo.decompressSync(Buffer.from(jpeg), {
    format: jpegTurbo.FORMAT_RGBX,
  });
  return {
    width,
    height,
    at: (x: number, y: number) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)],
  };
}

function assertNear(found: readonly number[], wanted: readonly number[]): void {
  for (const [i, value] of wanted.entries())
    assert.ok(Math.abs(found[i]! - value) < 12, `${found} for ${wanted}`);
}

const GROUND = [0x20, 0x40, 0x60];
const SQUARE = [0xc0, 0x80, 0x40];

test('a picture shows its crop, at its own size or a smaller one', async () => {
  const whole = decode((await makePicture(frame, JOB, () => undefined)).bytes);
  assert.deepEqual([whole.width, whole.height], [64, 48]);
  assertNear(whole.at(24, 24), SQUARE);
  assertNear(whole.at(50, 40), GROUND);

  const crop = { x: 16, y: 16, width: 32, height: 32 };
  const part = decode((await makePicture(frame, { ...JOB, crop, size: crop }, () => undefined)).bytes);
  assert.deepEqual([part.width, part.height], [32, 32]);
  assertNear(part.at(4, 4), SQUARE);
  assertNear(part.at(28, 4), GROUND);

  const half = { width: 16, height: 16 };
  const small = decode((await makePicture(frame, { ...JOB, crop, size: half }, () => undefined)).bytes);
  assert.deepEqual([small.width, small.height], [16, 16]);
  assertNear(small.at(3, 3), SQUARE);
  assertNear(small.at(13, 3), GROUND);
});

test('a picture that is scaled while the frame is read is that of the slower way, and leaves the frame at once', async () => {
  const scale = createThreadScaler(frame, PICTURE_SCALER);
  const crop = { x: 4, y: 4, width: 56, height: 40 };
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    for (const size of [
      { width: 28, height: 20 },
      { width: 14, height: 10 },
      { width: 2, height: 1 },
    ]) {
      const job = { ...JOB, crop, size, format };
      const saved = words.slice();
      const slow = await makePicture(frame, job, () => undefined);
      const quick = await makePicture(frame, job, () => words.fill(0), scale);
      words.set(saved);
      if (format !== 'jpeg') {
        assert.ok(quick.bytes.length > 40);
        continue;
      }
      const [one, other] = [decode(slow.bytes), decode(quick.bytes)];
      assert.deepEqual([other.width, other.height], [one.width, one.height]);
      for (let y = 0; y < size.height; y++)
        for (let x = 0; x < size.width; x++) assertNear(other.at(x, y), one.at(x, y));
    }
  }
});

test('a tiny picture has its share of every thin line', async () => {
  const size = { width: 600, height: 16 };
  const wide = createSharedFrame(size);
  const pixels = new Uint32Array(shownPixels(wide, size).buffer, wide.shownAt, 600 * 16);
  // The lines to which the kernel gives no weight.
  const [{ first, weights }] = axisTaps(600, 1, 'area') as [Taps];
  const isLine = (x: number): boolean => (weights[x - first] ?? 0) === 0;
  const lines = Array.from({ length: 600 }, (_, x) => x).filter(isLine).length;
  for (let i = 0; i < pixels.length; i++) pixels[i] = isLine(i % 600) ? 0xffffff : 0;
  const job = { ...JOB, frameSize: size, crop: { x: 0, y: 0, ...size }, size: { width: 1, height: 1 } };
  const scale = createThreadScaler(wide, PICTURE_SCALER);
  const { at } = decode((await makePicture(wide, job, () => undefined, scale)).bytes);
  const share = (lines / 600) * 255;
  assert.ok(lines > 300);
  for (const value of at(0, 0)) assert.ok(Math.abs(value - share) < 4, `${value} for ${share}`);
});

test('a picture shows the pointer at its place on the screen, and leaves the frame unchanged', async () => {
  const pixels = new Uint8Array(8 * 8 * 4).fill(255);
  const cursor = { x: 40, y: 20, width: 8, height: 8, pixels };
  const before = words.slice();
  const whole = decode((await makePicture(frame, { ...JOB, cursor }, () => undefined)).bytes);
  assertNear(whole.at(44, 24), [255, 255, 255]);
  assertNear(whole.at(60, 24), GROUND);
  const crop = { x: 32, y: 16, width: 32, height: 32 };
  const part = decode(
    (await makePicture(frame, { ...JOB, crop, size: crop, cursor }, () => undefined)).bytes,
  );
  assertNear(part.at(12, 8), [255, 255, 255]);
  assert.deepEqual(words, before);
});

test('the frame may change as soon as a picture has been read', async () => {
  const undisturbed = await makePicture(frame, { ...JOB, format: 'png' }, () => undefined);
  const saved = words.slice();
  const disturbed = await makePicture(frame, { ...JOB, format: 'png' }, () => words.fill(0));
  words.set(saved);
  assert.deepEqual(disturbed.bytes, undisturbed.bytes);
});

test('pictures have equal tags if their pixels and settings are equal', async () => {
  const tag = async (overrides: Partial<PictureJob> = {}): Promise<string> =>
    (await makePicture(frame, { ...JOB, ...overrides }, () => undefined)).tag;
  const first = await tag();
  assert.match(first, /^[\w-]{27}$/);
  assert.equal(await tag(), first);
  assert.notEqual(await tag({ jpeg: jpegQualityOf(5) }), first);
  words[0] = 0xffffff;
  assert.notEqual(await tag(), first);
  words[0] = 0x204060;
});

test('a picture conceals what is concealed, with the pointer there, at its own size and scaled down', async () => {
  const at = (px: number) => ({ kind: 'at', px }) as const;
  const visible = { left: at(20), top: at(20), right: at(40), bottom: at(40) };
  const cursor = { x: 4, y: 4, width: 8, height: 8, pixels: new Uint8Array(8 * 8 * 4).fill(255) };
  const job = { ...JOB, cursor, overlay: { key: 'x', visible, mark: undefined } };
  const whole = decode((await makePicture(frame, job, () => undefined)).bytes);
  assertNear(whole.at(24, 24), SQUARE);
  assertNear(whole.at(36, 36), GROUND);
  for (const [x, y] of [
    [6, 6],
    [10, 24],
    [50, 40],
    [24, 45],
  ] as const)
    assertNear(whole.at(x, y), [0, 0, 0]);

  const crop = { x: 0, y: 0, width: 16, height: 16 };
  const small = decode(
    (await makePicture(frame, { ...job, crop, size: { width: 4, height: 4 } }, () => undefined)).bytes,
  );
  for (let i = 0; i < 16; i++) assertNear(small.at(i % 4, i >> 2), [0, 0, 0]);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Rect, Size } from '../rect.ts';
import { createSharedFrame, PICTURE_SCALER, SCALED_MOST_PX, type SharedFrame } from '../shared-frame.ts';
import { axisTaps, WEIGHT_SUM } from './axis-taps.ts';
import { createScaler } from './scaler.ts';

const module = new WebAssembly.Module(readFileSync(new URL('kernels.wasm', import.meta.url)));

/** Fills the whole shown picture and its spare row. */
function paint(frame: SharedFrame, size: Size, pixel: (x: number, y: number) => number): Uint32Array {
  const shown = new Uint32Array(frame.memory.buffer, frame.shownAt, size.width * (size.height + 1));
  for (let i = 0; i < shown.length; i++) shown[i] = pixel(i % size.width, Math.floor(i / size.width));
  return shown;
}

const noise = (x: number, y: number): number => Math.imul(x * 7919 + y * 104729 + 1, 0x9e3779b1) >>> 0;

/** A picture in which neighbouring pixels differ by at most 4 in each channel. */
const waves = (x: number, y: number): number => {
  const wave = (phase: number): number =>
    Math.round(127 + 60 * Math.sin(x / 20 + phase) + 60 * Math.cos(y / 20 - phase));
  return ((wave(0) << 16) | (wave(1) << 8) | wave(2)) >>> 0;
};

/**
 * Largest error of a mean over one axis: a half from rounding the mean. In addition, weights are whole 256ths whose
 * running sum is off by at most a half; that adds half a 256th of the `step` between two neighbours for each source
 * except the last.
 */
const axisError = (from: number, to: number, step: number): number =>
  0.5 + ((Math.floor(from / to) + 1) * 0.5 * step) / 256;

/** How much of source `source` lies in part `i` of `to` equal parts of `from`, as a share of the part. */
function share(source: number, i: number, from: number, to: number): number {
  const [start, end] = [(i * from) / to, ((i + 1) * from) / to];
  return Math.max(0, Math.min(end, source + 1) - Math.max(start, source)) / (end - start);
}

/** The exact mean of the pixels that a pixel of the result covers. */
function meanOf(
  shown: Uint32Array,
  stridePx: number,
  rect: Rect,
  size: Size,
  x: number,
  y: number,
  shift: number,
): number {
  let sum = 0;
  for (let sy = 0; sy < rect.height; sy++) {
    const down = share(sy, y, rect.height, size.height);
    if (down === 0) continue;
    for (let sx = 0; sx < rect.width; sx++) {
      const across = share(sx, x, rect.width, size.width);
      if (across > 0)
        sum += down * across * ((shown[(rect.y + sy) * stridePx + rect.x + sx]! >>> shift) & 0xff);
    }
  }
  return sum;
}

const MAX: Size = { width: 150, height: 60 };

const anyCase = fc
  .record({
    width: fc.integer({ min: 1, max: MAX.width }),
    height: fc.integer({ min: 1, max: MAX.height }),
    left: fc.nat(),
    top: fc.nat(),
    right: fc.nat(),
    bottom: fc.nat(),
    toWidth: fc.nat(),
    toHeight: fc.nat(),
    isHalf: fc.boolean(),
  })
  .map(({ width, height, ...any }) => {
    const x = any.left % width;
    const y = any.top % height;
    let rect: Rect = {
      x,
      y,
      width: 1 + (any.right % (width - x)),
      height: 1 + (any.bottom % (height - y)),
    };
    let size = { width: 1 + (any.toWidth % rect.width), height: 1 + (any.toHeight % rect.height) };
    if (any.isHalf && rect.width > 1 && rect.height > 1) {
      size = { width: rect.width >> 1, height: rect.height >> 1 };
      rect = { x, y, width: size.width * 2, height: size.height * 2 };
    }
    return { frameSize: { width, height }, rect, size };
  });

suite('the scaler', () => {
  const frame = createSharedFrame(MAX);
  const lane = 3;
  const scale = createScaler(module, frame, lane);

  for (const [name, picture, step] of [
    ['noise', noise, 255],
    ['soft waves', waves, 4],
  ] as const) {
    test(`each scaled pixel is the mean of what it covers, from the rect alone: ${name}`, () => {
      fc.assert(
        fc.property(anyCase, ({ frameSize, rect, size }) => {
          const shown = paint(frame, frameSize, picture);
          const small = scale(frameSize, rect, size, 'area');
          assert.equal(small.length, size.width * size.height * 4);
          const limit =
            axisError(rect.width, size.width, step) + axisError(rect.height, size.height, step) + 1e-6;
          for (let y = 0; y < size.height; y++) {
            for (let x = 0; x < size.width; x++) {
              for (const channel of [0, 1, 2]) {
                const mean = meanOf(shown, frameSize.width, rect, size, x, y, channel * 8);
                const found = small[(y * size.width + x) * 4 + channel]!;
                assert.ok(Math.abs(found - mean) <= limit, `${found} for a mean of ${mean} at ${x},${y}`);
              }
            }
          }
        }),
        { numRuns: 200 },
      );
    });
  }

  test('scaling two to one gives the exact rounded mean', () => {
    const size = { width: 75, height: 30 };
    const shown = paint(frame, MAX, noise);
    const small = scale(MAX, { x: 0, y: 0, ...MAX }, size, 'area');
    for (let i = 0; i < size.width * size.height; i++) {
      const at = Math.floor(i / size.width) * 2 * MAX.width + (i % size.width) * 2;
      for (const shift of [0, 8, 16]) {
        const sum = [0, 1, MAX.width, MAX.width + 1].reduce(
          (so, next) => so + ((shown[at + next]! >>> shift) & 0xff),
          0,
        );
        assert.equal(small[i * 4 + shift / 8], (sum + 2) >> 2);
      }
    }
  });

  test('filter nearest takes the pixel in the middle', () => {
    fc.assert(
      fc.property(anyCase, ({ frameSize, rect, size }) => {
        const shown = paint(frame, frameSize, noise);
        const bytes = scale(frameSize, rect, size, 'nearest');
        const small = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        for (let i = 0; i < small.length; i++) {
          const [x, y] = [i % size.width, Math.floor(i / size.width)];
          const sx = rect.x + Math.floor(((x + 0.5) * rect.width) / size.width);
          const sy = rect.y + Math.floor(((y + 0.5) * rect.height) / size.height);
          assert.equal(small[i], shown[sy * frameSize.width + sx], `${x},${y}`);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a picture of one colour keeps that colour at every ratio', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(0xffffff), ({ frameSize, rect, size }, colour) => {
        paint(frame, frameSize, () => (colour | 0x55000000) >>> 0);
        const bytes = scale(frameSize, rect, size, 'area');
        const small = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        assert.ok(small.every((pixel) => (pixel & 0xffffff) === colour));
      }),
      { numRuns: 200 },
    );
  });

  test('the scaler writes only its own scratch', () => {
    const memory = new Uint8Array(frame.memory.buffer);
    const start = frame.scalersAt + lane * frame.scalerBytes;
    for (const size of [
      { width: 75, height: 30 },
      { width: 149, height: 59 },
      { width: 1, height: 1 },
    ]) {
      const before = memory.slice();
      scale(MAX, { x: 0, y: 0, ...MAX }, size, 'area');
      const same = (from: number, to: number): boolean =>
        Buffer.from(before.buffer, from, to - from).equals(Buffer.from(memory.slice(from, to)));
      assert.ok(same(0, start));
      assert.ok(same(start + frame.scalerBytes, memory.length));
    }
  });

  test('the scaler refuses rects and sizes that do not fit', () => {
    const whole = { x: 0, y: 0, ...MAX };
    const wrong: [Size, Rect, Size][] = [
      [{ width: 151, height: 60 }, whole, MAX],
      [MAX, { ...whole, x: 1 }, MAX],
      [MAX, { ...whole, y: -1 }, MAX],
      [MAX, { x: 0, y: 0, width: 20, height: 20 }, { width: 21, height: 20 }],
      [MAX, whole, { width: 0, height: 10 }],
    ];
    for (const [frameSize, rect, size] of wrong)
      assert.throws(() => scale(frameSize, rect, size, 'area'), RangeError);
    assert.throws(() => createScaler(module, frame, PICTURE_SCALER + 1), RangeError);
  });
});

test('the scratch suffices for the widest and the smallest results of a desktop of any shape', () => {
  for (const frameSize of [
    { width: 16_384, height: 64 },
    { width: 64, height: 16_384 },
    { width: 1024, height: 1024 },
  ]) {
    const frame = createSharedFrame(frameSize);
    const scale = createScaler(module, frame, PICTURE_SCALER);
    const rect = { x: 0, y: 0, ...frameSize };
    const sizes = [
      { width: frameSize.width - 1, height: 15 },
      { width: Math.ceil(frameSize.width / 2) + 1, height: 16 },
      { width: 1, height: 1 },
      { width: 15, height: frameSize.height - 1 },
      { width: 1, height: Math.ceil(frameSize.height / 3) },
    ].filter((size) => size.width <= frameSize.width && size.height <= frameSize.height);
    paint(frame, frameSize, () => 0xffffff);
    for (const size of sizes) {
      const small = scale(frameSize, rect, size, 'area');
      assert.ok(
        small.every((byte, i) => i % 4 === 3 || byte === 255),
        `${size.width}x${size.height}`,
      );
    }
    assert.throws(
      () =>
        scale(
          frameSize,
          rect,
          { width: frameSize.width, height: SCALED_MOST_PX / frameSize.width + 1 },
          'area',
        ),
      RangeError,
    );
  }
});

test('the weights of each axis add up and cover the source from end to end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), (from, any) => {
      const to = 1 + (any % from);
      // Weights are whole 256ths: with more sources than that, some get no weight.
      fc.pre(from / to < WEIGHT_SUM / 2);
      const taps = axisTaps(from, to, 'area');
      assert.equal(taps.length, to);
      for (const { first, weights } of taps) {
        assert.equal(
          weights.reduce((a, b) => a + b),
          WEIGHT_SUM,
        );
        assert.ok(weights.every((weight) => weight >= 0));
        assert.ok(first >= 0 && first + weights.length <= from);
      }
      assert.equal(taps[0]!.first, 0);
      assert.equal(taps.at(-1)!.first + taps.at(-1)!.weights.length, from);
    }),
  );
  assert.throws(() => axisTaps(5, 6, 'area'), RangeError);
});

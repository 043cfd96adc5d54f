import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scaleDown } from './scale-down.ts';

const anyCase = fc
  .record({
    width: fc.integer({ min: 1, max: 60 }),
    height: fc.integer({ min: 1, max: 40 }),
    gap: fc.nat(6),
    toWidth: fc.nat(),
    toHeight: fc.nat(),
    seed: fc.nat(),
  })
  .map(({ toWidth, toHeight, ...rest }) => ({
    ...rest,
    to: { width: 1 + (toWidth % rest.width), height: 1 + (toHeight % rest.height) },
  }));

test('each pixel of a picture that was scaled down is the rounded mean of the pixels that it covers', () => {
  fc.assert(
    fc.property(anyCase, ({ width, height, gap, to, seed }) => {
      const stridePx = width + gap;
      const words = Uint32Array.from({ length: stridePx * height }, (_, i) =>
        Math.imul(i + seed, 0x9e3779b1),
      );
      const bytes = new Uint8Array(words.buffer);
      const small = scaleDown({ width, height, stridePx, bytes, words }, to);
      assert.equal(small.length, to.width * to.height * 4);
      for (let y = 0; y < to.height; y++) {
        for (let x = 0; x < to.width; x++) {
          const [left, right] = [x, x + 1].map((i) => Math.floor((i * width) / to.width));
          const [top, bottom] = [y, y + 1].map((i) => Math.floor((i * height) / to.height));
          for (let channel = 0; channel < 3; channel++) {
            let sum = 0;
            for (let sy = top!; sy < bottom!; sy++) {
              for (let sx = left!; sx < right!; sx++) sum += bytes[(sy * stridePx + sx) * 4 + channel]!;
            }
            const mean = sum / ((right! - left!) * (bottom! - top!));
            const found = small[(y * to.width + x) * 4 + channel]!;
            assert.ok(Math.abs(found - mean) <= 0.5, `${found} for a mean of ${mean}`);
          }
        }
      }
    }),
  );
});

test('a large white picture is white after it was scaled down', () => {
  const [width, height] = [3000, 2000];
  const words = new Uint32Array(width * height).fill(0xffffffff);
  const source = { width, height, stridePx: width, bytes: new Uint8Array(words.buffer), words };
  assert.deepEqual(scaleDown(source, { width: 1, height: 1 }), Uint8Array.of(255, 255, 255, 255));
});

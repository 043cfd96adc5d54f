import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from './painter/random.ts';
import { pictureQuality } from './picture-quality.ts';

const SIZE = { width: 16, height: 16 };
const random = createRandom(5);
const painted = Uint32Array.from({ length: 256 }, () => 0x202020 + Math.floor(random() * 0x80) * 0x010101);

test('pictures that differ only in the unused byte are exact', () => {
  const shown = painted.map((pixel) => (pixel | 0xff000000) >>> 0);
  assert.deepEqual(pictureQuality([{ ...SIZE, shown, painted }]), {
    ssim: 1,
    chromaDb: Number.POSITIVE_INFINITY,
    exactPercent: 100,
  });
});

test('an error of brightness lowers the similarity and leaves the chroma exact', () => {
  const shown = painted.map((pixel, i) => pixel + (i % 2) * 0x101010);
  const quality = pictureQuality([
    { ...SIZE, shown: painted, painted },
    { ...SIZE, shown, painted },
  ])!;
  assert.ok(quality.ssim! < 0.999);
  assert.ok(quality.chromaDb > 100);
  assert.equal(quality.exactPercent, 50);
});

test('an error of colour is reported in decibels', () => {
  const blue = new Uint32Array(256).fill(0x0000ff);
  const quality = pictureQuality([{ ...SIZE, shown: blue, painted: new Uint32Array(256) }])!;
  // Cb is off by 127.5, Cr by 0.114 × 255 / 1.402.
  const meanSquare = (127.5 ** 2 + ((0.114 * 255) / 1.402) ** 2) / 2;
  assert.ok(Math.abs(quality.chromaDb - 10 * Math.log10(255 ** 2 / meanSquare)) < 1e-6);
});

test('picture quality is undefined without samples', () => {
  assert.equal(pictureQuality([]), undefined);
});

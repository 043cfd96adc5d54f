import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createDice } from '../../../bench/scenes/dice.ts';
import { type I420Picture, YuvKernel } from './yuv-kernel.ts';

const kernel = await YuvKernel.create(Uint8Array.from(await readFile(new URL('yuv.wasm', import.meta.url))));

/** A picture of random values, with bytes between rows and planes that belong to none. */
function createPicture(width: number, height: number, gap: number, seed: number): I420Picture {
  const dice = createDice(seed);
  const half = Math.ceil(width / 2);
  const [luma, colour] = [width + gap, half + gap];
  const halfRows = Math.ceil(height / 2);
  const u = 3 + luma * height;
  const v = u + colour * halfRows + gap;
  const bytes = Uint8Array.from({ length: v + colour * halfRows }, () => dice.integer(0, 255));
  const planes = [
    { offset: 3, stride: luma },
    { offset: u, stride: colour },
    { offset: v, stride: colour },
  ];
  return { width, height, bytes, planes };
}

/** The formula of JFIF 1.02, for one pixel. */
function expected({ bytes, planes }: I420Picture, x: number, y: number): number[] {
  const at = (plane: number, px: number, py: number): number =>
    bytes[planes[plane]!.offset + py * planes[plane]!.stride + px]!;
  const luma = at(0, x, y);
  const u = at(1, x >> 1, y >> 1) - 128;
  const v = at(2, x >> 1, y >> 1) - 128;
  const colours = [luma + 1.402 * v, luma - 0.344136 * u - 0.714136 * v, luma + 1.772 * u];
  return [...colours.map((value) => Math.min(255, Math.max(0, value))), 255];
}

function convert(picture: I420Picture): Uint8Array {
  const all = new Uint8Array(picture.width * picture.height * 4);
  let next = 0;
  kernel.convert(picture, (pixels, top, rows) => {
    assert.equal(top, next);
    next += rows;
    all.set(pixels, top * picture.width * 4);
  });
  assert.equal(next, picture.height);
  return all;
}

for (const [width, height, gap] of [
  [64, 32, 0],
  [65, 33, 7],
  [1, 1, 0],
  [15, 2, 1],
  [17, 3, 16],
  [1920, 192, 0],
  [40_000, 5, 0],
] as const) {
  test(`a picture of ${width}×${height} with gaps of ${gap} has each colour within one of JFIF's formula`, () => {
    const picture = createPicture(width, height, gap, width * height + gap);
    const pixels = convert(picture);
    let worst = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const wanted = expected(picture, x, y);
        for (const [i, value] of wanted.entries())
          worst = Math.max(worst, Math.abs(pixels[(y * width + x) * 4 + i]! - value));
      }
    assert.ok(worst <= 1, `${worst}`);
  });
}

test('greys stay greys, and black and white are exact', () => {
  const width = 256;
  const bytes = Uint8Array.from({ length: width * 2 + width }, (_, i) => (i < width * 2 ? i % width : 128));
  const planes = [
    { offset: 0, stride: width },
    { offset: width * 2, stride: width / 2 },
    { offset: width * 2 + width / 2, stride: width / 2 },
  ];
  const pixels = convert({ width, height: 2, bytes, planes });
  for (let x = 0; x < width; x++) assert.deepEqual([...pixels.subarray(x * 4, x * 4 + 4)], [x, x, x, 255]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cropped } from './cursor-watch.ts';

/** A cursor whose pixels have their places in them. */
function cursor([width, height]: readonly [number, number], [hotX, hotY]: readonly [number, number]) {
  const words = Uint32Array.from({ length: width * height }, (_, i) => i);
  return { width, height, hotX, hotY, pixels: new Uint8Array(words.buffer) };
}

for (const [what, size, hot, cropSize, cropHot, from] of [
  ['a usual cursor', [24, 32], [3, 4], [24, 32], [3, 4], [0, 0]],
  ['the largest one that is shown whole', [256, 256], [255, 0], [256, 256], [255, 0], [0, 0]],
  ['a large one around its middle', [1000, 800], [500, 400], [256, 256], [128, 128], [372, 272]],
  ['a large one at its upper left corner', [1000, 800], [0, 5], [256, 256], [0, 5], [0, 0]],
  ['a large one at its lower right corner', [1000, 800], [999, 799], [256, 256], [255, 255], [744, 544]],
  ['a wide one', [3000, 10], [1500, 9], [256, 10], [128, 9], [1372, 0]],
] as const) {
  test(`of ${what}, ${cropSize.join('x')} pixels are kept, and the hot spot stays on its pixel`, () => {
    const image = cursor(size, hot);
    const { width, height, hotX, hotY, pixels } = cropped(image);
    assert.deepEqual([width, height, hotX, hotY], [...cropSize, ...cropHot]);
    const words = new Uint32Array(pixels.buffer, pixels.byteOffset, width * height);
    assert.equal(words[0], from[1] * size[0] + from[0]);
    assert.equal(words.at(-1), (from[1] + height - 1) * size[0] + from[0] + width - 1);
  });
}

test('a cursor keeps nothing of the memory that it came in', () => {
  const image = cursor([4, 4], [0, 0]);
  assert.notEqual(cropped(image).pixels.buffer, image.pixels.buffer);
});

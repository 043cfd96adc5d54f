import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PatchSampler } from './patch-sampler.ts';

const SIZE = { width: 4, height: 3 };

test('a frame is sampled four times a second, with the pixels of that moment', () => {
  const sampler = new PatchSampler([{ x: 1, y: 1, width: 2, height: 2 }], SIZE);
  const words = Uint32Array.from({ length: 12 }, (_, i) => i);
  const pixels = new Uint8Array(words.buffer);
  sampler.offer(7, pixels, 1000);
  words.fill(99);
  sampler.offer(8, pixels, 1249);
  sampler.offer(9, pixels, 1250);
  assert.deepEqual(sampler.frames, [
    { number: 7, ms: 1000, places: [Uint32Array.of(5, 6, 9, 10)] },
    { number: 9, ms: 1250, places: [new Uint32Array(4).fill(99)] },
  ]);
});

test('without places nothing is sampled', () => {
  const sampler = new PatchSampler([], SIZE);
  sampler.offer(7, new Uint8Array(48), 1000);
  assert.deepEqual(sampler.frames, []);
});

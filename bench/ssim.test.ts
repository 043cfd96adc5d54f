import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from './painter/random.ts';
import { meanSsim } from './ssim.ts';

const SIZE = 32;

function noise(seed: number, levels: number, around: Float32Array | number = 128): Float32Array {
  const random = createRandom(seed);
  const at = (i: number): number => (typeof around === 'number' ? around : around[i]!);
  return Float32Array.from({ length: SIZE * SIZE }, (_, i) => at(i) + (random() - 0.5) * levels);
}

const picture = noise(1, 200);

test('the similarity of a picture to itself is 1', () => {
  assert.equal(meanSsim(picture, picture, SIZE, SIZE), 1);
});

test('the similarity of two plain greys depends only on their means', () => {
  const [a, b] = [new Float32Array(64).fill(100), new Float32Array(64).fill(150)];
  const c1 = 2.55 ** 2;
  const expected = (2 * 100 * 150 + c1) / (100 ** 2 + 150 ** 2 + c1);
  assert.ok(Math.abs(meanSsim(a, b, 8, 8)! - expected) < 1e-9);
});

test('a negative and unrelated noise are dissimilar', () => {
  const negative = picture.map((value) => 256 - value);
  assert.ok(meanSsim(picture, negative, SIZE, SIZE)! < -0.9);
  assert.ok(Math.abs(meanSsim(picture, noise(2, 200), SIZE, SIZE)!) < 0.1);
});

test('more noise makes a picture less similar', () => {
  const similarities = [4, 16, 64].map((levels) => meanSsim(picture, noise(3, levels, picture), SIZE, SIZE)!);
  assert.ok(similarities[0]! > 0.99 && similarities[0]! < 1);
  assert.deepEqual(
    similarities,
    similarities.toSorted((a, b) => b - a),
  );
});

test("a change in one window counts by that window's share", () => {
  const changed = picture.slice();
  changed[0] = 255 - changed[0]!;
  const whole = meanSsim(picture, changed, SIZE, SIZE)!;
  const corner = meanSsim(picture.slice(0, SIZE * 8), changed.slice(0, SIZE * 8), SIZE, 8)!;
  assert.ok(Math.abs((1 - whole) * 49 - (1 - corner) * 7) < 1e-9);
});

test('the similarity of pictures smaller than a window is undefined', () => {
  assert.equal(meanSsim(picture, picture, 7, 8), undefined);
});

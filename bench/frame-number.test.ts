import assert from 'node:assert/strict';
import { test } from 'node:test';
import jpegTurbo from '@julusian/jpeg-turbo';
import { drawFrameNumber, FRAME_NUMBERS, readFrameNumber } from './frame-number.ts';

const { compressSync, decompressSync, FORMAT_BGRX, SAMP_420 } = jpegTurbo;

const WIDTH = 416;
const HEIGHT = 80;

function noisyPicture(): Uint32Array {
  const pixels = new Uint32Array(WIDTH * HEIGHT);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  return pixels;
}

function throughJpeg(pixels: Uint32Array, quality: number): Uint8Array {
  const raw = Buffer.from(pixels.buffer);
  const options = { format: FORMAT_BGRX, width: WIDTH, height: HEIGHT, quality, subsampling: SAMP_420 };
  return decompressSync(compressSync(raw, options), { format: FORMAT_BGRX }).data;
}

for (const [name, marker] of [
  ['strip', { x: 13, y: 5, columns: 24 }],
  ['grid', { x: 3, y: 7, columns: 6 }],
] as const) {
  test(`a frame number as a ${name} survives JPEG at quality 15`, () => {
    for (let number = 0; number < FRAME_NUMBERS; number += 997) {
      const pixels = noisyPicture();
      drawFrameNumber(pixels, WIDTH, marker.x, marker.y, marker.columns, number);
      assert.equal(readFrameNumber(throughJpeg(pixels, 15), WIDTH, marker), number);
    }
  });
}

test('an unpainted screen shows no frame number', () => {
  const marker = { x: 0, y: 0, columns: 24 };
  assert.equal(readFrameNumber(new Uint8Array(WIDTH * HEIGHT * 4), WIDTH, marker), undefined);
  assert.equal(readFrameNumber(new Uint8Array(WIDTH * HEIGHT * 4).fill(255), WIDTH, marker), undefined);
});

test('halves of two following frame numbers are told from a whole one', () => {
  const marker = { x: 0, y: 0, columns: 6 };
  for (let number = 0; number < 500; number++) {
    const pixels = noisyPicture();
    const next = noisyPicture();
    drawFrameNumber(pixels, WIDTH, 0, 0, 6, number);
    drawFrameNumber(next, WIDTH, 0, 0, 6, number + 1);
    const upperHalf = next.subarray(0, WIDTH * 32);
    pixels.set(upperHalf);
    const read = readFrameNumber(new Uint8Array(pixels.buffer), WIDTH, marker);
    assert.ok(read === undefined || read === number + 1, `torn ${number} was read as ${read}`);
  }
});

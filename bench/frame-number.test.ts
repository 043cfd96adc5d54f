import assert from 'node:assert/strict';
import { test } from 'node:test';
import jpegTurbo from '@julusian/jpeg-turbo';
import { BLOCK_PX, drawFrameNumber, FRAME_NUMBERS, markerBlockPx, readFrameNumber } from './frame-number.ts';

const { compressSync, decompressSync, FORMAT_BGRX, SAMP_420 } = jpegTurbo;

const WIDTH = 416;
const HEIGHT = 80;

function noisyPicture(length = WIDTH * HEIGHT): Uint32Array {
  const pixels = new Uint32Array(length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  return pixels;
}

function throughJpeg(pixels: Uint32Array, quality: number, width = WIDTH, height = HEIGHT): Uint8Array {
  const raw = Buffer.from(pixels.buffer);
  const options = { format: FORMAT_BGRX, width, height, quality, subsampling: SAMP_420 };
  return decompressSync(compressSync(raw, options), { format: FORMAT_BGRX }).data;
}

for (const [name, marker] of [
  ['strip', { x: 13, y: 5, columns: 24, blockPx: BLOCK_PX }],
  ['grid', { x: 3, y: 7, columns: 6, blockPx: BLOCK_PX }],
] as const) {
  test(`a frame number as a ${name} survives JPEG at quality 15`, () => {
    for (let number = 0; number < FRAME_NUMBERS; number += 997) {
      const pixels = noisyPicture();
      drawFrameNumber(pixels, WIDTH, marker, number);
      assert.equal(readFrameNumber(throughJpeg(pixels, 15), WIDTH, marker), number);
    }
  });
}

test('blocks are larger on screens that a server may scale down', () => {
  assert.equal(markerBlockPx({ width: 640, height: 480 }), 16);
  assert.equal(markerBlockPx({ width: 1920, height: 1080 }), 16);
  assert.equal(markerBlockPx({ width: 2560, height: 1440 }), 32);
  assert.equal(markerBlockPx({ width: 3840, height: 2160 }), 32);
});

test('a frame number survives being scaled to half size, JPEG at quality 15 and being scaled up', () => {
  const double = { width: WIDTH * 2, height: HEIGHT * 2 };
  const marker = { x: 17, y: 11, columns: 24, blockPx: markerBlockPx({ width: 3840, height: 2160 }) };
  for (let number = 0; number < FRAME_NUMBERS; number += 4999) {
    const pixels = noisyPicture(double.width * double.height);
    drawFrameNumber(pixels, double.width, marker, number);
    const small = Uint32Array.from(
      { length: WIDTH * HEIGHT },
      (_, i) => pixels[Math.floor(i / WIDTH) * 2 * double.width + (i % WIDTH) * 2]!,
    );
    const decoded = new Uint32Array(Uint8Array.from(throughJpeg(small, 15)).buffer);
    const shown = Uint32Array.from(
      pixels,
      (_, i) => decoded[(Math.floor(i / double.width) >> 1) * WIDTH + ((i % double.width) >> 1)]!,
    );
    assert.equal(readFrameNumber(new Uint8Array(shown.buffer), double.width, marker), number);
  }
});

test('an unpainted screen shows no frame number', () => {
  const marker = { x: 0, y: 0, columns: 24, blockPx: BLOCK_PX };
  assert.equal(readFrameNumber(new Uint8Array(WIDTH * HEIGHT * 4), WIDTH, marker), undefined);
  assert.equal(readFrameNumber(new Uint8Array(WIDTH * HEIGHT * 4).fill(255), WIDTH, marker), undefined);
});

test('halves of two successive frame numbers are told apart from a whole number', () => {
  const marker = { x: 0, y: 0, columns: 6, blockPx: BLOCK_PX };
  for (let number = 0; number < 500; number++) {
    const pixels = noisyPicture();
    const next = noisyPicture();
    drawFrameNumber(pixels, WIDTH, marker, number);
    drawFrameNumber(next, WIDTH, marker, number + 1);
    const upperHalf = next.subarray(0, WIDTH * 32);
    pixels.set(upperHalf);
    const read = readFrameNumber(new Uint8Array(pixels.buffer), WIDTH, marker);
    assert.ok(read === undefined || read === number + 1, `torn ${number} was read as ${read}`);
  }
});

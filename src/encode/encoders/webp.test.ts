import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadWebpEncoder } from './webp.ts';

const encodeWebp = await loadWebpEncoder();

/** Reads the size of a lossy WebP file: RFC 9649 section 2.5, and the frame header of VP8 (RFC 6386 section 9.1). */
function webpSize(file: Uint8Array): { width: number; height: number } {
  const bytes = Buffer.from(file);
  assert.equal(bytes.toString('latin1', 0, 4), 'RIFF');
  assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
  assert.equal(bytes.toString('latin1', 8, 16), 'WEBPVP8 ');
  assert.deepEqual([...bytes.subarray(23, 26)], [0x9d, 0x01, 0x2a]);
  return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
}

test('a WebP has the size of its source', () => {
  for (const [width, height, gap] of [
    [1, 1, 0],
    [17, 33, 5],
    [320, 200, 0],
  ] as const) {
    const stridePx = width + gap;
    const words = Uint32Array.from({ length: stridePx * height }, (_, i) => Math.imul(i, 0x9e3779b1));
    const file = encodeWebp({ width, height, stridePx, bytes: new Uint8Array(words.buffer), words }, 60);
    assert.deepEqual(webpSize(file), { width, height });
  }
});

test('a WebP of higher quality has more bytes, and the same bytes for every stride', () => {
  const [width, height] = [64, 64];
  const source = (stridePx: number) => {
    const words = new Uint32Array(stridePx * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) words[y * stridePx + x] = Math.imul(x * y, 0x10101) & 0xffffff;
    }
    return { width, height, stridePx, bytes: new Uint8Array(words.buffer), words };
  };
  const [poor, good, strided] = [
    encodeWebp(source(64), 20),
    encodeWebp(source(64), 90),
    encodeWebp(source(77), 90),
  ] as const;
  assert.ok(poor.length < good.length);
  assert.deepEqual(strided, good);
});

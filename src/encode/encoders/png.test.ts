import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { encodePng } from './png.ts';

/** Decodes a PNG of 8-bit RGB to pixels 0xrrggbb. Supports the filters 0 and 1, and checks all lengths and sums. */
function decodePng(file: Uint8Array): { width: number; height: number; pixels: number[] } {
  const bytes = Buffer.from(file);
  assert.deepEqual([...bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks: [type: string, data: Buffer][] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const summed = bytes.subarray(at + 4, at + 8 + length);
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(summed));
    chunks.push([summed.toString('latin1', 0, 4), summed.subarray(4)]);
    at += 12 + length;
  }
  assert.deepEqual(
    chunks.map(([type]) => type),
    ['IHDR', 'IDAT', 'IEND'],
  );
  const header = chunks[0]![1];
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  assert.deepEqual([...header.subarray(8)], [8, 2, 0, 0, 0], '8 bits, RGB, not interlaced');
  const rows = inflateSync(chunks[1]![1]);
  const rowBytes = 1 + width * 3;
  assert.equal(rows.length, rowBytes * height);
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    const row = rows.subarray(y * rowBytes, (y + 1) * rowBytes);
    assert.ok(row[0] === 0 || row[0] === 1);
    for (let i = 4; row[0] === 1 && i < rowBytes; i++) row[i]! += row[i - 3]!;
    for (let i = 1; i < rowBytes; i += 3) pixels.push(row.readUIntBE(i, 3));
  }
  return { width, height, pixels };
}

test('a PNG decodes to exactly the pixels of its source, whatever the stride', () => {
  const anyPicture = fc.record({
    width: fc.integer({ min: 1, max: 30 }),
    height: fc.integer({ min: 1, max: 20 }),
    gap: fc.nat(4),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(anyPicture, ({ width, height, gap, seed }) => {
      const stridePx = width + gap;
      const words = Uint32Array.from({ length: stridePx * height }, (_, i) =>
        Math.imul(i + seed, 0x9e3779b1),
      );
      const bytes = new Uint8Array(words.buffer);
      const expected = Array.from(
        { length: width * height },
        (_, i) => words[Math.floor(i / width) * stridePx + (i % width)]! & 0xffffff,
      );
      const decoded = decodePng(encodePng({ width, height, stridePx, bytes, words }));
      assert.deepEqual(decoded, { width, height, pixels: expected });
    }),
  );
});

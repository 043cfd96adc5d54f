import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { packedSource } from '../encoders/pixel-source.ts';
import { encodePng } from '../encoders/png.ts';
import { decodePng } from './decode-png.ts';
import { imageStamp } from './image-stamp.ts';

/** A PNG of two columns, with these bytes in its rows: the filter, then what it leaves of the pixels. */
function png(
  colourType: number,
  rows: readonly number[][],
  others: Readonly<Record<string, number[]>> = {},
  header: number[] = [],
): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(type, 4, 'latin1');
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(data, crc32(head.subarray(4))));
    return Buffer.concat([head, data, sum]);
  };
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(2, 0);
  ihdr.writeUInt32BE(rows.length, 4);
  ihdr.set([8, colourType, 0, 0, 0], 8);
  ihdr.set(header, 8);
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', ihdr),
    ...Object.entries(others).map(([type, data]) => chunk(type, Uint8Array.from(data))),
    chunk('IDAT', deflateSync(Uint8Array.from(rows.flat()))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

test('a PNG that Deskwire made is decoded to the same pixels', () => {
  const size = { width: 37, height: 11 };
  const source = packedSource(size, new Uint8Array(37 * 11 * 4));
  for (let i = 0; i < source.words.length; i++) source.words[i] = (i * 0x9e3779) & 0xffffff;
  const { rgba, width, height } = decodePng(encodePng(source));
  assert.deepEqual({ width, height }, size);
  source.words.forEach((word, i) => {
    assert.deepEqual(
      [...rgba.subarray(i * 4, i * 4 + 4)],
      [(word >>> 16) & 255, (word >>> 8) & 255, word & 255, 255],
    );
  });
});

test('every colour type of a PNG is decoded, with 8 or 16 bits per channel', () => {
  const grey = decodePng(
    png(0, [
      [0, 10, 20],
      [2, 1, 1],
    ]),
  );
  assert.deepEqual([...grey.rgba], [10, 10, 10, 255, 20, 20, 20, 255, 11, 11, 11, 255, 21, 21, 21, 255]);
  const deep = decodePng(png(0, [[0, 255, 255, 0, 0]], {}, [16]));
  assert.deepEqual([...deep.rgba], [255, 255, 255, 255, 0, 0, 0, 255]);
  const withOpacity = decodePng(png(4, [[0, 10, 128, 20, 0]]));
  assert.deepEqual([...withOpacity.rgba], [10, 10, 10, 128, 20, 20, 20, 0]);
  const indexed = decodePng(png(3, [[0, 1, 0]], { PLTE: [1, 2, 3, 4, 5, 6], tRNS: [9] }));
  assert.deepEqual([...indexed.rgba], [4, 5, 6, 255, 1, 2, 3, 9]);
  assert.deepEqual([...decodePng(png(6, [[0, 1, 2, 3, 4, 5, 6, 7, 8]])).rgba], [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a PNG that is broken or too large is refused', () => {
  const good = png(0, [[0, 1, 2]]);
  const large = Buffer.from(good);
  large.writeUInt32BE(5000, 16);
  const changed = Buffer.from(good);
  changed[45]! ^= 1;
  for (const [name, file] of Object.entries({
    'no PNG': Buffer.from('GIF89a'.repeat(10)),
    empty: new Uint8Array(0),
    'an unknown colour type': png(0, [[0, 1, 2]], {}, [8, 5]),
    'an unknown filter': png(0, [[5, 1, 2]]),
    'too large': large,
    'a wrong sum': changed,
    'half of its data': good.subarray(0, good.length - 18),
    'another chunk before the header': Buffer.concat([
      good.subarray(0, 8),
      good.subarray(33),
      good.subarray(8, 33),
    ]),
    'no data': good.subarray(0, 40),
  })) {
    assert.throws(() => decodePng(file), name);
  }
});

test('the white of an image becomes ink, and black and transparent parts none', () => {
  const { alphas, columns } = imageStamp(
    png(4, [
      [0, 255, 255, 0, 255],
      [0, 255, 128, 255, 0],
    ]),
    100,
  );
  assert.deepEqual([...alphas], [100, 50]);
  assert.deepEqual([...columns], [0, 0]);
});

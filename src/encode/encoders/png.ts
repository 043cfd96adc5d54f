import { crc32, deflateSync } from 'node:zlib';
import { joinBytes } from '../../protocol/join-bytes.ts';
import type { PixelSource } from './pixel-source.ts';
import { Scratch } from './scratch.ts';

/** Level of zlib, 1-9. Level 3 takes a third of the time of level 6 and makes a tenth more bytes. */
const ZLIB_LEVEL = 3;

/** Bytes in which zlib gives out its result. A smaller value makes a long list of pieces to join. */
const CHUNK_BYTES = 256 * 1024;

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Row filter "sub" of PNG (RFC 2083 section 6.3): the difference from the pixel to the left. */
const FILTER_SUB = 1;

/** Encodes BGRX pixels as an 8-bit RGB PNG file. */
export function encodePng(source: PixelSource): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, source.width);
  view.setUint32(4, source.height);
  header.set([8, 2, 0, 0, 0], 8);
  const data = deflateSync(filteredRows(source), { level: ZLIB_LEVEL, chunkSize: CHUNK_BYTES });
  const end = new Uint8Array(0);
  return joinBytes([SIGNATURE, ...chunk('IHDR', header), ...chunk('IDAT', data), ...chunk('IEND', end)]);
}

const filtered = new Scratch();

/** The rows as PNG compresses them, in memory that the next call reuses. */
function filteredRows({ width, height, stridePx, words }: PixelSource): Uint8Array {
  const rows = filtered.take((width * 3 + 1) * height);
  let to = 0;
  for (let y = 0; y < height; y++) {
    rows[to++] = FILTER_SUB;
    let left = 0;
    for (let x = 0; x < width; x++) {
      const pixel = words[y * stridePx + x]!;
      rows[to++] = (pixel >>> 16) - (left >>> 16);
      rows[to++] = (pixel >>> 8) - (left >>> 8);
      rows[to++] = pixel - left;
      left = pixel;
    }
  }
  return rows;
}

/** The parts of a chunk (RFC 2083 section 3.2). */
function chunk(type: string, data: Uint8Array): Uint8Array[] {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length, 0);
  head.write(type, 4, 'latin1');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(data, crc32(head.subarray(4))), 0);
  return [head, data, sum];
}

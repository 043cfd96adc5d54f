import { inflateSync } from 'node:zlib';
import { areaPx, type Size } from '../../pixels/rect.ts';
import { MOST_STAMP_PX, MOST_STAMP_SIDE_PX } from './stamp.ts';

/** A picture as 4 bytes per pixel: red, green, blue, opacity. */
export interface DecodedPng extends Size {
  readonly rgba: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bytes per pixel by colour type (RFC 2083 section 4.1.1). */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Decodes a PNG of 8 bits per channel that is not interlaced, and no larger than a stamp may be. Throws an Error that
 * says what is wrong with any other file.
 */
export function decodePng(file: Uint8Array): DecodedPng {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 33 || SIGNATURE.some((byte, i) => file[i] !== byte)) throw new Error('it is no PNG file');
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const [depth, colourType = 0, , , interlace] = file.subarray(24, 29);
  const channels = CHANNELS[colourType];
  if (depth !== 8 || interlace !== 0 || channels === undefined)
    throw new Error('it must have 8 bits per channel and no interlacing');
  const isTooLarge = Math.max(width, height) > MOST_STAMP_SIDE_PX || width * height > MOST_STAMP_PX;
  if (isTooLarge || width === 0 || height === 0)
    throw new Error(`it must have 1 to ${MOST_STAMP_PX} pixels, and sides of at most ${MOST_STAMP_SIDE_PX}`);
  const { data, palette, opacities } = chunksOf(file, view);
  const bytes = (width * channels + 1) * height;
  const inflated = inflateSync(data, { maxOutputLength: bytes });
  if (inflated.length < bytes) throw new Error('it is cut short');
  const pixels = unfiltered(inflated, width * channels, height, channels);
  return { width, height, rgba: toRgba(pixels, areaPx({ width, height }), colourType, palette, opacities) };
}

interface Chunks {
  readonly data: Uint8Array;
  readonly palette: Uint8Array;
  readonly opacities: Uint8Array;
}

function chunksOf(file: Uint8Array, view: DataView): Chunks {
  const data: Uint8Array[] = [];
  let palette = new Uint8Array(0);
  let opacities = new Uint8Array(0);
  for (let at = SIGNATURE.length; at + 12 <= file.length; ) {
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > file.length) break;
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const content = file.slice(at + 8, end);
    if (type === 'IDAT') data.push(content);
    else if (type === 'PLTE') palette = content;
    else if (type === 'tRNS') opacities = content;
    at = end + 4;
  }
  return { data: Buffer.concat(data), palette, opacities };
}

/** Takes back the filters of the rows (RFC 2083 section 6). */
function unfiltered(data: Uint8Array, rowBytes: number, height: number, channels: number): Uint8Array {
  const out = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (rowBytes + 1)]!;
    if (filter > 4) throw new Error('it has an unknown filter');
    const row = y * rowBytes;
    for (let x = 0; x < rowBytes; x++) {
      const left = x >= channels ? out[row + x - channels]! : 0;
      const up = y > 0 ? out[row - rowBytes + x]! : 0;
      const upLeft = x >= channels && y > 0 ? out[row - rowBytes + x - channels]! : 0;
      const guesses = [0, left, up, (left + up) >> 1, paeth(left, up, upLeft)];
      out[row + x] = data[y * (rowBytes + 1) + 1 + x]! + guesses[filter]!;
    }
  }
  return out;
}

function paeth(left: number, up: number, upLeft: number): number {
  const estimate = left + up - upLeft;
  const toLeft = Math.abs(estimate - left);
  const toUp = Math.abs(estimate - up);
  const toUpLeft = Math.abs(estimate - upLeft);
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}

function toRgba(
  pixels: Uint8Array,
  count: number,
  colourType: number,
  palette: Uint8Array,
  opacities: Uint8Array,
): Uint8Array {
  const rgba = new Uint8Array(count * 4);
  for (let i = 0; i < count; i++) {
    if (colourType === 0 || colourType === 4) {
      const channels = colourType === 4 ? 2 : 1;
      rgba.fill(pixels[i * channels]!, i * 4, i * 4 + 3);
      rgba[i * 4 + 3] = colourType === 4 ? pixels[i * 2 + 1]! : 255;
    } else if (colourType === 3) {
      const index = pixels[i]!;
      rgba.set(palette.subarray(index * 3, index * 3 + 3), i * 4);
      rgba[i * 4 + 3] = opacities[index] ?? 255;
    } else {
      const channels = colourType === 6 ? 4 : 3;
      rgba.set(pixels.subarray(i * channels, i * channels + 3), i * 4);
      rgba[i * 4 + 3] = colourType === 6 ? pixels[i * 4 + 3]! : 255;
    }
  }
  return rgba;
}

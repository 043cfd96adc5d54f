import { PNG } from 'pngjs';
import type { Size } from '../../pixels/rect.ts';
import { MOST_STAMP_PX, MOST_STAMP_SIDE_PX } from './stamp.ts';

/** A picture as 4 bytes per pixel: red, green, blue, opacity. */
export interface DecodedPng extends Size {
  readonly rgba: Uint8Array;
}

/** Signature, and the length and type of the chunk that has to come first (RFC 2083 sections 3.1 and 4.1.1). */
const START = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR', 'latin1');

/**
 * Decodes a PNG of any kind, no larger than a stamp may be. Throws an Error that says what is wrong with any other
 * file. Bounds the memory by the size in the header, before anything is decoded.
 */
export function decodePng(file: Uint8Array): DecodedPng {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < START.length + 8 || !bytes.subarray(0, START.length).equals(START))
    throw new Error('it is no PNG file');
  const width = bytes.readUInt32BE(START.length);
  const height = bytes.readUInt32BE(START.length + 4);
  const isTooLarge = Math.max(width, height) > MOST_STAMP_SIDE_PX || width * height > MOST_STAMP_PX;
  if (isTooLarge || width === 0 || height === 0)
    throw new Error(`it must have 1 to ${MOST_STAMP_PX} pixels, and sides of at most ${MOST_STAMP_SIDE_PX}`);
  const { data } = PNG.sync.read(bytes);
  return { width, height, rgba: data };
}

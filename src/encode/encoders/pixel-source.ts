import type { Rect, Size } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL, type SharedFrame } from '../../pixels/shared-frame.ts';

/** A rect of BGRX pixels somewhere in memory. */
export interface PixelSource {
  readonly width: number;
  readonly height: number;
  /** Pixels from the start of a row to the start of the next one. */
  readonly stridePx: number;
  /** The bytes from the first pixel to the end of memory or of the picture, whichever comes first. */
  readonly bytes: Uint8Array;
  /** The same memory as 32-bit pixels. */
  readonly words: Uint32Array;
}

/** A rect of the shown picture, in place: valid until the next commit. */
export function shownRect(frame: SharedFrame, frameSize: Size, rect: Rect): PixelSource {
  const start = (rect.y * frameSize.width + rect.x) * BYTES_PER_PIXEL;
  // A whole stride beyond the start of the last row: the frame keeps a spare row for that.
  const length = rect.height * frameSize.width * BYTES_PER_PIXEL;
  const { buffer } = frame.memory;
  return {
    width: rect.width,
    height: rect.height,
    stridePx: frameSize.width,
    bytes: new Uint8Array(buffer, frame.shownAt + start, length),
    words: new Uint32Array(buffer, frame.shownAt + start, length / BYTES_PER_PIXEL),
  };
}

/** Pixels with packed rows, which begin where their buffer begins. */
export function packedSource({ width, height }: Size, bytes: Uint8Array<ArrayBuffer>): PixelSource {
  const words = new Uint32Array(bytes.buffer, 0, bytes.length / BYTES_PER_PIXEL);
  return { width, height, stridePx: width, bytes, words };
}

/** The rect's BGRX pixels with packed rows, in a buffer of their own. */
export function packRows(source: PixelSource): Uint8Array<ArrayBuffer> {
  return copyRows(source, new Uint8Array(source.width * source.height * BYTES_PER_PIXEL));
}

/** Copies the rect's BGRX pixels with packed rows to the start of `target`. Returns that part of it. */
export function copyRows(source: PixelSource, target: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const rowBytes = source.width * BYTES_PER_PIXEL;
  const strideBytes = source.stridePx * BYTES_PER_PIXEL;
  for (let y = 0; y < source.height; y++) {
    target.set(source.bytes.subarray(y * strideBytes, y * strideBytes + rowBytes), y * rowBytes);
  }
  return target.subarray(0, rowBytes * source.height);
}

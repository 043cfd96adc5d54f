import { Buffer } from 'node:buffer';
import jpegTurbo, { type SubSampling } from '@julusian/jpeg-turbo';
import type { JpegQuality, Subsampling } from '../../protocol/quality.ts';
import { enterNativeCode, leaveNativeCode } from '../../threads/native-gate.ts';
import { Scratch } from './scratch.ts';

// The package is CommonJS with names that Node.js cannot see, so it is imported as one object.
const { bufferSize, compressSync, FORMAT_BGRX, SAMP_420, SAMP_422, SAMP_444 } = jpegTurbo;

const SAMPLINGS: Record<Subsampling, SubSampling> = {
  '4:2:0': SAMP_420,
  '4:2:2': SAMP_422,
  '4:4:4': SAMP_444,
};

const scratch = new Scratch();

/**
 * Encodes BGRX pixels as one JPEG picture, in memory that the next call reuses.
 *
 * `pixels` begins at the first pixel. Rows are `stridePx` pixels apart, and memory must reach a whole stride beyond the
 * start of the last row, which libjpeg-turbo's binding checks.
 */
export function encodeJpeg(
  pixels: Uint8Array,
  width: number,
  height: number,
  stridePx: number,
  settings: JpegQuality,
): Uint8Array {
  const subsampling = SAMPLINGS[settings.subsampling];
  const raw = Buffer.from(pixels.buffer, pixels.byteOffset, stridePx * height * 4);
  const options = {
    format: FORMAT_BGRX,
    width,
    height,
    stride: stridePx,
    quality: settings.quality,
    subsampling,
  };
  enterNativeCode();
  try {
    const { buffer, byteLength } = scratch.take(bufferSize({ width, height, subsampling }));
    return compressSync(raw, Buffer.from(buffer, 0, byteLength), options);
  } finally {
    leaveNativeCode();
  }
}

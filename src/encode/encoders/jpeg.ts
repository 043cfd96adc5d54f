import { Buffer } from 'node:buffer';
import jpegTurbo, { type SubSampling } from '@julusian/jpeg-turbo';
import type { JpegQuality, Subsampling } from '../../protocol/quality.ts';

// The package is CommonJS whose names Node can not see, so it comes as one object.
const { bufferSize, compressSync, FORMAT_BGRX, SAMP_420, SAMP_422, SAMP_444 } = jpegTurbo;

const SAMPLINGS: Record<Subsampling, SubSampling> = {
  '4:2:0': SAMP_420,
  '4:2:2': SAMP_422,
  '4:4:4': SAMP_444,
};

let scratch = Buffer.alloc(0);

/**
 * Encodes BGRX pixels as one JPEG picture.
 *
 * `pixels` begins at the first pixel; rows are `stridePx` pixels apart, and a whole stride must lie behind the
 * last row's start (libjpeg-turbo's binding insists). The answer lies in a buffer that the next call reuses.
 */
export function encodeJpeg(
  pixels: Uint8Array,
  width: number,
  height: number,
  stridePx: number,
  settings: JpegQuality,
): Uint8Array {
  const subsampling = SAMPLINGS[settings.subsampling];
  const room = bufferSize({ width, height, subsampling });
  if (scratch.length < room) scratch = Buffer.allocUnsafeSlow(room);
  const raw = Buffer.from(pixels.buffer, pixels.byteOffset, stridePx * height * 4);
  return compressSync(raw, scratch, {
    format: FORMAT_BGRX,
    width,
    height,
    stride: stridePx,
    quality: settings.quality,
    subsampling,
  });
}

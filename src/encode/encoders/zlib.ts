import type { Packer } from '../../pixels/kernels/packer.ts';
import { continuedData } from './continued.ts';
import { type LosslessSettings, zlibLevelFor } from './lossless.ts';
import type { PixelSource } from './pixel-source.ts';
import { encodeRaw } from './raw.ts';

/** Encodes a rect for "zlib": the pixels of Raw, compressed. Returns the parts after the rect header. */
export function encodeZlib(source: PixelSource, settings: LosslessSettings, packer: Packer): Uint8Array[] {
  const pixels = encodeRaw(source, settings.format);
  const level = zlibLevelFor(source.width * source.height, settings);
  return continuedData(pixels, pixels.length / source.height, level, packer);
}

import type { PixelFormat } from '../protocol/pixel-format.ts';
import type { JpegQuality } from '../protocol/quality.ts';

/** All that decides the bytes of a rect besides its pixels. Viewers with equal profiles share every byte. */
export interface EncodeProfile {
  readonly format: PixelFormat;
  readonly tight: boolean;
  /** Undefined where the viewer wants no loss: no quality level, or fewer than 32 bits a pixel. */
  readonly jpeg: JpegQuality | undefined;
  /** zlib level 1-9. */
  readonly zlibLevel: number;
}

/** Equal for profiles that lead to equal bytes. */
export function profileKey(profile: EncodeProfile): string {
  const { format, jpeg } = profile;
  const pixel = `${format.bitsPerPixel}/${format.depth}/${format.bigEndian ? 'be' : 'le'}`;
  const colours = [format.redMax, format.greenMax, format.blueMax].join();
  const shifts = [format.redShift, format.greenShift, format.blueShift].join();
  const lossy = jpeg ? `${jpeg.quality}@${jpeg.subsampling}` : 'lossless';
  return [profile.tight ? 'tight' : 'raw', pixel, colours, shifts, lossy, profile.zlibLevel].join(' ');
}

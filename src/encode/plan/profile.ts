import type { PixelFormat } from '../../protocol/pixel-format.ts';
import type { JpegQuality } from '../../protocol/quality.ts';
import type { VideoScaling } from './video-scaling.ts';

/** JPEG settings by what happens to the pixels. */
export interface LossyQuality {
  /** What keeps changing: seen for a moment only. */
  readonly moving: JpegQuality;
  /** What has changed now. */
  readonly changed: JpegQuality;
  /** What holds still and is sent again: undefined for no loss at all. */
  readonly still: JpegQuality | undefined;
}

/** How a viewer is sent WebP. What holds still and is sent again comes so, without loss. */
export interface WebpUse {
  /** Whether what changes comes so as well, as far as there is time for it; the rest of it as JPEG. */
  readonly changes: boolean;
  /** JPEG quality 1-100 that it looks like at most, where that was set apart from JPEG's. */
  readonly mostQuality?: number;
}

/** All that decides the bytes of a rect besides its pixels. Viewers with equal profiles share every byte. */
export interface EncodeProfile {
  readonly format: PixelFormat;
  readonly tight: boolean;
  /** Undefined where the viewer wants no loss: no quality level, or fewer than 32 bits a pixel. */
  readonly lossy: LossyQuality | undefined;
  /** Set for a viewer that takes WebP, and takes loss. */
  readonly webp?: WebpUse;
  /** zlib level 1-9. */
  readonly zlibLevel: number;
  /** Set while a viewer that can scale is in video mode. */
  readonly video?: VideoScaling;
  /** Set where the viewer can't draw the pointer, so that it has to be in the picture. */
  readonly drawsCursor?: boolean;
}

/** Equal for profiles that lead to equal bytes. */
export function profileKey(profile: EncodeProfile): string {
  const { format, tight, lossy, webp, zlibLevel, video, drawsCursor } = profile;
  const pixel = `${format.bitsPerPixel}/${format.depth}/${format.bigEndian ? 'be' : 'le'}`;
  const colours = [format.redMax, format.greenMax, format.blueMax].join();
  const shifts = [format.redShift, format.greenShift, format.blueShift].join();
  const qualities = lossy ? [lossy.moving, lossy.changed, lossy.still].map(jpegKey).join() : 'lossless';
  const webpUse = webp ? `webp ${webp.changes} ${webp.mostQuality}` : 'no webp';
  const scaled = video ? `${video.maxSize.width}x${video.maxSize.height}/${video.filter}` : 'whole';
  const pointer = drawsCursor ? 'drawn' : 'apart';
  return [
    tight ? 'tight' : 'raw',
    pixel,
    colours,
    shifts,
    qualities,
    webpUse,
    zlibLevel,
    scaled,
    pointer,
  ].join(' ');
}

/** Equal for settings that lead to equal bytes. */
export const jpegKey = (jpeg: JpegQuality | undefined): string =>
  jpeg ? `${jpeg.quality}@${jpeg.subsampling}` : 'lossless';

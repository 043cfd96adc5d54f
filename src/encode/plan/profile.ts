import type { PixelFormat } from '../../protocol/pixel-format.ts';
import type { JpegQuality } from '../../protocol/quality.ts';
import type { PictureEncoding } from '../../protocol/settings-from-encodings.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { VideoScaling } from './video-scaling.ts';

/** JPEG qualities by how the content changes. */
export interface LossyQuality {
  /** Tiles that keep changing, so that each picture is seen for a moment only. */
  readonly moving: JpegQuality;
  /** Tiles that changed now, and have not kept changing. */
  readonly changed: JpegQuality;
  /** Tiles that hold still and are sharpened; undefined for no loss. */
  readonly still: JpegQuality | undefined;
}

/** Use of WebP for a viewer. */
export interface WebpUse {
  /** Whether changes are sent as WebP, too, as far as the encoder threads have time; else they are JPEG. */
  readonly changes: boolean;
  /** Highest quality, on JPEG's scale of 1-100; undefined if it is that of the JPEG it replaces. */
  readonly mostQuality?: number;
  /** Whether only changes are sent as WebP. What is sharpened is Tight then. */
  readonly onlyChanges?: boolean;
}

/** Whether photo-like tiles that are sharpened are sent as WebP without loss. */
export const sharpensAsWebp = ({ webp }: Pick<EncodeProfile, 'webp'>): boolean =>
  webp !== undefined && !webp.onlyChanges;

/** Everything apart from the pixels that decides the bytes of a rect. Viewers with equal profiles share every byte. */
export interface EncodeProfile {
  readonly format: PixelFormat;
  readonly encoding: PictureEncoding;
  /** Undefined for no loss: the viewer set no quality level, or has fewer than 32 bits per pixel. */
  readonly lossy: LossyQuality | undefined;
  /** Undefined unless the viewer supports WebP and accepts loss. */
  readonly webp?: WebpUse;
  /** zlib level 1-9. */
  readonly zlibLevel: number;
  /** Whether the viewer supports Deskwire's zstd rects. */
  readonly zstd?: boolean;
  /** Undefined unless the viewer is in video mode and can scale pictures up. */
  readonly video?: VideoScaling;
  /** Whether the cursor is drawn into the picture, since the viewer can't draw it. */
  readonly drawsCursor?: boolean;
  /** Undefined for a viewer that sees the whole screen without a watermark. */
  readonly overlay?: Overlay;
}

/** Text that is equal for profiles that lead to equal bytes. */
export function profileKey(profile: EncodeProfile): string {
  const { format, encoding, lossy, webp, zlibLevel, zstd, video, drawsCursor, overlay } = profile;
  const qualities = lossy ? [lossy.moving, lossy.changed, lossy.still].map(jpegKey).join() : 'lossless';
  const webpUse = webp ? `webp ${webp.changes} ${webp.mostQuality} ${webp.onlyChanges}` : 'no webp';
  const scaled = video ? `${video.maxSize.width}x${video.maxSize.height}/${video.filter}` : 'whole';
  const pointer = drawsCursor ? 'drawn' : 'apart';
  return [
    encoding,
    formatKey(format),
    qualities,
    webpUse,
    zlibLevel,
    zstd ? 'zstd' : 'zlib',
    scaled,
    pointer,
    overlay?.key ?? 'bare',
  ].join(' ');
}

/** Text that is equal for pixel formats that lead to equal bytes. */
export function formatKey(format: PixelFormat): string {
  const pixel = `${format.bitsPerPixel}/${format.depth}/${format.bigEndian ? 'be' : 'le'}`;
  const colours = [format.redMax, format.greenMax, format.blueMax].join();
  const shifts = [format.redShift, format.greenShift, format.blueShift].join();
  return `${pixel} ${colours} ${shifts}`;
}

/** Text that is equal for qualities that lead to equal bytes. */
export const jpegKey = (jpeg: JpegQuality | undefined): string =>
  jpeg ? `${jpeg.quality}@${jpeg.subsampling}` : 'lossless';

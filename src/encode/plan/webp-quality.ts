import { type Curve, interpolate } from '../../common/interpolate.ts';

/** libwebp's quality 0-100, which keeps every second column and row of the chroma; or no loss at all. */
export type WebpQuality = number | 'lossless';

/**
 * libjpeg's quality, and libwebp's quality at which a photograph has the same SSIM, measured by bench/micro/webp.ts.
 * Pages with text over pictures need less.
 */
const EQUAL_QUALITIES: Curve = [
  [1, 0],
  [10, 1],
  [15, 3],
  [29, 12],
  [42, 22],
  [62, 40],
  [77, 71],
  [86, 83],
  [92, 91],
  [100, 97],
];

/** Quality, 0-100, of a WebP that looks like a JPEG of `jpegQuality`, 1-100. */
export const webpQualityOf = (jpegQuality: number): number =>
  Math.round(interpolate(EQUAL_QUALITIES, jpegQuality));

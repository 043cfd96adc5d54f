/** libwebp's quality, 0-100, which keeps half of the colour's columns and rows; or every pixel as it is. */
export type WebpQuality = number | 'lossless';

/**
 * libwebp's quality at which a photograph is as like its original, by SSIM, as at libjpeg's: measured by
 * bench/micro/webp.ts. Pages with text over pictures would do with less. What is between two of them is taken as on the
 * line from one to the other.
 */
const EQUAL_QUALITIES: readonly (readonly [jpeg: number, webp: number])[] = [
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

/** Quality 0-100 of a WebP that looks as a JPEG of `jpegQuality`, 1-100, does. */
export function webpQualityOf(jpegQuality: number): number {
  const at = Math.max(
    1,
    EQUAL_QUALITIES.findIndex(([jpeg]) => jpeg >= jpegQuality),
  );
  const [jpeg0, webp0] = EQUAL_QUALITIES[at - 1]!;
  const [jpeg1, webp1] = EQUAL_QUALITIES[at]!;
  return Math.round(webp0 + ((jpegQuality - jpeg0) / (jpeg1 - jpeg0)) * (webp1 - webp0));
}

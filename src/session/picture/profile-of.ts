import type { EncodeProfile, LossyQuality, WebpUse } from '../../encode/plan/profile.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { type JpegQuality, jpegQualityOf, MAX_QUALITY_LEVEL } from '../../protocol/quality.ts';
import { NO_SETTINGS, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';

/** zlib level for a viewer that names none: level 1 is twice as fast as 2 for a few per cent more bytes. */
const DEFAULT_ZLIB_LEVEL = 1;

/** Tight's compression level 0 means none at all; rects here are always compressed. */
const LEAST_ZLIB_LEVEL = 1;

/** A fine quality alone says nothing of chroma; this level's stands in. */
const FINE_QUALITY_CHROMA_LEVEL = 5;

/** A fine quality that asks for no loss. */
const LOSSLESS_FINE_QUALITY = 100;

/** 50 Mbit/s: a screen of 1080p without loss, five million bytes, is through within a second. */
const FAST_BYTES_PER_MS = 6_250;

/** Whether a link that carries so much may be given a still picture without loss. */
export const isFastLink = (bytesPerMs: number | undefined): boolean => (bytesPerMs ?? 0) > FAST_BYTES_PER_MS;

/** Whether a viewer that said this has to be sent the pointer as a part of the picture (RFC 6143 section 7.8.1). */
export const drawsCursor = (settings: ViewerSettings): boolean =>
  settings !== NO_SETTINGS && settings.cursor === undefined;

/**
 * 20 Mbit/s. On a faster link what changes is there sooner as JPEG: of a photograph WebP saves 0.04 (quality 41) to 0.08 bytes a
 * pixel (77), which such a link carries in 0.016 to 0.032 µs, for 0.024 µs of two encoder threads.
 */
const SLOW_BYTES_PER_MS = 2_500;

/** Whether WebP pays for what changes, on a link that is known to limit to so much; undefined where it does not. */
export const isSlowLink = (limitBytesPerMs: number | undefined): boolean =>
  limitBytesPerMs !== undefined && limitBytesPerMs < SLOW_BYTES_PER_MS;

/** How a viewer that takes loss is sent WebP, if it takes that. */
export function webpUseOf(settings: ViewerSettings, slowLink: boolean): WebpUse | undefined {
  const { webp, preferBandwidth, subsampling } = settings;
  if (!webp) return undefined;
  // Lossy WebP keeps a quarter of the colour only: not for one that named a finer chroma.
  const chromaSuffices = subsampling === undefined || subsampling === '4:2:0';
  return { changes: chromaSuffices && (preferBandwidth || slowLink) };
}

/** What of a viewer's settings, and of its link, decides the bytes of its picture. */
export function profileOf(settings: ViewerSettings, format: PixelFormat, fastLink: boolean): EncodeProfile {
  // Fewer bits than JPEG has would band it and gain nothing: such viewers get exact colours.
  const lossy = format.bitsPerPixel === 32 ? lossyQualityOf(settings, fastLink) : undefined;
  return {
    format,
    tight: settings.tight,
    lossy,
    webp: lossy && webpUseOf(settings, false),
    zlibLevel: Math.max(LEAST_ZLIB_LEVEL, settings.compressionLevel ?? DEFAULT_ZLIB_LEVEL),
    drawsCursor: drawsCursor(settings),
  };
}

function lossyQualityOf(settings: ViewerSettings, fastLink: boolean): LossyQuality | undefined {
  const range = levelsOf(settings);
  if (!range) return undefined;
  const { subsampling, fineQuality } = settings;
  const wished = (level: number): JpegQuality => {
    const { quality, subsampling: usual } = jpegQualityOf(
      fineQuality === undefined ? level : FINE_QUALITY_CHROMA_LEVEL,
    );
    return { quality: fineQuality ?? quality, subsampling: subsampling ?? usual };
  };
  const moving = wished(range.min);
  return {
    // The eye sees little colour in what moves: half of it in both directions saves a quarter of the time and bytes.
    moving: { ...moving, subsampling: subsampling ?? '4:2:0' },
    changed: wished(range.max),
    still: wantsNoLoss(settings, range.max, fastLink) ? undefined : jpegQualityOf(MAX_QUALITY_LEVEL),
  };
}

/** Between which Tight levels its quality is; undefined for a viewer that wants no loss. */
function levelsOf(settings: ViewerSettings): { min: number; max: number } | undefined {
  const { qualityLevel, fineQuality, dynamicQualityMin, dynamicQualityMax } = settings;
  if (qualityLevel === undefined && fineQuality === undefined) return undefined;
  const level = qualityLevel ?? FINE_QUALITY_CHROMA_LEVEL;
  const max = dynamicQualityMax ?? Math.max(level, dynamicQualityMin ?? 0);
  return { min: Math.min(max, dynamicQualityMin ?? level), max };
}

function wantsNoLoss(settings: ViewerSettings, maxLevel: number, fastLink: boolean): boolean {
  const { ours, fineQuality, treatLossless } = settings;
  if (fineQuality === LOSSLESS_FINE_QUALITY) return true;
  if (treatLossless !== undefined && maxLevel >= treatLossless) return true;
  return ours && fastLink;
}

/** How a frame is encoded for statistics while nobody watches: as for a page with its usual settings. */
export const DEFAULT_PROFILE: EncodeProfile = {
  format: SERVER_PIXEL_FORMAT,
  tight: true,
  lossy: {
    moving: { ...jpegQualityOf(7), subsampling: '4:2:0' },
    changed: jpegQualityOf(8),
    still: undefined,
  },
  zlibLevel: DEFAULT_ZLIB_LEVEL,
};

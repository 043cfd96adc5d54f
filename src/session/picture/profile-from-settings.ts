import type { EncodeProfile, LossyQuality, WebpUse } from '../../encode/plan/profile.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { type JpegQuality, jpegQualityOf, MAX_QUALITY_LEVEL } from '../../protocol/quality.ts';
import { NO_SETTINGS, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';

/** zlib level for a viewer that sets none. Level 2 takes twice the time and saves a few per cent of the bytes. */
const DEFAULT_ZLIB_LEVEL = 1;

/** Lowest zlib level. Tight's level 0 means no compression, which this server never uses. */
const LEAST_ZLIB_LEVEL = 1;

/** Tight level whose chroma is used with a fine quality, which itself sets none. */
const FINE_QUALITY_CHROMA_LEVEL = 5;

/** The fine quality by which a viewer asks for no loss. */
const LOSSLESS_FINE_QUALITY = 100;

/**
 * Rate above which a still picture is sent without loss, in bytes per millisecond: 50 Mbit/s, which carries a screen of
 * 1920×1080, five million bytes, in 0.8 s. A lower rate would let a screen take longer to become sharp; a higher one
 * would leave JPEG's loss on links that could do without.
 */
const FAST_BYTES_PER_MS = 6_250;

/** Whether a still picture is sent without loss over a link of this rate. */
export const isFastLink = (bytesPerMs: number | undefined): boolean => (bytesPerMs ?? 0) > FAST_BYTES_PER_MS;

/** Whether the cursor is drawn into the picture of a viewer with these settings (RFC 6143 section 7.8.1). */
export const drawsCursor = (settings: ViewerSettings): boolean =>
  settings !== NO_SETTINGS && settings.cursor === undefined;

/**
 * Rate below which changes are sent as WebP, in bytes per millisecond: 20 Mbit/s. On a faster link JPEG arrives sooner.
 * For a photograph, WebP saves 0.04 (quality 41) to 0.08 (quality 77) bytes per pixel. This link carries those in 0.016
 * to 0.032 µs; encoding the pixel takes two threads 0.024 µs more.
 */
const SLOW_BYTES_PER_MS = 2_500;

/**
 * Whether WebP pays for changes, on a link that limits to this rate; undefined if the link is not known to be the
 * limit.
 */
export const isSlowLink = (limitBytesPerMs: number | undefined): boolean =>
  limitBytesPerMs !== undefined && limitBytesPerMs < SLOW_BYTES_PER_MS;

/**
 * Whether this is KasmVNC's page, all of whose versions list this setting. It decodes JPEG and WebP beside everything
 * else, and drops what is not decoded when three later updates wait. So what holds still is sent to it as Tight without
 * loss, which it never drops: in the end it shows the exact picture, whatever it dropped before.
 */
const isKasmPage = ({ kasm, ours, maxVideoResolution }: ViewerSettings): boolean =>
  kasm && !ours && maxVideoResolution;

/** Use of WebP for a viewer that accepts loss. Undefined if the viewer does not support WebP. */
export function webpUseOf(settings: ViewerSettings, slowLink: boolean): WebpUse | undefined {
  const { webp, preferBandwidth, subsampling } = settings;
  if (!webp) return undefined;
  // Lossy WebP is always 4:2:0, which a viewer that set a finer chroma does not accept.
  const chromaSuffices = subsampling === undefined || subsampling === '4:2:0';
  const changes = chromaSuffices && (preferBandwidth || slowLink);
  return isKasmPage(settings) ? { changes, onlyChanges: true } : { changes };
}

/** Shortest time from update to update by the frame rate that the viewer set, in milliseconds; 0 if it set none. */
export const updateIntervalMs = ({ frameRate }: ViewerSettings): number =>
  frameRate === undefined ? 0 : 1000 / frameRate;

/** Profile of a viewer's updates, before video mode and a slow link change it. */
export function profileOf(settings: ViewerSettings, format: PixelFormat, fastLink: boolean): EncodeProfile {
  // JPEG in fewer colours than it has shows bands and saves nothing. Such viewers get no loss.
  const lossy = format.bitsPerPixel === 32 ? lossyQualityOf(settings, fastLink) : undefined;
  return {
    format,
    encoding: settings.encoding,
    lossy,
    webp: lossy && webpUseOf(settings, false),
    zlibLevel: Math.max(LEAST_ZLIB_LEVEL, settings.compressionLevel ?? DEFAULT_ZLIB_LEVEL),
    zstd: settings.zstd,
    drawsCursor: drawsCursor(settings),
  };
}

function lossyQualityOf(settings: ViewerSettings, fastLink: boolean): LossyQuality | undefined {
  const range = levelsOf(settings);
  if (!range) return undefined;
  const { subsampling, fineQuality } = settings;
  const qualityOf = (level: number): JpegQuality => {
    const { quality, subsampling: usual } = jpegQualityOf(
      fineQuality === undefined ? level : FINE_QUALITY_CHROMA_LEVEL,
    );
    return { quality: fineQuality ?? quality, subsampling: subsampling ?? usual };
  };
  const moving = qualityOf(range.min);
  return {
    // The eye sees little colour in moving content. 4:2:0 saves a quarter of the time and of the bytes.
    moving: { ...moving, subsampling: subsampling ?? '4:2:0' },
    changed: qualityOf(range.max),
    still: wantsNoLoss(settings, range.max, fastLink) ? undefined : jpegQualityOf(MAX_QUALITY_LEVEL),
  };
}

/** Lowest and highest Tight level of changes; undefined for a viewer that wants no loss. */
function levelsOf(settings: ViewerSettings): { min: number; max: number } | undefined {
  const { qualityLevel, fineQuality, dynamicQualityMin, dynamicQualityMax, qoi } = settings;
  // KasmVNC's page lists QOI, an encoding without loss, if its user wants a lossless picture.
  if (qoi || (qualityLevel === undefined && fineQuality === undefined)) return undefined;
  const level = qualityLevel ?? FINE_QUALITY_CHROMA_LEVEL;
  const max = dynamicQualityMax ?? Math.max(level, dynamicQualityMin ?? 0);
  return { min: Math.min(max, dynamicQualityMin ?? level), max };
}

function wantsNoLoss(settings: ViewerSettings, maxLevel: number, fastLink: boolean): boolean {
  const { ours, fineQuality, treatLossless } = settings;
  if (fineQuality === LOSSLESS_FINE_QUALITY || isKasmPage(settings)) return true;
  if (treatLossless !== undefined && maxLevel >= treatLossless) return true;
  return ours && fastLink;
}

/** Profile of a frame that is encoded for statistics while no viewer watches: that of our page with its defaults. */
export const DEFAULT_PROFILE: EncodeProfile = {
  format: SERVER_PIXEL_FORMAT,
  encoding: 'tight',
  lossy: {
    moving: { ...jpegQualityOf(7), subsampling: '4:2:0' },
    changed: jpegQualityOf(8),
    still: undefined,
  },
  zlibLevel: DEFAULT_ZLIB_LEVEL,
  zstd: true,
};

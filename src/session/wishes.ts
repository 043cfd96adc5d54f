import type { EncodeProfile } from '../encode/profile.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../protocol/pixel-format.ts';
import { jpegQualityOf } from '../protocol/quality.ts';
import { jpegQualityFor, type ViewerSettings } from '../protocol/settings-from-encodings.ts';

/** zlib level for a viewer that names none: level 1 is twice as fast as 2 for a few per cent more bytes. */
const DEFAULT_ZLIB_LEVEL = 1;

/** Tight's compression level 0 means none at all; rects here are always compressed. */
const LEAST_ZLIB_LEVEL = 1;

/** What of a viewer's settings decides the bytes of its picture. */
export function profileOf(settings: ViewerSettings, format: PixelFormat): EncodeProfile {
  return {
    format,
    tight: settings.tight,
    // Fewer bits than JPEG has would band it and gain nothing: such viewers get exact colours.
    jpeg: format.bitsPerPixel === 32 ? jpegQualityFor(settings) : undefined,
    zlibLevel: Math.max(LEAST_ZLIB_LEVEL, settings.compressionLevel ?? DEFAULT_ZLIB_LEVEL),
  };
}

/** How a frame is encoded for statistics while nobody watches: as for a page with its usual settings. */
export const DEFAULT_PROFILE: EncodeProfile = {
  format: SERVER_PIXEL_FORMAT,
  tight: true,
  jpeg: jpegQualityOf(7),
  zlibLevel: DEFAULT_ZLIB_LEVEL,
};

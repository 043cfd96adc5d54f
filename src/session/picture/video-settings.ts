import type { EncodeProfile, WebpUse } from '../../encode/plan/profile.ts';
import type { VideoScaling } from '../../encode/plan/video-scaling.ts';
import type { Size } from '../../pixels/rect.ts';
import { type JpegQuality, jpegQualityOf } from '../../protocol/quality.ts';
import type { ViewerSettings } from '../../protocol/settings-from-encodings.ts';
import type { VideoThresholds } from './video-mode.ts';

/** All about video mode that can be set, for the server or by one viewer for itself. */
export interface VideoSettings extends VideoThresholds, VideoScaling {
  /** Tight quality level 0-9 of video. */
  readonly qualityLevel: number;
}

/** The server's wishes with what a viewer set for itself in their place. `maxSize` is what it said by SetMaxVideoResolution. */
export function videoSettingsOf(
  server: VideoSettings,
  settings: ViewerSettings,
  maxSize: Size | undefined,
): VideoSettings {
  const ms = (seconds: number | undefined): number | undefined =>
    seconds === undefined ? undefined : seconds * 1000;
  const { videoScaling } = settings;
  return {
    areaPercent: settings.videoArea ?? server.areaPercent,
    timeMs: ms(settings.videoTime) ?? server.timeMs,
    outTimeMs: ms(settings.videoOutTime) ?? server.outTimeMs,
    qualityLevel: settings.jpegVideoQuality ?? server.qualityLevel,
    // KasmVNC's 0 is the nearest pixel; all above are one or another mean.
    filter: videoScaling === undefined ? server.filter : videoScaling === 0 ? 'nearest' : 'area',
    maxSize: maxSize ?? server.maxSize,
  };
}

/**
 * How a viewer in video mode is sent its picture, which is `usual` else. One that takes no lossy picture has no video mode;
 * one that can't scale pictures up gets them whole, at video's quality.
 */
export function videoProfile(
  usual: EncodeProfile,
  settings: ViewerSettings,
  { qualityLevel, maxSize, filter }: VideoSettings,
): EncodeProfile {
  if (!usual.tight || !usual.lossy) return usual;
  const scales = settings.ours || settings.kasm;
  const jpeg = videoQuality(usual.lossy.moving, settings, qualityLevel);
  const lossy = { ...usual.lossy, moving: jpeg, changed: jpeg };
  return {
    ...usual,
    lossy,
    webp: usual.webp && videoWebp(usual.webp, settings),
    video: scales ? { maxSize, filter } : undefined,
  };
}

/** WebP's own quality of video counts where it is the lower one; else it looks as JPEG does beside it. */
function videoWebp(usual: WebpUse, { webpVideoQuality }: ViewerSettings): WebpUse {
  return webpVideoQuality === undefined
    ? usual
    : { ...usual, mostQuality: jpegQualityOf(webpVideoQuality).quality };
}

/** A viewer that did not set video's quality, and is content with less than the server's, gets no more than it asked for. */
function videoQuality(usual: JpegQuality, settings: ViewerSettings, level: number): JpegQuality {
  const { quality } = jpegQualityOf(level);
  if (settings.jpegVideoQuality === undefined && usual.quality < quality) return usual;
  return { quality, subsampling: usual.subsampling };
}

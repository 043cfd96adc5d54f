import type { EncodeProfile, WebpUse } from '../../encode/plan/profile.ts';
import type { VideoScaling } from '../../encode/plan/video-scaling.ts';
import type { Size } from '../../pixels/rect.ts';
import { type JpegQuality, jpegQualityOf } from '../../protocol/quality.ts';
import type { ViewerSettings } from '../../protocol/settings-from-encodings.ts';
import type { VideoThresholds } from './video-mode.ts';

/** Settings of video mode: the server's, or those of one viewer. */
export interface VideoSettings extends VideoThresholds, VideoScaling {
  /** Tight quality level 0-9 of video. */
  readonly qualityLevel: number;
}

/** The server's settings, replaced by those that the viewer sets. `maxSize` was set by SetMaxVideoResolution. */
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
    // KasmVNC's 0 takes the nearest pixel. Its higher values are different ways of averaging.
    filter: videoScaling === undefined ? server.filter : videoScaling === 0 ? 'nearest' : 'area',
    maxSize: maxSize ?? server.maxSize,
  };
}

/**
 * Profile of a viewer in video mode; `usual` is its profile outside of it. A viewer that accepts no loss keeps `usual`.
 * A viewer that can't scale up is sent full-size pictures at the quality of video.
 */
export function videoProfile(
  usual: EncodeProfile,
  settings: ViewerSettings,
  { qualityLevel, maxSize, filter }: VideoSettings,
): EncodeProfile {
  if (usual.encoding !== 'tight' || !usual.lossy) return usual;
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

/** WebP of video looks like JPEG of video, or worse if the viewer set a lower quality for it. */
function videoWebp(usual: WebpUse, { webpVideoQuality }: ViewerSettings): WebpUse {
  return webpVideoQuality === undefined
    ? usual
    : { ...usual, mostQuality: jpegQualityOf(webpVideoQuality).quality };
}

/** The quality of video. A viewer that set none for video keeps its own if that is lower than the server's. */
function videoQuality(usual: JpegQuality, settings: ViewerSettings, level: number): JpegQuality {
  const { quality } = jpegQualityOf(level);
  if (settings.jpegVideoQuality === undefined && usual.quality < quality) return usual;
  return { quality, subsampling: usual.subsampling };
}

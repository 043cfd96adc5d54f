import type { LossyQuality } from '../../encode/plan/profile.ts';
import { type JpegQuality, jpegQualityOf, MAX_QUALITY_LEVEL } from '../../protocol/quality.ts';
import type { ViewerSettings } from '../../protocol/settings-from-encodings.ts';

/**
 * Lowest quality, below Tight's level 0: a photograph of 1920×1080 takes 70 KB instead of 86, which a link of 5 Mbit/s
 * carries in 110 ms. Used for moving content on a slow link; content that holds still is sharpened later.
 */
const LEAST_QUALITY: JpegQuality = { quality: 10, subsampling: '4:2:0' };

/**
 * Qualities that a viewer may be sent while its link is slow, the lowest first and `wish` last. Below the wish stand
 * Tight's levels, from the lowest one that the viewer set for a quality that changes; if it set none, from
 * LEAST_QUALITY. A chroma that the viewer set holds for all of them.
 */
export function qualityLadder(settings: ViewerSettings, wish: LossyQuality): LossyQuality[] {
  const { dynamicQualityMin: least } = settings;
  const caps = least === undefined ? [LEAST_QUALITY] : [];
  for (let level = least ?? 0; level <= MAX_QUALITY_LEVEL; level++) caps.push(jpegQualityOf(level));
  const atMost = (cap: JpegQuality, wished: JpegQuality): JpegQuality =>
    wished.quality <= cap.quality
      ? wished
      : { quality: cap.quality, subsampling: settings.subsampling ?? cap.subsampling };
  return [
    ...caps
      .filter(({ quality }) => quality < wish.changed.quality)
      .map((cap) => ({
        ...wish,
        moving: { ...atMost(cap, wish.moving), subsampling: wish.moving.subsampling },
        changed: atMost(cap, wish.changed),
      })),
    wish,
  ];
}

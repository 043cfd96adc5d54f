import * as wire from '../protocol/constants.ts';
import type { Size } from './render/geometry.ts';

/** How the desktop's picture is sent. Qualities are levels from 0 to 9: a higher one is better, and has more bytes. */
export interface PictureSettings {
  /** What stands still. Undefined: everything is sent without loss. */
  readonly quality: number | undefined;
  readonly movingQuality: number;
  readonly videoQuality: number;
  /** 10 to 60 */
  readonly framesPerSecond: number;
  /** What stands still is sent again without loss, however slow the link. */
  readonly losslessStill: boolean;
  /** Chroma of what is sent with loss. */
  readonly chroma: Chroma;
  /** zlib level of what is sent without loss, 1 to 9. */
  readonly compression: number;
  readonly webp: boolean;
  /** WebP on a fast link, too. */
  readonly smallest: boolean;
  /** Part of the screen that must move for video, 1 to 100 %. */
  readonly videoArea: number;
  /** Seconds for which it must move, 0 to 100. */
  readonly videoTime: number;
  /** Seconds for which it must be calm before video ends, 1 to 100. */
  readonly videoOutTime: number;
  /** Size to which a larger screen is scaled down during video. */
  readonly videoSize: VideoSize;
  readonly videoSmooth: boolean;
}

export const CHROMAS = ['auto', '4:4:4', '4:2:2', '4:2:0'] as const;
export type Chroma = (typeof CHROMAS)[number];

export const VIDEO_SIZES = ['auto', '1920x1080', '1280x720', '960x540'] as const;
type VideoSize = (typeof VIDEO_SIZES)[number];

export const PRESET_NAMES = ['low', 'balanced', 'sharp', 'lossless'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

const BALANCED: PictureSettings = {
  // JPEG quality 86 with full chroma: text on pictures stays sharp, and a usual link can carry it.
  quality: 7,
  movingQuality: 7,
  videoQuality: 7,
  framesPerSecond: 60,
  losslessStill: false,
  chroma: 'auto',
  compression: 1,
  webp: true,
  smallest: false,
  videoArea: 45,
  videoTime: 5,
  videoOutTime: 3,
  videoSize: 'auto',
  videoSmooth: true,
};

export const PRESETS: Readonly<Record<PresetName, PictureSettings>> = {
  low: {
    ...BALANCED,
    quality: 4,
    movingQuality: 2,
    videoQuality: 2,
    framesPerSecond: 24,
    videoArea: 30,
    videoTime: 2,
  },
  balanced: BALANCED,
  sharp: { ...BALANCED, quality: 9, movingQuality: 8, videoQuality: 8, webp: false },
  lossless: { ...BALANCED, quality: undefined, webp: false },
};

/** The preset that has these settings. */
export const presetOf = (settings: PictureSettings): PresetName | undefined =>
  PRESET_NAMES.find((name) => formatPicture(PRESETS[name]) === formatPicture(settings));

/** Ranges of the settings that are numbers, as the protocol has them. */
export const RANGES = {
  quality: { least: 0, most: 9, step: 1 },
  movingQuality: { least: 0, most: 9, step: 1 },
  videoQuality: { least: 0, most: 9, step: 1 },
  framesPerSecond: { least: 10, most: 60, step: 1 },
  compression: { least: 1, most: 9, step: 1 },
  videoArea: { least: 1, most: 100, step: 1 },
  videoTime: { least: 0, most: 100, step: 1 },
  videoOutTime: { least: 1, most: 100, step: 1 },
} as const;

type NumberName = keyof typeof RANGES;

/** Writes settings as text. */
export const formatPicture = (settings: PictureSettings): string =>
  JSON.stringify({ ...settings, quality: settings.quality ?? null });

/** Reads what was written. What is missing or no setting is as in the balanced preset. */
export function parsePicture(text: string): PictureSettings {
  let written: Readonly<Record<string, unknown>> = {};
  try {
    written = Object(JSON.parse(text)) as typeof written;
  } catch {
    // Nothing was written.
  }
  const number = (name: NumberName): number => {
    const value = written[name];
    const { least, most } = RANGES[name];
    const isOne = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    return isOne ? value : BALANCED[name]!;
  };
  const flag = (name: 'losslessStill' | 'webp' | 'smallest' | 'videoSmooth'): boolean =>
    typeof written[name] === 'boolean' ? written[name] : BALANCED[name];
  return {
    quality: written.quality === null ? undefined : number('quality'),
    movingQuality: number('movingQuality'),
    videoQuality: number('videoQuality'),
    framesPerSecond: number('framesPerSecond'),
    losslessStill: flag('losslessStill'),
    chroma: CHROMAS.find((name) => name === written.chroma) ?? BALANCED.chroma,
    compression: number('compression'),
    webp: flag('webp'),
    smallest: flag('smallest'),
    videoArea: number('videoArea'),
    videoTime: number('videoTime'),
    videoOutTime: number('videoOutTime'),
    videoSize: VIDEO_SIZES.find((name) => name === written.videoSize) ?? BALANCED.videoSize,
    videoSmooth: flag('videoSmooth'),
  };
}

/** The size that SetMaxVideoResolution tells. No pixels: the server's. */
export function videoSizeOf({ videoSize }: PictureSettings): Size {
  const [width, height] = videoSize === 'auto' ? [0, 0] : videoSize.split('x').map(Number);
  return { width: width!, height: height! };
}

const CHROMA_ENCODINGS: Readonly<Record<Exclude<Chroma, 'auto'>, number>> = {
  '4:4:4': wire.PSEUDO_CHROMA_444,
  '4:2:2': wire.PSEUDO_CHROMA_422,
  '4:2:0': wire.PSEUDO_CHROMA_420,
};

/** The numbers of SetEncodings that say these settings. What is as in the balanced preset is left to the server. */
export function pictureEncodings(settings: PictureSettings): number[] {
  const { quality, movingQuality, videoQuality, framesPerSecond, webp, videoArea, videoTime } = settings;
  const { chroma, compression, losslessStill, smallest, videoOutTime, videoSmooth } = settings;
  const isOwn = (name: NumberName): boolean => settings[name] !== BALANCED[name];
  const encodings: number[] = [];
  if (quality !== undefined) {
    encodings.push(
      wire.PSEUDO_QUALITY_FIRST + quality,
      // Moving parts get the lower of both, other changes the next level.
      wire.PSEUDO_DYNAMIC_QUALITY_MIN_FIRST + Math.min(quality, movingQuality),
      wire.PSEUDO_DYNAMIC_QUALITY_MAX_FIRST + Math.min(9, quality + 1),
    );
  }
  if (quality !== undefined && losslessStill) encodings.push(wire.PSEUDO_TREAT_LOSSLESS_FIRST);
  if (quality !== undefined && chroma !== 'auto') encodings.push(CHROMA_ENCODINGS[chroma]);
  if (isOwn('compression')) encodings.push(wire.PSEUDO_COMPRESSION_FIRST + compression);
  if (quality !== undefined && isOwn('videoQuality')) {
    encodings.push(
      wire.PSEUDO_JPEG_VIDEO_QUALITY_FIRST + videoQuality,
      wire.PSEUDO_WEBP_VIDEO_QUALITY_FIRST + videoQuality,
    );
  }
  if (isOwn('framesPerSecond'))
    encodings.push(wire.PSEUDO_FRAME_RATE_FIRST + framesPerSecond - RANGES.framesPerSecond.least);
  if (isOwn('videoArea')) encodings.push(wire.PSEUDO_VIDEO_AREA_FIRST + videoArea - RANGES.videoArea.least);
  if (isOwn('videoTime')) encodings.push(wire.PSEUDO_VIDEO_TIME_FIRST + videoTime);
  if (isOwn('videoOutTime'))
    encodings.push(wire.PSEUDO_VIDEO_OUT_TIME_FIRST + videoOutTime - RANGES.videoOutTime.least);
  // The nearest pixel instead of averages.
  if (!videoSmooth) encodings.push(wire.PSEUDO_VIDEO_SCALING_FIRST);
  if (webp) encodings.push(wire.PSEUDO_WEBP);
  if (webp && smallest) encodings.push(wire.PSEUDO_PREFER_BANDWIDTH);
  return encodings;
}

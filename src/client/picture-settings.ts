import * as wire from '../protocol/constants.ts';

/** How the desktop's picture is sent. Qualities are levels from 0 to 9: a higher one is better, and has more bytes. */
export interface PictureSettings {
  /** What stands still. Undefined: everything is sent without loss. */
  readonly quality: number | undefined;
  readonly movingQuality: number;
  readonly videoQuality: number;
  /** 10 to 60 */
  readonly framesPerSecond: number;
  readonly webp: boolean;
  /** Part of the screen that must move for video, 1 to 100 %. */
  readonly videoArea: number;
  /** Seconds for which it must move, 0 to 100. */
  readonly videoTime: number;
}

export const PRESET_NAMES = ['low', 'balanced', 'sharp', 'lossless'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

const BALANCED: PictureSettings = {
  // JPEG quality 86 with full chroma: text on pictures stays sharp, and a usual link can carry it.
  quality: 7,
  movingQuality: 7,
  videoQuality: 7,
  framesPerSecond: 60,
  webp: true,
  videoArea: 45,
  videoTime: 5,
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
  videoArea: { least: 1, most: 100, step: 1 },
  videoTime: { least: 0, most: 100, step: 1 },
} as const;

type NumberName = keyof typeof RANGES;
const NUMBER_NAMES = Object.keys(RANGES) as NumberName[];

/** Writes settings as text. */
export const formatPicture = (settings: PictureSettings): string =>
  JSON.stringify([...NUMBER_NAMES.map((name) => settings[name] ?? null), settings.webp]);

/** Reads what was written. What is no settings is the balanced preset. */
export function parsePicture(text: string): PictureSettings {
  try {
    const values = JSON.parse(text) as unknown[];
    const written = (name: NumberName): unknown => values[NUMBER_NAMES.indexOf(name)];
    const number = (name: NumberName): number => {
      const value = written(name);
      const { least, most } = RANGES[name];
      if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
        return value;
      throw new RangeError(name);
    };
    return {
      quality: written('quality') === null ? undefined : number('quality'),
      movingQuality: number('movingQuality'),
      videoQuality: number('videoQuality'),
      framesPerSecond: number('framesPerSecond'),
      videoArea: number('videoArea'),
      videoTime: number('videoTime'),
      webp: values[NUMBER_NAMES.length] === true,
    };
  } catch {
    return BALANCED;
  }
}

/** The numbers of SetEncodings that say these settings. What is as in the balanced preset is left to the server. */
export function pictureEncodings(settings: PictureSettings): number[] {
  const { quality, movingQuality, videoQuality, framesPerSecond, webp, videoArea, videoTime } = settings;
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
  if (webp) encodings.push(wire.PSEUDO_WEBP);
  return encodings;
}

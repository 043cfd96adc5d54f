import * as wire from '../../src/protocol/constants.ts';

/** Settings of KasmVNC's page, as its presets set them. */
export interface KasmPageSettings {
  readonly dynamicQualityMin: number;
  readonly dynamicQualityMax: number;
  readonly treatLossless: number;
  readonly jpegVideoQuality: number;
  readonly webpVideoQuality: number;
  readonly frameRate: number;
  /** Lists QOI, by which the page asks for a picture without loss. */
  readonly qoi: boolean;
}

/** The page's presets that differ most. */
export const KASM_PRESETS = {
  low: preset(3, 7, 7, 5, 24),
  medium: preset(4, 9, 7, 7, 24),
  extreme: preset(8, 9, 9, 9, 60),
  lossless: { ...preset(9, 9, 9, 9, 60), qoi: true },
} as const;

function preset(
  min: number,
  max: number,
  treatLossless: number,
  video: number,
  frameRate: number,
): KasmPageSettings {
  return {
    dynamicQualityMin: min,
    dynamicQualityMax: max,
    treatLossless,
    jpegVideoQuality: video,
    webpVideoQuality: video,
    frameRate,
    qoi: false,
  };
}

/** SetEncodings of the page, in its order. */
export const kasmPageEncodings = (settings: KasmPageSettings): number[] => [
  wire.ENCODING_COPY_RECT,
  wire.ENCODING_TIGHT,
  wire.ENCODING_RAW,
  wire.PSEUDO_QUALITY_FIRST + 6,
  wire.PSEUDO_COMPRESSION_FIRST + 2,
  wire.PSEUDO_DESKTOP_SIZE,
  wire.PSEUDO_LAST_RECT,
  wire.PSEUDO_QEMU_KEY,
  wire.PSEUDO_EXTENDED_DESKTOP_SIZE,
  wire.PSEUDO_FENCE,
  wire.PSEUDO_CONTINUOUS_UPDATES,
  wire.PSEUDO_DESKTOP_NAME,
  wire.PSEUDO_EXTENDED_CLIPBOARD,
  wire.PSEUDO_DISCONNECT_NOTICE,
  wire.PSEUDO_DIRECT_MOUSE,
  wire.PSEUDO_WEBP,
  ...(settings.qoi ? [wire.PSEUDO_QOI] : []),
  wire.PSEUDO_JPEG_VIDEO_QUALITY_FIRST + settings.jpegVideoQuality,
  wire.PSEUDO_WEBP_VIDEO_QUALITY_FIRST + settings.webpVideoQuality,
  wire.PSEUDO_TREAT_LOSSLESS_FIRST + settings.treatLossless,
  wire.PSEUDO_DYNAMIC_QUALITY_MIN_FIRST + settings.dynamicQualityMin,
  wire.PSEUDO_DYNAMIC_QUALITY_MAX_FIRST + settings.dynamicQualityMax,
  // 65 % of the screen for 5 s, and 3 s until it ends.
  wire.PSEUDO_VIDEO_AREA_FIRST + 64,
  wire.PSEUDO_VIDEO_TIME_FIRST + 5,
  wire.PSEUDO_VIDEO_OUT_TIME_FIRST + 2,
  wire.PSEUDO_VIDEO_SCALING_FIRST,
  wire.PSEUDO_FRAME_RATE_FIRST + settings.frameRate - 10,
  wire.PSEUDO_MAX_VIDEO_RESOLUTION,
  wire.PSEUDO_STREAMING_JPEG_WEBP,
  wire.PSEUDO_PREFER_BANDWIDTH,
  wire.PSEUDO_VMWARE_CURSOR,
  wire.PSEUDO_CURSOR,
  wire.PSEUDO_VMWARE_CURSOR_POSITION,
];

import * as wire from './constants.ts';
import type { CursorKind } from './cursor.ts';
import { dialectOf, listsKasm, listsOurs } from './dialect.ts';
import { fineQualityFrom, type Subsampling, subsamplingFrom } from './quality.ts';

/** How the picture of a viewer is encoded. Every viewer supports Raw. */
export type PictureEncoding = 'tight' | 'zrle' | 'zlib' | 'hextile' | 'raw';

const PICTURE_ENCODINGS: Readonly<Record<number, PictureEncoding>> = {
  [wire.ENCODING_TIGHT]: 'tight',
  [wire.ENCODING_ZRLE]: 'zrle',
  [wire.ENCODING_ZLIB]: 'zlib',
  [wire.ENCODING_HEXTILE]: 'hextile',
};

/** Features and settings of a viewer, by its last SetEncodings. A setting that it did not give is undefined. */
export interface ViewerSettings {
  /**
   * The first of its list that the server has. Raw comes last, wherever it is listed: it takes many times the bytes, and
   * viewers list it first that only mean "no loss".
   */
  readonly encoding: PictureEncoding;
  /** Deskwire's own encoding without loss. */
  readonly zstd: boolean;
  readonly copyRect: boolean;
  readonly lastRect: boolean;
  /** Best form of cursor that the viewer supports. Undefined if the pointer must be drawn into the picture. */
  readonly cursor: CursorKind | undefined;
  readonly cursorPosition: boolean;
  readonly desktopSize: boolean;
  readonly extendedDesktopSize: boolean;
  readonly desktopName: boolean;
  readonly fence: boolean;
  readonly continuousUpdates: boolean;
  readonly qemuKey: boolean;
  /** Whether PointerEvents may have buttons 8 and 9 in a byte of their own. */
  readonly extendedMouseButtons: boolean;
  readonly led: boolean;
  readonly extendedClipboard: boolean;
  /** Whether the viewer takes a long message in portions, with other messages between them. */
  readonly portions: boolean;

  /** Whether the viewer is Deskwire's own page. */
  readonly ours: boolean;
  /** Whether the viewer speaks KasmVNC's dialect. */
  readonly kasm: boolean;

  /** Tight quality level 0-9. Without it, the viewer gets no lossy picture. */
  readonly qualityLevel: number | undefined;
  /** Tight compression level 0-9. */
  readonly compressionLevel: number | undefined;
  /** JPEG quality 1-100, if given separately from a level. */
  readonly fineQuality: number | undefined;
  /** Chroma, if given separately from a level. */
  readonly subsampling: Subsampling | undefined;

  // KasmVNC's settings.
  readonly webp: boolean;
  readonly qoi: boolean;
  readonly streamingJpegWebp: boolean;
  readonly disconnectNotice: boolean;
  readonly directMouse: boolean;
  readonly preferBandwidth: boolean;
  /** Whether the viewer will send SetMaxVideoResolution. */
  readonly maxVideoResolution: boolean;
  /** 0-9 */
  readonly jpegVideoQuality: number | undefined;
  /** 0-9 */
  readonly webpVideoQuality: number | undefined;
  /** 0-10 */
  readonly treatLossless: number | undefined;
  /** 0-9 */
  readonly dynamicQualityMin: number | undefined;
  /** 0-9 */
  readonly dynamicQualityMax: number | undefined;
  /** Share of the screen that must change for video mode, 1-100 %. */
  readonly videoArea: number | undefined;
  /** How long it must keep changing, 0-100 s. */
  readonly videoTime: number | undefined;
  /** How long it must be calm to leave video mode, 1-100 s. */
  readonly videoOutTime: number | undefined;
  /** Method of scaling video down, 0-9: 0 takes the nearest pixel, the others are averages. */
  readonly videoScaling: number | undefined;
  /** Frames per second, 1-60. */
  readonly frameRate: number | undefined;
}

/** Settings before the first SetEncodings: the viewer gets Raw. */
export const NO_SETTINGS: ViewerSettings = parseEncodings([]);

/**
 * Converts a SetEncodings list to settings. The list is in order of preference: if two numbers set the same thing,
 * the first counts. Unknown numbers are ignored.
 */
export function parseEncodings(list: readonly number[]): ViewerSettings {
  const listed = new Set(list);
  const has = (encoding: number): boolean => listed.has(encoding);
  const value = (first: number, last: number, least: number): number | undefined => {
    const encoding = list.find((number) => number >= first && number <= last);
    return encoding === undefined ? undefined : encoding - first + least;
  };

  return {
    encoding: firstOf(list, (encoding) => PICTURE_ENCODINGS[encoding]) ?? 'raw',
    zstd: has(wire.ENCODING_ZSTD),
    copyRect: has(wire.ENCODING_COPY_RECT),
    lastRect: has(wire.PSEUDO_LAST_RECT),
    cursor: bestCursor(has),
    cursorPosition: has(wire.PSEUDO_VMWARE_CURSOR_POSITION),
    desktopSize: has(wire.PSEUDO_DESKTOP_SIZE),
    extendedDesktopSize: has(wire.PSEUDO_EXTENDED_DESKTOP_SIZE),
    desktopName: has(wire.PSEUDO_DESKTOP_NAME),
    fence: has(wire.PSEUDO_FENCE),
    continuousUpdates: has(wire.PSEUDO_CONTINUOUS_UPDATES),
    qemuKey: has(wire.PSEUDO_QEMU_KEY),
    extendedMouseButtons: dialectOf(list) === 'extended',
    led: has(wire.PSEUDO_LED),
    extendedClipboard: has(wire.PSEUDO_EXTENDED_CLIPBOARD),
    portions: has(wire.PSEUDO_PORTIONS),

    ours: listsOurs(list),
    kasm: listsKasm(list),

    qualityLevel: value(wire.PSEUDO_QUALITY_FIRST, wire.PSEUDO_QUALITY_LAST, 0),
    compressionLevel: value(wire.PSEUDO_COMPRESSION_FIRST, wire.PSEUDO_COMPRESSION_LAST, 0),
    fineQuality: firstOf(list, fineQualityFrom),
    subsampling: firstOf(list, subsamplingFrom),

    webp: has(wire.PSEUDO_WEBP),
    qoi: has(wire.PSEUDO_QOI),
    streamingJpegWebp: has(wire.PSEUDO_STREAMING_JPEG_WEBP),
    disconnectNotice: has(wire.PSEUDO_DISCONNECT_NOTICE),
    directMouse: has(wire.PSEUDO_DIRECT_MOUSE),
    preferBandwidth: has(wire.PSEUDO_PREFER_BANDWIDTH),
    maxVideoResolution: has(wire.PSEUDO_MAX_VIDEO_RESOLUTION),
    jpegVideoQuality: value(wire.PSEUDO_JPEG_VIDEO_QUALITY_FIRST, wire.PSEUDO_JPEG_VIDEO_QUALITY_LAST, 0),
    webpVideoQuality: value(wire.PSEUDO_WEBP_VIDEO_QUALITY_FIRST, wire.PSEUDO_WEBP_VIDEO_QUALITY_LAST, 0),
    treatLossless: value(wire.PSEUDO_TREAT_LOSSLESS_FIRST, wire.PSEUDO_TREAT_LOSSLESS_LAST, 0),
    dynamicQualityMin: value(wire.PSEUDO_DYNAMIC_QUALITY_MIN_FIRST, wire.PSEUDO_DYNAMIC_QUALITY_MIN_LAST, 0),
    dynamicQualityMax: value(wire.PSEUDO_DYNAMIC_QUALITY_MAX_FIRST, wire.PSEUDO_DYNAMIC_QUALITY_MAX_LAST, 0),
    videoArea: value(wire.PSEUDO_VIDEO_AREA_FIRST, wire.PSEUDO_VIDEO_AREA_LAST, 1),
    videoTime: value(wire.PSEUDO_VIDEO_TIME_FIRST, wire.PSEUDO_VIDEO_TIME_LAST, 0),
    videoOutTime: value(wire.PSEUDO_VIDEO_OUT_TIME_FIRST, wire.PSEUDO_VIDEO_OUT_TIME_LAST, 1),
    videoScaling: value(wire.PSEUDO_VIDEO_SCALING_FIRST, wire.PSEUDO_VIDEO_SCALING_LAST, 0),
    frameRate: value(wire.PSEUDO_LOW_FRAME_RATE_FIRST, wire.PSEUDO_FRAME_RATE_LAST, 1),
  };
}

function bestCursor(has: (encoding: number) => boolean): CursorKind | undefined {
  if (has(wire.PSEUDO_CURSOR_WITH_ALPHA)) return 'alpha';
  if (has(wire.PSEUDO_VMWARE_CURSOR)) return 'vmware';
  return has(wire.PSEUDO_CURSOR) ? 'cursor' : undefined;
}

function firstOf<T>(list: readonly number[], decode: (encoding: number) => T | undefined): T | undefined {
  for (const encoding of list) {
    const value = decode(encoding);
    if (value !== undefined) return value;
  }
  return undefined;
}

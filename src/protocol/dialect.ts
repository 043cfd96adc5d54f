import {
  PSEUDO_DESKWIRE,
  PSEUDO_DIRECT_MOUSE,
  PSEUDO_EXTENDED_MOUSE_BUTTONS,
  PSEUDO_FRAME_RATE_FIRST,
  PSEUDO_STREAMING_JPEG_WEBP,
  PSEUDO_VIDEO_AREA_LAST,
  PSEUDO_VIDEO_TIME_FIRST,
  PSEUDO_VIDEO_TIME_LAST,
} from './constants.ts';

/**
 * Layout of PointerEvent: RFC 6143's 6 bytes, those or 7 with ExtendedMouseButtons, or KasmVNC's 11 with a wider mask
 * and the wheel. Deskwire's own page uses 'kasm' too, because it sends the wheel.
 */
export type Dialect = 'standard' | 'extended' | 'kasm';

const KASM_SPANS: readonly (readonly [first: number, last: number])[] = [
  [PSEUDO_FRAME_RATE_FIRST, PSEUDO_DIRECT_MOUSE],
  [PSEUDO_STREAMING_JPEG_WEBP, PSEUDO_VIDEO_AREA_LAST],
  [PSEUDO_VIDEO_TIME_FIRST, PSEUDO_VIDEO_TIME_LAST],
];

const isKasmEncoding = (encoding: number): boolean =>
  KASM_SPANS.some(([first, last]) => encoding >= first && encoding <= last);

/** Whether a SetEncodings list comes from a viewer with KasmVNC's dialect. */
export const listsKasm = (encodings: readonly number[]): boolean => encodings.some(isKasmEncoding);

/** Whether a SetEncodings list comes from Deskwire's own page. */
export const listsOurs = (encodings: readonly number[]): boolean => encodings.includes(PSEUDO_DESKWIRE);

/** Returns the dialect that a viewer speaks after its SetEncodings. */
export function dialectOf(encodings: readonly number[]): Dialect {
  if (listsOurs(encodings) || listsKasm(encodings)) return 'kasm';
  return encodings.includes(PSEUDO_EXTENDED_MOUSE_BUTTONS) ? 'extended' : 'standard';
}

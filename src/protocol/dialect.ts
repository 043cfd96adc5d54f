import {
  PSEUDO_DESKWIRE,
  PSEUDO_DIRECT_MOUSE,
  PSEUDO_FRAME_RATE_FIRST,
  PSEUDO_STREAMING_JPEG_WEBP,
  PSEUDO_VIDEO_AREA_LAST,
  PSEUDO_VIDEO_TIME_FIRST,
  PSEUDO_VIDEO_TIME_LAST,
} from './constants.ts';

/**
 * How PointerEvent is laid out: RFC 6143's 6 bytes, or KasmVNC's 11 with a wider mask and the wheel. Deskwire's
 * own page speaks 'kasm' too, because it wants the wheel.
 */
export type Dialect = 'standard' | 'kasm';

const KASM_SPANS: readonly (readonly [first: number, last: number])[] = [
  [PSEUDO_FRAME_RATE_FIRST, PSEUDO_DIRECT_MOUSE],
  [PSEUDO_STREAMING_JPEG_WEBP, PSEUDO_VIDEO_AREA_LAST],
  [PSEUDO_VIDEO_TIME_FIRST, PSEUDO_VIDEO_TIME_LAST],
];

const isKasmEncoding = (encoding: number): boolean =>
  KASM_SPANS.some(([first, last]) => encoding >= first && encoding <= last);

/** Whether a SetEncodings list is that of KasmVNC's page. */
export const listsKasm = (encodings: readonly number[]): boolean => encodings.some(isKasmEncoding);

/** Whether a SetEncodings list is that of Deskwire's own page. */
export const listsOurs = (encodings: readonly number[]): boolean => encodings.includes(PSEUDO_DESKWIRE);

/** The dialect that a viewer speaks from its SetEncodings on. */
export const dialectOf = (encodings: readonly number[]): Dialect =>
  listsOurs(encodings) || listsKasm(encodings) ? 'kasm' : 'standard';

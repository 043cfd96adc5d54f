import { RfbError } from './errors.ts';
import { joinBytes } from './join-bytes.ts';

// Tight's bytes on the wire: rfbproto, "Tight Encoding".

/** Basic data shorter than this is sent uncompressed, without a length. */
export const TIGHT_MIN_TO_COMPRESS = 12;
/** Width that no rect may exceed. */
export const TIGHT_MAX_WIDTH = 2048;
/** Longest data that a compact length of three bytes can express (7 + 7 + 8 bits). */
export const TIGHT_MAX_LENGTH = 0x3fffff;
/** Number of zlib streams, which last as long as the connection. */
export const TIGHT_STREAMS = 4;
/** Most colours of a palette. */
const TIGHT_MAX_PALETTE = 256;

/**
 * High half of the control byte: 0-7 are basic, with the stream in the low two bits and this bit if a filter
 * follows.
 */
export const TIGHT_EXPLICIT_FILTER = 0x4;
export const TIGHT_FILL = 0x8;
export const TIGHT_JPEG = 0x9;
/** KasmVNC's: only for a viewer that lists PSEUDO_WEBP. */
export const TIGHT_WEBP = 0xb;

export const TIGHT_FILTER_COPY = 0;
export const TIGHT_FILTER_PALETTE = 1;
export const TIGHT_FILTER_GRADIENT = 2;

export type TightFilter = 'copy' | 'palette' | 'gradient';

const FILTER_NUMBERS: Readonly<Record<TightFilter, number>> = {
  copy: TIGHT_FILTER_COPY,
  palette: TIGHT_FILTER_PALETTE,
  gradient: TIGHT_FILTER_GRADIENT,
};

export interface TightBasic {
  /** Zlib stream 0-3. */
  readonly streamId: number;
  /** Whether the viewer resets this stream before it inflates. */
  readonly resetStream: boolean;
  readonly filter: TightFilter;
  /** For 'palette': 1-256 colours as TPIXELs. */
  readonly palette?: Uint8Array;
  /** Bytes of one TPIXEL in `palette`. Default: 3. */
  readonly tpixelBytes?: number;
  /** Bytes of compressed data that follow. Undefined if fewer than TIGHT_MIN_TO_COMPRESS follow uncompressed. */
  readonly length: number | undefined;
}

/**
 * Encodes a length in 1-3 bytes, 7 bits each, lowest first; the third has 8 bits. Throws RFB_MESSAGE_TOO_LARGE
 * above TIGHT_MAX_LENGTH.
 */
export function compactLength(length: number): Uint8Array<ArrayBuffer> {
  if (length > TIGHT_MAX_LENGTH)
    throw new RfbError('RFB_MESSAGE_TOO_LARGE', `A Tight rect of ${length} bytes.`);
  if (length < 0x80) return Uint8Array.of(length);
  if (length < 0x4000) return Uint8Array.of((length & 0x7f) | 0x80, length >>> 7);
  return Uint8Array.of((length & 0x7f) | 0x80, ((length >>> 7) & 0x7f) | 0x80, length >>> 14);
}

/** Returns a rect of one colour: everything behind its rect header. */
export function tightFill(tpixel: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1 + tpixel.length);
  bytes[0] = TIGHT_FILL << 4;
  bytes.set(tpixel, 1);
  return bytes;
}

/** Returns what precedes a JPEG picture of `length` bytes, behind the rect header. */
export const tightJpegHeader = (length: number): Uint8Array<ArrayBuffer> => pictureHeader(TIGHT_JPEG, length);

/** Returns what precedes a WebP picture of `length` bytes, behind the rect header. */
export const tightWebpHeader = (length: number): Uint8Array<ArrayBuffer> => pictureHeader(TIGHT_WEBP, length);

function pictureHeader(kind: number, length: number): Uint8Array<ArrayBuffer> {
  return joinBytes([Uint8Array.of(kind << 4), compactLength(length)]);
}

/** Returns what precedes the data of a basic rect, behind the rect header. */
export function tightBasicHeader(basic: TightBasic): Uint8Array<ArrayBuffer> {
  const explicit = basic.filter === 'copy' ? 0 : TIGHT_EXPLICIT_FILTER;
  const reset = basic.resetStream ? 1 << basic.streamId : 0;
  const parts = [Uint8Array.of(((explicit | basic.streamId) << 4) | reset)];
  if (explicit) parts.push(Uint8Array.of(FILTER_NUMBERS[basic.filter]));
  if (basic.filter === 'palette') {
    const palette = basic.palette ?? new Uint8Array(0);
    const colours = palette.length / (basic.tpixelBytes ?? 3);
    if (!Number.isInteger(colours) || colours < 1 || colours > TIGHT_MAX_PALETTE) {
      throw new RangeError(`A palette of ${palette.length} bytes`);
    }
    parts.push(Uint8Array.of(colours - 1), palette.slice());
  }
  if (basic.length !== undefined) parts.push(compactLength(basic.length));
  return joinBytes(parts);
}

/**
 * Returns the bytes of a basic rect's data before compression. A palette of up to two colours takes one bit per
 * pixel, rows padded to bytes; a larger one takes a byte.
 */
export function tightDataLength(
  width: number,
  height: number,
  filter: TightFilter,
  colours: number,
  tpixelBytes: number,
): number {
  if (filter !== 'palette') return width * height * tpixelBytes;
  return colours <= 2 ? Math.ceil(width / 8) * height : width * height;
}

import { ByteWriter } from './byte-writer.ts';
import {
  ENCODING_RAW,
  PSEUDO_CURSOR,
  PSEUDO_CURSOR_WITH_ALPHA,
  PSEUDO_VMWARE_CURSOR,
  PSEUDO_VMWARE_CURSOR_POSITION,
} from './constants.ts';
import { bytesPerPixel, createPixelConverter, type PixelFormat } from './pixel-format.ts';
import { RECT_HEADER_BYTES, rectHeader } from './rect-header.ts';

/** The pointer's picture: width × height × 4 bytes, BGRA, colour premultiplied by alpha. */
export interface CursorPicture {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  readonly pixels: Uint8Array;
}

/** Forms in which a viewer may accept a cursor, best first. */
export type CursorKind = 'alpha' | 'vmware' | 'cursor';

/** VMware's cursor type with an alpha channel. Type 0 has two masks. */
export const VMWARE_CURSOR_ALPHA = 1;

/** Least alpha of a pixel that belongs to the pointer, in a form that has only a mask. */
const OPAQUE_FROM = 128;

/**
 * Returns a complete cursor rect with its header. `format` is used only for 'cursor'. In an update, put it before
 * all rects with pixels: TigerVNC 1.12's viewer switches its pixel format while it reads a cursor with alpha, and
 * rects that its threads still decode then fail.
 */
export function cursorRect(
  kind: CursorKind,
  cursor: CursorPicture,
  format: PixelFormat,
): Uint8Array<ArrayBuffer> {
  switch (kind) {
    case 'alpha':
      return cursorWithAlphaRect(cursor);
    case 'vmware':
      return vmwareCursorRect(cursor);
    case 'cursor':
      return maskedCursorRect(cursor, format);
  }
}

/** Reports the pointer's position to a viewer: rfbproto, "VMware Cursor Position Pseudo-encoding". */
export const vmwareCursorPositionRect = (x: number, y: number): Uint8Array<ArrayBuffer> =>
  rectHeader(x, y, 0, 0, PSEUDO_VMWARE_CURSOR_POSITION);

/** rfbproto, "Cursor With Alpha Pseudo-encoding": an encoding, then RGBA, premultiplied. */
function cursorWithAlphaRect(cursor: CursorPicture): Uint8Array<ArrayBuffer> {
  const rgba = toRgba(cursor, cursor.pixels);
  return new ByteWriter(RECT_HEADER_BYTES + 4 + rgba.length)
    .bytes(cursorHeader(cursor, PSEUDO_CURSOR_WITH_ALPHA))
    .s32(ENCODING_RAW)
    .bytes(rgba)
    .done();
}

/**
 * rfbproto, "VMware Cursor Pseudo-encoding": RGBA, not premultiplied, because viewers that support it expect that.
 */
function vmwareCursorRect(cursor: CursorPicture): Uint8Array<ArrayBuffer> {
  const rgba = toRgba(cursor, straightAlpha(cursor.pixels));
  return new ByteWriter(RECT_HEADER_BYTES + 2 + rgba.length)
    .bytes(cursorHeader(cursor, PSEUDO_VMWARE_CURSOR))
    .u8(VMWARE_CURSOR_ALPHA)
    .pad(1)
    .bytes(rgba)
    .done();
}

/** RFC 6143 section 7.8.1: pixels in the viewer's format, then a mask of one bit per pixel, rows padded to bytes. */
function maskedCursorRect(cursor: CursorPicture, format: PixelFormat): Uint8Array<ArrayBuffer> {
  const { width, height } = cursor;
  const bgra = straightAlpha(cursor.pixels.subarray(0, width * height * 4));
  const pixels = new Uint8Array(width * height * bytesPerPixel(format));
  createPixelConverter(format)(bgra, pixels);
  const strideBytes = Math.ceil(width / 8);
  const mask = new Uint8Array(strideBytes * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (bgra[(y * width + x) * 4 + 3]! >= OPAQUE_FROM)
        mask[y * strideBytes + (x >>> 3)]! |= 0x80 >>> (x & 7);
    }
  }
  return new ByteWriter(RECT_HEADER_BYTES + pixels.length + mask.length)
    .bytes(cursorHeader(cursor, PSEUDO_CURSOR))
    .bytes(pixels)
    .bytes(mask)
    .done();
}

const cursorHeader = (cursor: CursorPicture, encoding: number): Uint8Array =>
  rectHeader(cursor.hotX, cursor.hotY, cursor.width, cursor.height, encoding);

function toRgba({ width, height }: CursorPicture, bgra: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  for (let at = 0; at < rgba.length; at += 4) {
    rgba[at] = bgra[at + 2]!;
    rgba[at + 1] = bgra[at + 1]!;
    rgba[at + 2] = bgra[at]!;
    rgba[at + 3] = bgra[at + 3]!;
  }
  return rgba;
}

/** Converts premultiplied pixels to straight alpha. */
function straightAlpha(pixels: Uint8Array): Uint8Array {
  const straight = pixels.slice();
  for (let at = 0; at < straight.length; at += 4) {
    const alpha = straight[at + 3]!;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = at; c < at + 3; c++) straight[c] = Math.min(255, Math.round((straight[c]! * 255) / alpha));
  }
  return straight;
}

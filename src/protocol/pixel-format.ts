import { ByteWriter } from './byte-writer.ts';
import { RfbError } from './errors.ts';

/** A viewer's pixel format: RFC 6143 section 7.4. */
export interface PixelFormat {
  readonly bitsPerPixel: number;
  readonly depth: number;
  readonly bigEndian: boolean;
  readonly trueColour: boolean;
  readonly redMax: number;
  readonly greenMax: number;
  readonly blueMax: number;
  readonly redShift: number;
  readonly greenShift: number;
  readonly blueShift: number;
}

/** Bytes of PIXEL_FORMAT on the wire. */
export const PIXEL_FORMAT_BYTES = 16;

/** The format that ServerInit offers: the bytes blue, green, red, unused, as in the framebuffer. */
export const SERVER_PIXEL_FORMAT: PixelFormat = {
  bitsPerPixel: 32,
  depth: 24,
  bigEndian: false,
  trueColour: true,
  redMax: 255,
  greenMax: 255,
  blueMax: 255,
  redShift: 16,
  greenShift: 8,
  blueShift: 0,
};

/** Reads the 16 bytes of a PIXEL_FORMAT without checking it. */
export function parsePixelFormat(bytes: Uint8Array): PixelFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, PIXEL_FORMAT_BYTES);
  return {
    bitsPerPixel: view.getUint8(0),
    depth: view.getUint8(1),
    bigEndian: view.getUint8(2) !== 0,
    trueColour: view.getUint8(3) !== 0,
    redMax: view.getUint16(4),
    greenMax: view.getUint16(6),
    blueMax: view.getUint16(8),
    redShift: view.getUint8(10),
    greenShift: view.getUint8(11),
    blueShift: view.getUint8(12),
  };
}

export function writePixelFormat(format: PixelFormat): Uint8Array<ArrayBuffer> {
  return new ByteWriter(PIXEL_FORMAT_BYTES)
    .u8(format.bitsPerPixel)
    .u8(format.depth)
    .u8(format.bigEndian ? 1 : 0)
    .u8(format.trueColour ? 1 : 0)
    .u16(format.redMax)
    .u16(format.greenMax)
    .u16(format.blueMax)
    .u8(format.redShift)
    .u8(format.greenShift)
    .u8(format.blueShift)
    .pad(3)
    .done();
}

/** Whether equal pixels have equal bytes in both formats, and equal TPIXELs in Tight. */
export function samePixelFormat(a: PixelFormat, b: PixelFormat): boolean {
  return (
    a.bitsPerPixel === b.bitsPerPixel &&
    a.depth === b.depth &&
    (a.bitsPerPixel === 8 || a.bigEndian === b.bigEndian) &&
    a.trueColour === b.trueColour &&
    a.redMax === b.redMax &&
    a.greenMax === b.greenMax &&
    a.blueMax === b.blueMax &&
    a.redShift === b.redShift &&
    a.greenShift === b.greenShift &&
    a.blueShift === b.blueShift
  );
}

/** Throws RFB_COLOUR_MAP or RFB_BAD_PIXEL_FORMAT if no pixel can be written in this format. */
export function checkPixelFormat(format: PixelFormat): void {
  const { bitsPerPixel } = format;
  if (!format.trueColour) {
    const asked = `Asked for: ${bitsPerPixel} bits per pixel with a colour map.`;
    throw new RfbError('RFB_COLOUR_MAP', `${asked} Expected: 8, 16 or 32 bits of true colour.`);
  }
  const fits = (max: number, shift: number): boolean => max > 0 && max * 2 ** shift < 2 ** bitsPerPixel;
  const good =
    (bitsPerPixel === 8 || bitsPerPixel === 16 || bitsPerPixel === 32) &&
    fits(format.redMax, format.redShift) &&
    fits(format.greenMax, format.greenShift) &&
    fits(format.blueMax, format.blueShift);
  if (!good) throw new RfbError('RFB_BAD_PIXEL_FORMAT', JSON.stringify(format));
}

export const bytesPerPixel = (format: PixelFormat): number => format.bitsPerPixel / 8;

/** Writes the BGRX pixels of `source` into `out` in another format. */
export type PixelConverter = (source: Uint8Array, out: Uint8Array) => void;

/** Creates a converter into `format`. `out` needs `bytesPerPixel(format)` bytes for each 4 of `source`. */
export function createPixelConverter(format: PixelFormat): PixelConverter {
  checkPixelFormat(format);
  if (samePixelFormat({ ...format, depth: SERVER_PIXEL_FORMAT.depth }, SERVER_PIXEL_FORMAT)) {
    return (source, out) => out.set(source);
  }
  const size = bytesPerPixel(format);
  const red = channelTable(format, format.redMax, format.redShift);
  const green = channelTable(format, format.greenMax, format.greenShift);
  const blue = channelTable(format, format.blueMax, format.blueShift);

  return (source, out) => {
    const count = source.length >>> 2;
    const isAligned = out.byteOffset % size === 0;
    const buffer = isAligned ? out.buffer : new ArrayBuffer(count * size);
    const words = wordsIn(buffer, isAligned ? out.byteOffset : 0, count, size);
    for (let i = 0, at = 0; i < count; i++, at += 4) {
      words[i] = red[source[at + 2]!]! | green[source[at + 1]!]! | blue[source[at]!]!;
    }
    if (!isAligned) out.set(new Uint8Array(buffer));
  };
}

function wordsIn(buffer: ArrayBufferLike, offset: number, count: number, size: number) {
  if (size === 1) return new Uint8Array(buffer, offset, count);
  return size === 2 ? new Uint16Array(buffer, offset, count) : new Uint32Array(buffer, offset, count);
}

/**
 * Returns one channel's bits of the pixel for each 8-bit intensity: scaled to 0-max, rounded, shifted to their
 * place, in the byte order that makes a little-endian machine's word equal to the wire's.
 */
function channelTable(format: PixelFormat, max: number, shift: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, value) => {
    const bits = Math.round((value * max) / 255) * 2 ** shift;
    return format.bigEndian ? reverseBytes(bits, bytesPerPixel(format)) : bits;
  });
}

function reverseBytes(value: number, size: number): number {
  let reversed = 0;
  for (let i = 0; i < size; i++) reversed = (reversed << 8) | ((value >>> (8 * i)) & 0xff);
  return reversed;
}

/**
 * Whether Tight's TPIXEL is 3 bytes red, green, blue: 8-bit channels of depth 24 in 32 bits. rfbproto, "Tight
 * Encoding".
 */
export const hasShortTpixel = (format: PixelFormat): boolean =>
  format.trueColour &&
  format.bitsPerPixel === 32 &&
  format.depth === 24 &&
  format.redMax === 255 &&
  format.greenMax === 255 &&
  format.blueMax === 255;

/** Returns the bytes of a TPIXEL. */
export const tpixelSize = (format: PixelFormat): number =>
  hasShortTpixel(format) ? 3 : bytesPerPixel(format);

/** Creates a converter into `format`'s TPIXELs. `out` needs `tpixelSize(format)` bytes for each 4 of the source. */
export function createTpixelConverter(format: PixelFormat): PixelConverter {
  checkPixelFormat(format);
  return hasShortTpixel(format) ? bgrxToRgb : createPixelConverter(format);
}

function bgrxToRgb(source: Uint8Array, out: Uint8Array): void {
  for (let from = 0, to = 0; from < source.length; from += 4) {
    out[to++] = source[from + 2]!;
    out[to++] = source[from + 1]!;
    out[to++] = source[from]!;
  }
}

import {
  bytesPerPixel,
  createPixelConverter,
  type PixelConverter,
  type PixelFormat,
  SERVER_PIXEL_FORMAT,
  samePixelFormat,
} from './pixel-format.ts';

/** Bytes of a pixel of the viewer's format that a CPIXEL has: all, or all but the unused one. RFC 6143, 7.7.5. */
export interface CpixelBytes {
  /** Offset of the first one in the pixel. */
  readonly from: number;
  readonly size: number;
}

const LOW_24_BITS = 0x00ff_ffff;
const LOW_8_BITS = 0xff;

/** Returns which bytes of a pixel ZRLE sends. A format whose colours fit both ways leaves out its last byte. */
export function cpixelBytes(format: PixelFormat): CpixelBytes {
  const { bitsPerPixel, depth, bigEndian } = format;
  const whole = { from: 0, size: bytesPerPixel(format) };
  if (bitsPerPixel !== 32 || depth > 24) return whole;
  const used =
    format.redMax * 2 ** format.redShift +
    format.greenMax * 2 ** format.greenShift +
    format.blueMax * 2 ** format.blueShift;
  const isFirstFree = bigEndian ? used <= LOW_24_BITS : used % (LOW_8_BITS + 1) === 0;
  const isLastFree = bigEndian ? used % (LOW_8_BITS + 1) === 0 : used <= LOW_24_BITS;
  if (isLastFree) return { from: 0, size: 3 };
  return isFirstFree ? { from: 1, size: 3 } : whole;
}

/** Creates a converter of BGRX pixels into CPIXELs. `out` needs `size` bytes for each 4 of the source. */
export function createCpixelConverter(format: PixelFormat): PixelConverter {
  const convert = createPixelConverter(format);
  const { from, size } = cpixelBytes(format);
  if (size === bytesPerPixel(format)) return convert;
  const isOwn = samePixelFormat(format, SERVER_PIXEL_FORMAT);
  return (source, out) => {
    const pixels = isOwn ? source : new Uint8Array(source.length);
    if (!isOwn) convert(source, pixels);
    for (let at = from, to = 0; at < pixels.length; at += 4) {
      out[to++] = pixels[at]!;
      out[to++] = pixels[at + 1]!;
      out[to++] = pixels[at + 2]!;
    }
  };
}

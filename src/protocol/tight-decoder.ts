import { RfbError } from './errors.ts';
import type { RectGeometry, TightBasicBody } from './rect-reader.ts';
import { tightDataLength } from './tight.ts';
import { type ZstdBody, zstdDataLength, zstdIndexBits } from './zstd-rect.ts';

// Decodes Tight's fill and basic rects, zstd rects and Raw, for a viewer with SERVER_PIXEL_FORMAT, whose TPIXELs are
// the bytes red, green, blue. A word of the target is one pixel, in the byte order of a little-endian machine.

/**
 * Order of a pixel's bytes in a target: 'bgrx' as in the framebuffer, 'rgba' as in a canvas. The fourth byte is
 * 255.
 */
export type PixelOrder = 'bgrx' | 'rgba';

/** A picture to draw into. */
export interface PixelTarget {
  readonly pixels: Uint32Array;
  readonly stridePx: number;
  readonly order: PixelOrder;
}

const OPAQUE = 0xff000000;
/** Bytes of a TPIXEL. */
const TPIXEL = 3;

/** Creates a target over `bytes`, 4 per pixel, which begin at a multiple of 4 in their buffer. */
export const pixelTarget = (
  bytes: Uint8Array | Uint8ClampedArray,
  stridePx: number,
  order: PixelOrder,
): PixelTarget => ({
  pixels: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2),
  stridePx,
  order,
});

/** Draws a fill rect. Like all functions here, it throws RFB_MALFORMED for a rect that is not inside the target. */
export function decodeTightFill(tpixel: Uint8Array, rect: RectGeometry, target: PixelTarget): void {
  checkInside(rect, target);
  const [word] = tpixelWords(tpixel, target.order);
  for (let y = 0; y < rect.height; y++) {
    const at = (rect.y + y) * target.stridePx + rect.x;
    target.pixels.fill(word!, at, at + rect.width);
  }
}

/** Draws a basic rect from its inflated or uncompressed data. Throws RFB_MALFORMED if data is missing. */
export function decodeTightBasic(
  body: Pick<TightBasicBody, 'filter' | 'palette'>,
  inflated: Uint8Array,
  rect: RectGeometry,
  target: PixelTarget,
): void {
  checkInside(rect, target);
  const colours = (body.palette?.length ?? 0) / TPIXEL;
  checkLength(inflated, tightDataLength(rect.width, rect.height, body.filter, colours, TPIXEL));
  if (body.filter === 'copy') drawTpixels(inflated, rect, target);
  else if (body.filter === 'gradient') drawGradient(inflated, rect, target);
  else {
    const palette = tpixelWords(body.palette ?? new Uint8Array(0), target.order);
    if (colours <= 2) drawBits(inflated, palette, rect, target);
    else drawIndices(inflated, palette, rect, target);
  }
}

/** Draws a zstd rect from its decompressed data. Throws RFB_MALFORMED if data is missing. */
export function decodeZstdRect(
  { palette: tpixels }: Pick<ZstdBody, 'palette'>,
  data: Uint8Array,
  rect: RectGeometry,
  target: PixelTarget,
): void {
  checkInside(rect, target);
  const colours = (tpixels?.length ?? 0) / TPIXEL;
  checkLength(data, zstdDataLength(rect.width, rect.height, colours, TPIXEL));
  const palette = tpixelWords(tpixels ?? new Uint8Array(0), target.order);
  const bits = zstdIndexBits(colours);
  if (!tpixels) drawTpixels(data, rect, target);
  else if (bits === 1) drawBits(data, palette, rect, target);
  else if (bits === 4) drawNibbles(data, palette, rect, target);
  else drawIndices(data, palette, rect, target);
}

/** Draws a Raw rect of SERVER_PIXEL_FORMAT. */
export function decodeRaw(pixels: Uint8Array, rect: RectGeometry, target: PixelTarget): void {
  checkInside(rect, target);
  if (pixels.length < rect.width * rect.height * 4)
    throw new RfbError('RFB_MALFORMED', 'Raw pixels missing.');
  const red = redShift(target.order);
  const blue = blueShift(target.order);
  let from = 0;
  for (let y = 0; y < rect.height; y++) {
    let to = (rect.y + y) * target.stridePx + rect.x;
    for (let x = 0; x < rect.width; x++, from += 4) {
      target.pixels[to++] =
        (pixels[from + 2]! << red) | (pixels[from + 1]! << 8) | (pixels[from]! << blue) | OPAQUE;
    }
  }
}

function checkLength({ length }: Uint8Array, needed: number): void {
  if (length < needed) throw new RfbError('RFB_MALFORMED', `${length} of ${needed} bytes of a rect.`);
}

function checkInside({ x, y, width, height }: RectGeometry, { pixels, stridePx }: PixelTarget): void {
  if (x + width > stridePx || (y + height) * stridePx > pixels.length) {
    throw new RfbError('RFB_MALFORMED', `A rect at ${x},${y} of ${width}x${height} is outside the picture.`);
  }
}

/** Returns the shift of red in a target's word. Blue has the other one; green is in the middle in both orders. */
const redShift = (order: PixelOrder): number => (order === 'rgba' ? 0 : 16);
const blueShift = (order: PixelOrder): number => (order === 'rgba' ? 16 : 0);

/** Returns the words of a palette: 256, so that an index without a colour draws black instead of nothing. */
function tpixelWords(palette: Uint8Array, order: PixelOrder): Uint32Array {
  const words = new Uint32Array(256).fill(OPAQUE);
  for (let i = 0, at = 0; at < palette.length; i++, at += TPIXEL) {
    words[i] =
      (palette[at]! << redShift(order)) |
      (palette[at + 1]! << 8) |
      (palette[at + 2]! << blueShift(order)) |
      OPAQUE;
  }
  return words;
}

function drawTpixels(data: Uint8Array, rect: RectGeometry, target: PixelTarget): void {
  if (rect.width % 4 === 0 && data.byteOffset % 4 === 0) drawFours(data, rect, target);
  else drawOnes(data, rect, target);
}

function drawOnes(data: Uint8Array, rect: RectGeometry, target: PixelTarget): void {
  const { pixels, stridePx } = target;
  const red = redShift(target.order);
  const blue = blueShift(target.order);
  let from = 0;
  for (let y = 0; y < rect.height; y++) {
    let to = (rect.y + y) * stridePx + rect.x;
    for (let x = 0; x < rect.width; x++, from += TPIXEL) {
      pixels[to++] = (data[from]! << red) | (data[from + 1]! << 8) | (data[from + 2]! << blue) | OPAQUE;
    }
  }
}

/** Draws four TPIXELs at a time, which are three words. */
function drawFours(data: Uint8Array, rect: RectGeometry, { pixels, stridePx, order }: PixelTarget): void {
  const words = new Uint32Array(data.buffer, data.byteOffset, (rect.width * rect.height * TPIXEL) >>> 2);
  const isSwapped = order === 'bgrx';
  let from = 0;
  for (let y = 0; y < rect.height; y++) {
    let to = (rect.y + y) * stridePx + rect.x;
    for (const end = to + rect.width; to < end; to += 4, from += 3) {
      const a = words[from]!;
      const b = words[from + 1]!;
      const c = words[from + 2]!;
      pixels[to] = wordOf(a, isSwapped);
      pixels[to + 1] = wordOf((a >>> 24) | (b << 8), isSwapped);
      pixels[to + 2] = wordOf((b >>> 16) | (c << 16), isSwapped);
      pixels[to + 3] = wordOf(c >>> 8, isSwapped);
    }
  }
}

/** Returns the word of a target for red in the lowest byte, green and blue above it, and anything in the highest. */
function wordOf(rgb: number, isSwapped: boolean): number {
  if (!isSwapped) return rgb | OPAQUE;
  return ((rgb & 0xff) << 16) | (rgb & 0xff00) | ((rgb >>> 16) & 0xff) | OPAQUE;
}

/** Draws one bit per pixel, the highest first, rows padded to bytes. */
function drawBits(data: Uint8Array, palette: Uint32Array, rect: RectGeometry, target: PixelTarget): void {
  const { pixels, stridePx } = target;
  const zero = palette[0]! | 0;
  const difference = zero ^ palette[1]!;
  let from = 0;
  for (let y = 0; y < rect.height; y++) {
    let to = (rect.y + y) * stridePx + rect.x;
    const end = to + rect.width;
    for (; to + 8 <= end; to += 8) {
      const bits = data[from++]!;
      pixels[to] = zero ^ (difference & ((bits << 24) >> 31));
      pixels[to + 1] = zero ^ (difference & ((bits << 25) >> 31));
      pixels[to + 2] = zero ^ (difference & ((bits << 26) >> 31));
      pixels[to + 3] = zero ^ (difference & ((bits << 27) >> 31));
      pixels[to + 4] = zero ^ (difference & ((bits << 28) >> 31));
      pixels[to + 5] = zero ^ (difference & ((bits << 29) >> 31));
      pixels[to + 6] = zero ^ (difference & ((bits << 30) >> 31));
      pixels[to + 7] = zero ^ (difference & ((bits << 31) >> 31));
    }
    if (to === end) continue;
    for (let bits = data[from++]! << 24; to < end; bits <<= 1)
      pixels[to++] = zero ^ (difference & (bits >> 31));
  }
}

/** Draws half a byte per pixel, the upper half first, rows padded to bytes. */
function drawNibbles(data: Uint8Array, palette: Uint32Array, rect: RectGeometry, target: PixelTarget): void {
  const { pixels, stridePx } = target;
  let from = 0;
  for (let y = 0; y < rect.height; y++) {
    let to = (rect.y + y) * stridePx + rect.x;
    const end = to + rect.width;
    for (; to + 2 <= end; to += 2) {
      const pair = data[from++]!;
      pixels[to] = palette[pair >>> 4]!;
      pixels[to + 1] = palette[pair & 15]!;
    }
    if (to < end) pixels[to] = palette[data[from++]! >>> 4]!;
  }
}

function drawIndices(data: Uint8Array, palette: Uint32Array, rect: RectGeometry, target: PixelTarget): void {
  const { pixels, stridePx } = target;
  let from = 0;
  for (let y = 0; y < rect.height; y++) {
    const start = (rect.y + y) * stridePx + rect.x;
    const end = start + rect.width;
    for (let to = start; to < end; to++) pixels[to] = palette[data[from++]!]!;
  }
}

/**
 * Undoes the gradient filter. Each intensity is coded as its difference, modulo 256, from left + above - above
 * left, clamped to 0-255. Pixels outside the rect count as 0.
 */
function drawGradient(data: Uint8Array, rect: RectGeometry, target: PixelTarget): void {
  const red = redShift(target.order);
  const blue = blueShift(target.order);
  const rowBytes = rect.width * TPIXEL;
  // Both rows have a black pixel in front, the left neighbour of the first one.
  let above = new Uint8Array(TPIXEL + rowBytes);
  let row = new Uint8Array(TPIXEL + rowBytes);
  for (let y = 0; y < rect.height; y++) {
    for (let i = 0; i < rowBytes; i++) {
      const predicted = row[i]! + above[i + TPIXEL]! - above[i]!;
      row[i + TPIXEL] = data[y * rowBytes + i]! + Math.min(255, Math.max(0, predicted));
    }
    let to = (rect.y + y) * target.stridePx + rect.x;
    for (let at = TPIXEL; at < row.length; at += TPIXEL) {
      target.pixels[to++] = (row[at]! << red) | (row[at + 1]! << 8) | (row[at + 2]! << blue) | OPAQUE;
    }
    [above, row] = [row, above];
  }
}

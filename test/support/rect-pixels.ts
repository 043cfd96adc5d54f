import { zstdDecompressSync } from 'node:zlib';
import jpegTurbo from '@julusian/jpeg-turbo';
import { ZlibStreams } from '../../src/client/decoders/zlib-streams.ts';
import type { Size } from '../../src/pixels/rect.ts';
import { bytesPerPixel, type PixelFormat, tpixelSize } from '../../src/protocol/pixel-format.ts';
import type { RectBody, TightBasicBody } from '../../src/protocol/rect-reader.ts';
import type { ZstdBody } from '../../src/protocol/zstd-rect.ts';
import { OlderRects } from './older-rects.ts';
import { scaleUp } from './scale-up.ts';
import { decodeWebp } from './webp-decoder.ts';

const { decompressSync, FORMAT_RGBX } = jpegTurbo;

/** Returns 0xrrggbb as a pixel of `format`: what the server should send to a viewer with that format. */
export function pixelValue(colour: number, format: PixelFormat): number {
  const channel = (value: number, max: number, shift: number): number =>
    Math.round((value * max) / 255) * 2 ** shift;
  return (
    channel((colour >>> 16) & 0xff, format.redMax, format.redShift) +
    channel((colour >>> 8) & 0xff, format.greenMax, format.greenShift) +
    channel(colour & 0xff, format.blueMax, format.blueShift)
  );
}

/**
 * Decodes rects of any pixel format in a simple way: one value per pixel, rows packed. Call it in order. A JPEG or
 * WebP smaller than its rect, as in video mode, is scaled up.
 */
export class RectPixels {
  readonly #format: PixelFormat;
  readonly #streams = new ZlibStreams();
  readonly #older: OlderRects;

  constructor(format: PixelFormat) {
    this.#format = format;
    this.#older = new OlderRects(format);
  }

  /** Returns undefined for a rect without pixels of the desktop, such as a cursor. */
  decode(body: RectBody, size: Size): Uint32Array | undefined {
    const px = size.width * size.height;
    if ('resets' in body) this.#reset(body.resets);
    switch (body.kind) {
      case 'raw':
        return this.#pixels(body.pixels, px);
      case 'tightFill':
        return new Uint32Array(px).fill(this.#tpixels(body.tpixel, 1)[0]!);
      case 'tightBasic':
        return this.#basic(body, size);
      case 'zstd':
        return this.#zstd(body, size);
      case 'zrle':
      case 'zlib':
      case 'hextile':
        return this.#older.decode(body, size);
      case 'tightJpeg':
        return this.#jpeg(body.data, size);
      case 'tightWebp': {
        const { rgba, ...found } = decodeWebp(body.data);
        return this.#picture(Buffer.from(rgba.buffer, rgba.byteOffset, rgba.length), found, size);
      }
      default:
        return undefined;
    }
  }

  #reset(streams: number): void {
    for (let id = 0; id < 4; id++) if (streams & (1 << id)) this.#streams.reset(id);
  }

  #basic(body: TightBasicBody, { width, height }: Size): Uint32Array {
    const data = body.compressed
      ? this.#streams.inflate(body.streamId, body.data, body.uncompressedLength)
      : body.data;
    if (body.filter === 'copy') return this.#tpixels(data, width * height);
    if (!body.palette) throw new Error(`No palette for the filter ${body.filter}.`);
    const colours = body.palette.length / tpixelSize(this.#format);
    const palette = this.#tpixels(body.palette, colours);
    const strideBytes = colours <= 2 ? Math.ceil(width / 8) : width;
    return Uint32Array.from({ length: width * height }, (_, i) => {
      const [x, row] = [i % width, Math.floor(i / width) * strideBytes];
      const index = colours <= 2 ? (data[row + (x >> 3)]! >> (7 - (x & 7))) & 1 : data[row + x]!;
      if (index >= colours) throw new RangeError(`Index ${index} into a palette of ${colours}.`);
      return palette[index]!;
    });
  }

  #zstd(
    { palette: tpixels, data: frame, uncompressedLength }: ZstdBody,
    { width, height }: Size,
  ): Uint32Array {
    const data = zstdDecompressSync(frame, { maxOutputLength: uncompressedLength });
    if (data.length !== uncompressedLength) throw new Error('A zstd frame of another length.');
    if (!tpixels) return this.#tpixels(data, width * height);
    const colours = tpixels.length / tpixelSize(this.#format);
    const palette = this.#tpixels(tpixels, colours);
    const perByte = colours <= 2 ? 8 : colours <= 16 ? 2 : 1;
    const strideBytes = Math.ceil(width / perByte);
    return Uint32Array.from({ length: width * height }, (_, i) => {
      const [x, row] = [i % width, Math.floor(i / width)];
      const byte = data[row * strideBytes + Math.floor(x / perByte)]!;
      const bits = 8 / perByte;
      const index = (byte >> (8 - bits * (1 + (x % perByte)))) & (2 ** bits - 1);
      if (index >= colours) throw new RangeError(`Index ${index} into a palette of ${colours}.`);
      return palette[index]!;
    });
  }

  #jpeg(data: Uint8Array, size: Size): Uint32Array {
    const rgbx = Buffer.alloc(size.width * size.height * 4);
    return this.#picture(rgbx, decompressSync(Buffer.from(data), rgbx, { format: FORMAT_RGBX }), size);
  }

  #picture(rgbx: Buffer, found: Size, { width, height }: Size): Uint32Array {
    if (found.width > width || found.height > height) {
      throw new RangeError(`A picture of ${found.width}x${found.height} in a rect of ${width}x${height}.`);
    }
    const picture = Uint32Array.from({ length: found.width * found.height }, (_, i) =>
      pixelValue(rgbx.readUIntBE(i * 4, 3), this.#format),
    );
    if (found.width === width && found.height === height) return picture;
    const scaled = new Uint32Array(width * height);
    scaleUp(picture, found, scaled, width, { x: 0, y: 0, width, height });
    return scaled;
  }

  #tpixels(bytes: Uint8Array, count: number): Uint32Array {
    if (tpixelSize(this.#format) !== 3) return this.#pixels(bytes, count);
    return Uint32Array.from({ length: count }, (_, i) => {
      const [red, green, blue] = bytes.subarray(i * 3, i * 3 + 3);
      return pixelValue((red! << 16) | (green! << 8) | blue!, this.#format);
    });
  }

  #pixels(bytes: Uint8Array, count: number): Uint32Array {
    const size = bytesPerPixel(this.#format);
    const { redMax, redShift, greenMax, greenShift, blueMax, blueShift } = this.#format;
    // Bits that belong to no channel may be anything.
    const used = (redMax << redShift) | (greenMax << greenShift) | (blueMax << blueShift);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return Uint32Array.from(
      { length: count },
      (_, i) =>
        (this.#format.bigEndian ? buffer.readUIntBE(i * size, size) : buffer.readUIntLE(i * size, size)) &
        used,
    );
  }
}

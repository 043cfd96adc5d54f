import { Z_SYNC_FLUSH, ZStream, zlibInflate, zlibInflateInit } from 'pako';
import type { Size } from '../../src/pixels/rect.ts';
import { bytesPerPixel, type PixelFormat } from '../../src/protocol/pixel-format.ts';
import type { RectBody } from '../../src/protocol/rect-reader.ts';

type OlderBody = Extract<RectBody, { readonly kind: 'zrle' | 'zlib' | 'hextile' }>;

/** Bytes that a piece of a stream is inflated to at a time. */
const STEP_BYTES = 64 * 1024;

/**
 * Decodes ZRLE, zlib and Hextile of any pixel format in a simple way, as RFC 6143 (7.7.4 to 7.7.6) describes them: one
 * value per pixel, rows packed. Call it in order: ZRLE and zlib have one stream each for the whole connection.
 */
export class OlderRects {
  readonly #format: PixelFormat;
  readonly #streams = { zrle: createStream(), zlib: createStream() };

  constructor(format: PixelFormat) {
    this.#format = format;
  }

  decode(body: OlderBody, size: Size): Uint32Array {
    if (body.kind === 'hextile') return this.#hextile(new Bytes(body.data, this.#format), size);
    const bytes = new Bytes(inflate(this.#streams[body.kind], body.data), this.#format);
    const pixels = new Uint32Array(size.width * size.height);
    if (body.kind === 'zlib') for (let i = 0; i < pixels.length; i++) pixels[i] = bytes.pixel();
    else
      forTiles(size, 64, (tile) => decodeZrleTile(bytes, tile, (i, value) => (pixels[tile.at(i)] = value)));
    bytes.end();
    return pixels;
  }

  #hextile(bytes: Bytes, size: Size): Uint32Array {
    const pixels = new Uint32Array(size.width * size.height);
    let background: number | undefined;
    let foreground: number | undefined;
    forTiles(size, 16, (tile) => {
      const mask = bytes.u8();
      if (mask & 1) {
        for (let i = 0; i < tile.px; i++) pixels[tile.at(i)] = bytes.pixel();
        // Viewers differ in what they keep behind a raw tile.
        background = undefined;
        foreground = undefined;
        return;
      }
      if (mask & 2) background = bytes.pixel();
      if (mask & 4) foreground = bytes.pixel();
      for (let i = 0; i < tile.px; i++) pixels[tile.at(i)] = known(background);
      const count = mask & 8 ? bytes.u8() : 0;
      for (let n = 0; n < count; n++) {
        const colour = mask & 16 ? bytes.pixel() : known(foreground);
        const place = bytes.u8();
        const extent = bytes.u8();
        const [x, y, width, height] = [place >> 4, place & 15, (extent >> 4) + 1, (extent & 15) + 1];
        if (x + width > tile.width || y + height > tile.height) throw new RangeError('A subrect is outside.');
        for (let i = 0; i < width * height; i++) {
          pixels[tile.at((y + Math.floor(i / width)) * tile.width + x + (i % width))] = colour;
        }
      }
      if (mask & 16) foreground = undefined;
    });
    bytes.end();
    return pixels;
  }
}

interface Tile extends Size {
  readonly px: number;
  /** Place in the rect of the tile's pixel `i`. */
  at(i: number): number;
}

function forTiles({ width, height }: Size, side: number, visit: (tile: Tile) => void): void {
  for (let y = 0; y < height; y += side) {
    for (let x = 0; x < width; x += side) {
      const [across, down] = [Math.min(side, width - x), Math.min(side, height - y)];
      const at = (i: number): number => (y + Math.floor(i / across)) * width + x + (i % across);
      visit({ width: across, height: down, px: across * down, at });
    }
  }
}

function decodeZrleTile(
  bytes: Bytes,
  { width, height, px }: Tile,
  put: (i: number, value: number) => void,
): void {
  const subencoding = bytes.u8();
  if (subencoding === 0) {
    for (let i = 0; i < px; i++) put(i, bytes.cpixel());
  } else if (subencoding === 1) {
    const colour = bytes.cpixel();
    for (let i = 0; i < px; i++) put(i, colour);
  } else if (subencoding <= 16) {
    const palette = Array.from({ length: subencoding }, () => bytes.cpixel());
    const bits = subencoding === 2 ? 1 : subencoding <= 4 ? 2 : 4;
    for (let y = 0; y < height; y++) {
      let byte = 0;
      for (let x = 0; x < width; x++) {
        const shift = 8 - bits * (1 + (x % (8 / bits)));
        if (shift === 8 - bits) byte = bytes.u8();
        put(y * width + x, known(palette[(byte >> shift) & (2 ** bits - 1)]));
      }
    }
  } else if (subencoding === 128) {
    for (let i = 0; i < px; ) {
      const colour = bytes.cpixel();
      for (let left = bytes.run(); left > 0; left--) put(i++, colour);
    }
  } else if (subencoding >= 130) {
    const palette = Array.from({ length: subencoding - 128 }, () => bytes.cpixel());
    for (let i = 0; i < px; ) {
      const index = bytes.u8();
      const colour = known(palette[index & 127]);
      for (let left = index & 128 ? bytes.run() : 1; left > 0; left--) put(i++, colour);
    }
  } else throw new RangeError(`ZRLE has no subencoding ${subencoding}.`);
}

/** Bytes that are read one after the other. */
class Bytes {
  readonly #bytes: Buffer;
  readonly #format: PixelFormat;
  #at = 0;

  constructor(bytes: Uint8Array, format: PixelFormat) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#format = format;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#at++);
  }

  /** The length of a run: the sum of bytes, of which the last is below 255, and one. */
  run(): number {
    let length = 1;
    for (let byte = 255; byte === 255; ) length += byte = this.u8();
    return length;
  }

  pixel(): number {
    return this.#value(bytesPerPixel(this.#format), 0);
  }

  /** A pixel without the byte that no colour uses: RFC 6143, 7.7.5. */
  cpixel(): number {
    const { bitsPerPixel, depth, redMax, redShift, greenMax, greenShift, blueMax, blueShift } = this.#format;
    const used = redMax * 2 ** redShift + greenMax * 2 ** greenShift + blueMax * 2 ** blueShift;
    if (bitsPerPixel !== 32 || depth > 24) return this.pixel();
    if (used < 2 ** 24) return this.#value(3, 0);
    return used % 256 === 0 ? this.#value(3, 8) : this.pixel();
  }

  end(): void {
    if (this.#at !== this.#bytes.length)
      throw new RangeError(`${this.#bytes.length - this.#at} bytes are left.`);
  }

  #value(size: number, shift: number): number {
    const at = this.#at;
    this.#at += size;
    const value = this.#format.bigEndian
      ? this.#bytes.readUIntBE(at, size)
      : this.#bytes.readUIntLE(at, size);
    const { redMax, redShift, greenMax, greenShift, blueMax, blueShift } = this.#format;
    // Bits that belong to no channel may be anything.
    const used = redMax * 2 ** redShift + greenMax * 2 ** greenShift + blueMax * 2 ** blueShift;
    return ((value * 2 ** shift) & used) >>> 0;
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('A colour was not sent.');
  return value;
}

function createStream(): ZStream {
  const stream = new ZStream();
  zlibInflateInit(stream);
  return stream;
}

/** Inflates all of one piece. */
function inflate(stream: ZStream, piece: Uint8Array): Uint8Array {
  const steps: Uint8Array[] = [];
  stream.input = piece;
  stream.next_in = 0;
  stream.avail_in = piece.length;
  do {
    stream.output = new Uint8Array(STEP_BYTES);
    stream.next_out = 0;
    stream.avail_out = STEP_BYTES;
    const status = zlibInflate(stream, Z_SYNC_FLUSH);
    // Nothing may be left to do when the last piece filled its buffer exactly.
    const isOver = status === -5;
    if (status < 0 && !isOver) throw new Error(`Compressed pixels are damaged: ${stream.msg}`);
    steps.push(stream.output.subarray(0, stream.next_out));
    if (isOver) break;
  } while (stream.avail_out === 0);
  if (stream.avail_in > 0) throw new Error('A piece does not end where its stream does.');
  return Buffer.concat(steps);
}

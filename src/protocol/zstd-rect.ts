import type { ByteQueue } from './byte-queue.ts';
import { ByteWriter } from './byte-writer.ts';
import { RfbError } from './errors.ts';
import { RECT_HEADER_BYTES } from './rect-header.ts';

// Deskwire's own encoding without loss, for viewers that list ENCODING_ZSTD: docs/protocol.md, "Zstd rects".

/** Most colours of a palette. */
const MOST_COLOURS = 256;

/** Number of colours that means full colour. */
const FULL_COLOUR = 0;

/**
 * Most bytes of a rect's data, uncompressed and compressed. A full-colour rect of 8192×4320 is 102 MiB. A larger value
 * lets a server take more of a viewer's memory by one rect.
 */
const MOST_DATA_BYTES = 128 << 20;

/** Everything behind the header of a zstd rect. */
export interface ZstdBody {
  readonly kind: 'zstd';
  /** 2 to 256 colours as TPIXELs; undefined for full colour. */
  readonly palette: Uint8Array<ArrayBuffer> | undefined;
  /** One zstd frame. */
  readonly data: Uint8Array<ArrayBuffer>;
  readonly uncompressedLength: number;
}

/** Returns the bits of a pixel's index into a palette of that many colours. */
export function zstdIndexBits(colours: number): 1 | 4 | 8 {
  if (colours <= 2) return 1;
  return colours <= 16 ? 4 : 8;
}

/** Returns the bytes of a rect's data before compression. `colours` is 0 for full colour. */
export function zstdDataLength(width: number, height: number, colours: number, tpixelBytes: number): number {
  if (colours === FULL_COLOUR) return width * height * tpixelBytes;
  return Math.ceil((width * zstdIndexBits(colours)) / 8) * height;
}

/** Returns what precedes the zstd frame of `length` bytes, behind the rect header. */
export function zstdRectHead(
  palette: Uint8Array | undefined,
  tpixelBytes: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = palette ?? new Uint8Array(0);
  const colours = bytes.length / tpixelBytes;
  if (!Number.isInteger(colours) || colours > MOST_COLOURS || (palette && colours < 2)) {
    throw new RangeError(`A palette of ${bytes.length} bytes`);
  }
  const writer = new ByteWriter(1 + bytes.length + 4).u8(palette ? colours - 1 : FULL_COLOUR);
  return writer.bytes(bytes).u32(length).done();
}

/**
 * Takes a zstd rect off the queue, whose header is complete. If bytes are missing, it returns undefined and takes
 * nothing. Throws RFB_MESSAGE_TOO_LARGE before a byte of an oversized rect is kept.
 */
export function readZstdRect(
  queue: ByteQueue,
  { width, height }: { readonly width: number; readonly height: number },
  tpixelBytes: number,
): ZstdBody | undefined {
  if (queue.length < RECT_HEADER_BYTES + 1) return undefined;
  const code = queue.peekU8(RECT_HEADER_BYTES);
  const colours = code === FULL_COLOUR ? FULL_COLOUR : code + 1;
  const uncompressedLength = zstdDataLength(width, height, colours, tpixelBytes);
  checkLength(uncompressedLength);
  const paletteAt = RECT_HEADER_BYTES + 1;
  const lengthAt = paletteAt + colours * tpixelBytes;
  if (queue.length < lengthAt + 4) return undefined;
  const length = queue.peekU32(lengthAt);
  checkLength(length);
  if (queue.length < lengthAt + 4 + length) return undefined;
  const palette = colours > 0 ? queue.copyBytes(paletteAt, colours * tpixelBytes) : undefined;
  queue.skip(lengthAt + 4);
  return { kind: 'zstd', palette, data: queue.take(length), uncompressedLength };
}

function checkLength(length: number): void {
  if (length > MOST_DATA_BYTES) {
    throw new RfbError('RFB_MESSAGE_TOO_LARGE', `Zstd rect: ${length}, at most ${MOST_DATA_BYTES}.`);
  }
}

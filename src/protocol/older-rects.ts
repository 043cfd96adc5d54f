import type { ByteQueue } from './byte-queue.ts';
import { ByteWriter } from './byte-writer.ts';
import { RfbError } from './errors.ts';
import { bytesPerPixel, type PixelFormat } from './pixel-format.ts';
import { RECT_HEADER_BYTES } from './rect-header.ts';

// Hextile and ZRLE of RFC 6143, and zlib of the rfbproto registry: for viewers that lack Tight.

/** Pixels of a side of Hextile's tiles: RFC 6143, 7.7.4. Those at the right and bottom edge may be smaller. */
export const HEXTILE_TILE = 16;
export const HEXTILE_RAW = 1 << 0;
export const HEXTILE_BACKGROUND = 1 << 1;
export const HEXTILE_FOREGROUND = 1 << 2;
export const HEXTILE_ANY_SUBRECTS = 1 << 3;
export const HEXTILE_SUBRECTS_COLOURED = 1 << 4;

/** Pixels of a side of ZRLE's tiles: RFC 6143, 7.7.6. */
export const ZRLE_TILE = 64;
/** Subencodings of a ZRLE tile. 2 to 16 mean a packed palette of that many colours, 130 to 255 a palette with runs. */
export const ZRLE_RAW = 0;
export const ZRLE_SOLID = 1;
export const ZRLE_MOST_PACKED_COLOURS = 16;
export const ZRLE_PALETTE_RUNS = 128;
export const ZRLE_MOST_RUN_COLOURS = 127;

/**
 * Bytes in front of the data of a zlib stream (RFC 1950, 2.2): deflate with a window of 32 KiB. The stream of a viewer
 * begins with them; the rects that follow are only blocks.
 */
export const ZLIB_HEADER: Uint8Array = Uint8Array.of(0x78, 0x01);

/** Bytes between a rect's header and its zlib data, which they count. */
export const ZLIB_LENGTH_BYTES = 4;

/** Returns the length in front of zlib data, in rects of ZRLE and zlib alike. */
export const zlibLength = (bytes: number): Uint8Array<ArrayBuffer> =>
  new ByteWriter(ZLIB_LENGTH_BYTES).u32(bytes).done();

/** Most compressed bytes of one rect. A larger value lets a server take more of a viewer's memory by one rect. */
const MOST_DATA_BYTES = 128 << 20;

/** A rect of ZRLE or zlib: the next piece of the connection's stream for that encoding. */
export interface ContinuedBody {
  readonly kind: 'zrle' | 'zlib';
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The tiles of a Hextile rect, undecoded. */
export interface HextileBody {
  readonly kind: 'hextile';
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Takes a rect with its header off the queue. If bytes are missing, it returns undefined and takes nothing. */
export function readContinuedRect(queue: ByteQueue, kind: ContinuedBody['kind']): ContinuedBody | undefined {
  const dataAt = RECT_HEADER_BYTES + ZLIB_LENGTH_BYTES;
  if (queue.length < dataAt) return undefined;
  const length = queue.peekU32(RECT_HEADER_BYTES);
  if (length > MOST_DATA_BYTES) {
    throw new RfbError('RFB_MESSAGE_TOO_LARGE', `${kind} rect: ${length}, at most ${MOST_DATA_BYTES}.`);
  }
  if (queue.length < dataAt + length) return undefined;
  queue.skip(dataAt);
  return { kind, data: queue.take(length) };
}

/** The same for a Hextile rect, whose length its tiles alone tell. */
export function readHextileRect(
  queue: ByteQueue,
  { width, height }: { readonly width: number; readonly height: number },
  format: PixelFormat,
): HextileBody | undefined {
  const pixelBytes = bytesPerPixel(format);
  let at = RECT_HEADER_BYTES;
  for (let y = 0; y < height; y += HEXTILE_TILE) {
    for (let x = 0; x < width; x += HEXTILE_TILE) {
      if (queue.length <= at) return undefined;
      const mask = queue.peekU8(at++);
      if (mask & HEXTILE_RAW) {
        at += Math.min(HEXTILE_TILE, width - x) * Math.min(HEXTILE_TILE, height - y) * pixelBytes;
        continue;
      }
      if (mask & HEXTILE_BACKGROUND) at += pixelBytes;
      if (mask & HEXTILE_FOREGROUND) at += pixelBytes;
      if (!(mask & HEXTILE_ANY_SUBRECTS)) continue;
      if (queue.length <= at) return undefined;
      at += 1 + queue.peekU8(at) * (2 + (mask & HEXTILE_SUBRECTS_COLOURED ? pixelBytes : 0));
    }
  }
  if (queue.length < at) return undefined;
  queue.skip(RECT_HEADER_BYTES);
  return { kind: 'hextile', data: queue.take(at - RECT_HEADER_BYTES) };
}

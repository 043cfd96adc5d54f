import { constants, deflateSync } from 'node:zlib';
import { createTpixelConverter, type PixelFormat, tpixelSize } from '../../protocol/pixel-format.ts';
import { TIGHT_MIN_TO_COMPRESS, type TightBasic, tightBasicHeader, tightFill } from '../../protocol/tight.ts';
import type { EncoderName } from './encoder-name.ts';
import { indexColours, packBits } from './palette.ts';
import { type PixelSource, packRows } from './pixel-source.ts';

/** Zlib streams by their content, as TigerVNC assigns them. Each rect resets the stream that it uses. */
const STREAM_FULL_COLOUR = 0;
const STREAM_MONO = 1;
const STREAM_INDEXED = 2;

export interface LosslessBody {
  readonly encoder: EncoderName;
  /** The bytes after the rect header, in order. */
  readonly parts: readonly Uint8Array[];
}

/**
 * Encodes a Tight rect without loss: a fill for one colour, a palette for 2 to 256 colours, full colour for more.
 *
 * Every rect resets its zlib stream. It cannot refer to the rects before it, which makes it larger. In return,
 * all viewers can be sent the same bytes, and any thread can encode any rect.
 */
export function encodeLossless(source: PixelSource, format: PixelFormat, zlibLevel: number): LosslessBody {
  const { width, height } = source;
  const toTpixels = createTpixelConverter(format);
  const bytes = tpixelSize(format);
  const indexed = indexColours(source.words, width, height, source.stridePx);
  if (!indexed) {
    const tpixels = new Uint8Array(width * height * bytes);
    toTpixels(packRows(source), tpixels);
    return basic({ streamId: STREAM_FULL_COLOUR, filter: 'copy' }, tpixels, zlibLevel);
  }
  const { colours, indices } = indexed;
  const palette = new Uint8Array(colours.length * bytes);
  toTpixels(new Uint8Array(colours.buffer, colours.byteOffset, colours.byteLength), palette);
  if (colours.length === 1) return { encoder: 'TightFillEncoder', parts: [tightFill(palette)] };
  const mono = colours.length === 2;
  const head = {
    streamId: mono ? STREAM_MONO : STREAM_INDEXED,
    filter: 'palette',
    palette,
    tpixelBytes: bytes,
  } as const;
  return basic(head, mono ? packBits(indices, width, height) : indices, zlibLevel);
}

function basic(
  head: Omit<TightBasic, 'resetStream' | 'length'>,
  data: Uint8Array,
  zlibLevel: number,
): LosslessBody {
  const encoder = 'TightZlibEncoder';
  if (data.length < TIGHT_MIN_TO_COMPRESS) {
    return { encoder, parts: [tightBasicHeader({ ...head, resetStream: false, length: undefined }), data] };
  }
  const packed = deflate(data, zlibLevel);
  return {
    encoder,
    parts: [tightBasicHeader({ ...head, resetStream: true, length: packed.length }), packed],
  };
}

/** The largest window of zlib, as an exponent of two, and the bytes of a window that zlib needs for itself. */
const MOST_WINDOW = 15;
const LOOKAHEAD_BYTES = 262;
/** A block of zlib holds 2 ** (BLOCK + memory level) symbols. The default level is 8. */
const BLOCK = 6;
const USUAL_LEVEL = 8;

/**
 * The smallest settings with which zlib packs that many bytes as well as with its default of 268 KB. zlib clears that
 * memory for every rect, of which most are small, and V8 counts it when it decides to collect garbage.
 */
function roomFor(bytes: number): { windowBits: number; memLevel: number } {
  const bits = Math.ceil(Math.log2(bytes + LOOKAHEAD_BYTES));
  return {
    windowBits: Math.min(MOST_WINDOW, bits),
    memLevel: Math.min(USUAL_LEVEL, bits - BLOCK),
  };
}

/** Compresses to a zlib stream that ends on a byte but is not finished, as RFB's decoders expect. */
function deflate(data: Uint8Array, level: number): Uint8Array {
  return deflateSync(data, {
    level,
    ...roomFor(data.length),
    finishFlush: constants.Z_SYNC_FLUSH,
    // Mostly one chunk. With the default of 16 KiB, Node.js would join many for a large rect.
    chunkSize: Math.max(1024, data.length >> 2),
  });
}

import { constants, deflateSync } from 'node:zlib';
import { createTpixelConverter, type PixelFormat, tpixelSize } from '../../protocol/pixel-format.ts';
import { TIGHT_MIN_TO_COMPRESS, type TightBasic, tightBasicHeader, tightFill } from '../../protocol/tight.ts';
import type { EncoderName } from './encoder-name.ts';
import { indexColours, packBits } from './palette.ts';
import { type PixelSource, packRows } from './pixel-source.ts';

/** Zlib streams by what goes through them, as viewers have come to expect. Each rect resets the one it uses. */
const STREAM_FULL_COLOUR = 0;
const STREAM_MONO = 1;
const STREAM_INDEXED = 2;

export interface LosslessBody {
  readonly encoder: EncoderName;
  /** What follows the rect header, in order. */
  readonly parts: readonly Uint8Array[];
}

/**
 * A Tight rect without loss: a fill where there is one colour, a palette up to 256 colours, else full colour.
 *
 * Its zlib stream is begun anew with every rect. That costs the dictionary of the rects before it, and buys
 * that the same bytes fit every viewer, whatever each has seen, and that rects are encoded on any thread.
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

/** The most that a stream may look back, as an exponent of two, and what it keeps of that for itself. */
const MOST_WINDOW = 15;
const LOOKAHEAD_BYTES = 262;
/** A block takes 2 to the power of this and of zlib's memory level symbols; the level is 8 unless told. */
const BLOCK = 6;
const USUAL_LEVEL = 8;

/**
 * As much memory as the data needs to be packed as well as with zlib's usual 268 KB: those are cleared for every rect, most
 * of which are small, and V8 takes them for a reason to collect garbage.
 */
function roomFor(bytes: number): { windowBits: number; memLevel: number } {
  const bits = Math.ceil(Math.log2(bytes + LOOKAHEAD_BYTES));
  return {
    windowBits: Math.min(MOST_WINDOW, bits),
    memLevel: Math.min(USUAL_LEVEL, bits - BLOCK),
  };
}

/** A zlib stream that ends on a byte but goes on: what RFB's decoders expect. */
function deflate(data: Uint8Array, level: number): Uint8Array {
  return deflateSync(data, {
    level,
    ...roomFor(data.length),
    finishFlush: constants.Z_SYNC_FLUSH,
    // One piece: the default of 16 KiB would make a large rect a list to be joined.
    chunkSize: Math.max(1024, data.length >> 2),
  });
}

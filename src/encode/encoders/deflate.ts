import { constants, deflateSync } from 'node:zlib';

/** The largest window of zlib, as an exponent of two, and the bytes of a window that zlib needs for itself. */
const MOST_WINDOW = 15;
const LOOKAHEAD_BYTES = 262;
/** A block of zlib holds 2 ** (BLOCK + memory level) symbols. The default level is 8. */
const BLOCK = 6;
const USUAL_LEVEL = 8;

/**
 * Bytes in which zlib gives out its result. Node.js allocates as many before it compresses, and joins the pieces
 * after. A larger value allocates more than most rects need; a smaller one makes more pieces.
 */
const CHUNK_BYTES = 32 * 1024;

/** Compresses to a zlib stream that ends on a byte but is not finished, as RFB's decoders expect. */
export function deflate(data: Uint8Array, level: number): Uint8Array {
  return deflateSync(data, {
    level,
    ...roomFor(data.length),
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: Math.min(CHUNK_BYTES, Math.max(1024, data.length >> 2)),
  });
}

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

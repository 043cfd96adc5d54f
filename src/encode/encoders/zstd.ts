import zlib from 'node:zlib';
import { type CompressZstd, createZstdContext } from './zstd-context.ts';

const { ZSTD_c_compressionLevel } = zlib.constants;

/** Whether this Node.js has zstd: from version 22.15 on. Without it, viewers that list zstd rects get Tight. */
export const hasZstd = typeof zlib.zstdCompressSync === 'function';

/** Level of zstd for viewers that set none, or a low one for zlib. The fastest one. */
const USUAL_LEVEL = 1;

/**
 * Level of zstd for viewers that set zlib's level to `BEST_FROM` or more: a tenth more time, 3 to 8 % less bytes.
 * Higher levels take three to eight times as long for another tenth: table in docs/encoding.md.
 */
const BEST_LEVEL = 3;
const BEST_FROM = 3;

/** As `CHUNK_BYTES` of deflate.ts. */
const CHUNK_BYTES = 32 * 1024;

/** Of this thread. */
let compress: CompressZstd | undefined;

/** Has this thread make a context for each rect. Called before the first rect. */
export function makeNewContexts(): void {
  compress = compressInNewContext;
}

/**
 * Compresses to one zstd frame, in memory that the next call may overwrite. `zlibLevel` is the level that the viewer
 * set for zlib, 1-9.
 */
export function compressZstd(data: Uint8Array, zlibLevel: number): Uint8Array {
  const level = zlibLevel < BEST_FROM ? USUAL_LEVEL : BEST_LEVEL;
  compress ??= createZstdContext(BEST_LEVEL) ?? compressInNewContext;
  return compress(data, level) ?? compressInNewContext(data, level);
}

/** Compresses by node:zlib, which makes a context and buffers for each call. */
export function compressInNewContext(data: Uint8Array, level: number): Uint8Array {
  return zlib.zstdCompressSync(data, {
    params: { [ZSTD_c_compressionLevel]: level },
    // Lets zstd make its tables no larger than the data needs.
    pledgedSrcSize: data.length,
    chunkSize: Math.min(CHUNK_BYTES, Math.max(1024, data.length >> 1)),
  });
}

import zlib from 'node:zlib';

const { ZSTD_c_compressionLevel } = zlib.constants;

/** Whether this Node.js has zstd: from version 22.15 on. Without it, viewers that list zstd rects get Tight. */
export const hasZstd = typeof zlib.zstdCompressSync === 'function';

/**
 * Highest level of zstd that is used. The next ones take three to eight times as long for a tenth of the bytes: table
 * in docs/encoding.md.
 */
const MOST_LEVEL = 3;

/** As `CHUNK_BYTES` of deflate.ts. */
const CHUNK_BYTES = 32 * 1024;

/** Compresses to one zstd frame. `zlibLevel` is the level that the viewer set for zlib, 1-9. */
export function compressZstd(data: Uint8Array, zlibLevel: number): Uint8Array {
  // Level 2 of zstd takes as long as level 3.
  const level = zlibLevel === 1 ? 1 : MOST_LEVEL;
  return zlib.zstdCompressSync(data, {
    params: { [ZSTD_c_compressionLevel]: level },
    // Lets zstd make its tables no larger than the data needs.
    pledgedSrcSize: data.length,
    chunkSize: Math.min(CHUNK_BYTES, Math.max(1024, data.length >> 1)),
  });
}

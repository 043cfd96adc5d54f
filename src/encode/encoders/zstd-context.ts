import { type CLibrary, loadCLibrary } from '../../common/c-library.ts';
import { PACKED_BYTES } from '../../pixels/shared-frame.ts';
import { enterNativeCode, leaveNativeCode } from '../../threads/native-gate.ts';
import { Scratch } from './scratch.ts';

/**
 * Most bytes of a context. Level 3 of zstd 1.5.7 needs 1.3 MB, of which rects touch what they need. With a smaller
 * value a later version may be refused, and each rect gets a context of its own from node:zlib; a larger one lets a
 * version take that much on each thread.
 */
const MOST_CONTEXT_BYTES = 4 * 1024 * 1024;

/** Most bytes of a frame: ZSTD_COMPRESSBOUND in zstd.h. Incompressible data grows by this. */
const mostCompressed = (bytes: number): number => bytes + (bytes >>> 8) + 64;

/** Compresses to one zstd frame, in memory that the next call may overwrite. Returns undefined if zstd cannot. */
export type CompressZstd = (data: Uint8Array, level: number) => Uint8Array | undefined;

/**
 * Creates a context of the libzstd that is a part of Node.js, or that Node.js is linked to, for levels up to
 * `highestLevel`. It makes the same bytes as node:zlib, and allocates nothing but the object that it returns.
 * Undefined without such a library, and without the optional package koffi, which the first call on a thread loads.
 *
 * The context is WebAssembly memory, as a Scratch is. It needs no call to free it when its thread ends.
 */
export function createZstdContext(highestLevel: number): CompressZstd | undefined {
  enterNativeCode();
  try {
    return create(loadCLibrary(), highestLevel);
  } catch {
    return undefined;
  } finally {
    leaveNativeCode();
  }
}

function create(c: CLibrary, highestLevel: number): CompressZstd | undefined {
  const contextBytes = c.func('size_t ZSTD_estimateCCtxSize(int level)')(highestLevel);
  if (contextBytes > MOST_CONTEXT_BYTES) return undefined;
  const initContext = c.func('void *ZSTD_initStaticCCtx(void *memory, size_t bytes)');
  const compress = c.func(
    'size_t ZSTD_compressCCtx(void *context, void *to, size_t room, const void *data, size_t bytes, int level)',
  );
  const memory = new Scratch().take(contextBytes + mostCompressed(PACKED_BYTES));
  // A context begins where its memory does. Passing the array instead of an address keeps that memory alive.
  const context = memory.subarray(0, contextBytes);
  const output = memory.subarray(contextBytes);
  if (!initContext(context, contextBytes)) return undefined;
  return (data, level) => {
    enterNativeCode();
    try {
      const length = compress(context, output, output.length, data, data.length, level);
      // Error codes are the greatest numbers of their type.
      return length <= output.length ? output.subarray(0, length) : undefined;
    } finally {
      leaveNativeCode();
    }
  };
}

import type { Packer } from '../../pixels/kernels/packer.ts';
import { PACKED_BYTES } from '../../pixels/shared-frame.ts';
import { ZLIB_HEADER, zlibLength } from '../../protocol/older-rects.ts';
import { deflate } from './deflate.ts';

/**
 * Compresses the data of a rect of ZRLE or zlib, whose stream lasts as long as the connection. The blocks refer to no
 * byte before them and end on a byte, so that they may follow any others in the stream of any viewer. The header of the
 * stream is left out: `ZlibBeginnings` adds it for each viewer. `level` is that of zlib, undefined for our deflater.
 * Returns the length and the blocks, which the next use of the packer may overwrite.
 */
export function continuedData(
  data: Uint8Array,
  rowBytes: number,
  level: number | undefined,
  packer: Packer,
): Uint8Array[] {
  const isForPacker = level === undefined && data.length <= PACKED_BYTES;
  const stream = isForPacker ? packer.deflate(data, rowBytes) : deflate(data, level ?? 1);
  const blocks = stream.subarray(ZLIB_HEADER.length);
  return [zlibLength(blocks.length), blocks];
}

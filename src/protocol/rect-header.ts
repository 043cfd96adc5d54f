import { ByteWriter } from './byte-writer.ts';

/** Bytes of a rect's header: RFC 6143 section 7.6.1. */
export const RECT_HEADER_BYTES = 12;

export function rectHeader(
  x: number,
  y: number,
  width: number,
  height: number,
  encoding: number,
): Uint8Array<ArrayBuffer> {
  return new ByteWriter(RECT_HEADER_BYTES).u16(x).u16(y).u16(width).u16(height).s32(encoding).done();
}

import { StringDecoder } from 'node:string_decoder';

/**
 * Bytes of UTF-8 or of a picture in one step: a fraction of a millisecond to write, or to turn into Latin-1. Larger
 * steps need fewer round trips for a large content; a request to the X server holds at most 256 KiB.
 */
export const PIECE_BYTES = 96 * 1024;

/** How a program is given UTF-8: as it is, or as Latin-1, which has "?" for what it lacks. */
export type PieceEncoding = 'as it is' | 'latin1';

/** The bytes of a content piece by piece, as the pieces are asked for. */
export function* contentPieces(bytes: Uint8Array, encoding: PieceEncoding): Generator<Buffer, undefined> {
  const decoder = new StringDecoder('utf8');
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const piece = bytes.subarray(from, from + PIECE_BYTES);
    if (encoding === 'as it is') {
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    } else {
      const isLast = from + PIECE_BYTES >= bytes.length;
      const latin1 = toLatin1(decoder.write(Buffer.from(piece)) + (isLast ? decoder.end() : ''));
      // An empty piece would end the transfer.
      if (latin1.length > 0) yield latin1;
    }
  }
}

const toLatin1 = (text: string): Buffer => Buffer.from(text.replace(/[^\0-\xff]/gu, '?'), 'latin1');

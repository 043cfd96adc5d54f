/**
 * UTF-16 units encoded in one step: at most 96 KiB of UTF-8, a fraction of a millisecond. Larger steps need fewer
 * round trips for a large text; a request to the X server holds at most 256 KiB.
 */
export const PIECE_UNITS = 32 * 1024;

export type PieceEncoding = 'utf8' | 'latin1';

/** Encodes a text piece by piece, as the pieces are asked for. Latin-1 has "?" for what it lacks. */
export function* textPieces(text: string, encoding: PieceEncoding): Generator<Buffer, undefined> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + PIECE_UNITS, text.length);
    // A surrogate pair stays together.
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to--;
    yield encodeText(text.slice(from, to), encoding);
    from = to;
  }
}

/** Encodes a text at once. */
export const encodeText = (text: string, encoding: PieceEncoding): Buffer =>
  encoding === 'utf8' ? Buffer.from(text) : Buffer.from(text.replace(/[^\0-\xff]/gu, '?'), 'latin1');

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;

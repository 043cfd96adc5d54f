import { StringDecoder } from 'node:string_decoder';
import { setImmediate as nextTurn } from 'node:timers/promises';

// Text as bytes, piece by piece: strings of many MiB, and their line ends, would hold up the main thread.

/**
 * Bytes of a text, or of another content, that are turned into another form in one turn of the event loop: about 0.3 ms.
 * Larger pieces hold up everything else for longer; smaller ones cost more turns.
 */
export const PIECE_BYTES = 64 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/** Gives UTF-8 CRLF line ends, whatever ends its lines have: CRLF, CR or LF. */
export class CrlfPieces {
  /** The last piece ended with a CR. An LF that follows belongs to it. */
  #afterCr = false;

  /** Bytes of the next piece with its new line ends. */
  lengthOf(piece: Uint8Array): number {
    let bytes = piece.length;
    let afterCr = this.#afterCr;
    for (const byte of piece) {
      if (byte === CR) bytes++;
      else if (byte === LF) bytes += afterCr ? -1 : 1;
      afterCr = byte === CR;
    }
    this.#afterCr = afterCr;
    return bytes;
  }

  /** The next piece with its new line ends. */
  of(piece: Uint8Array): Uint8Array {
    const changed = new Uint8Array(piece.length * 2);
    let to = 0;
    let afterCr = this.#afterCr;
    for (const byte of piece) {
      if (byte === CR || (byte === LF && !afterCr)) {
        changed[to++] = CR;
        changed[to++] = LF;
      } else if (byte !== LF) {
        changed[to++] = byte;
      }
      afterCr = byte === CR;
    }
    this.#afterCr = afterCr;
    return changed.subarray(0, to);
  }
}

/** Gives UTF-8 LF line ends, whatever ends its lines have. */
export class LfPieces {
  /** The last piece ended with a CR. An LF that follows belongs to it. */
  #afterCr = false;

  /** Overwrites the bytes, and returns those that are left. */
  of(bytes: Uint8Array): Uint8Array {
    let to = 0;
    let afterCr = this.#afterCr;
    for (let from = 0; from < bytes.length; from++) {
      const byte = bytes[from]!;
      if (byte !== LF || !afterCr) bytes[to++] = byte === CR ? LF : byte;
      afterCr = byte === CR;
    }
    this.#afterCr = afterCr;
    return bytes.subarray(0, to);
  }
}

/** Returns a function that turns UTF-8 into Latin-1, piece by piece. What Latin-1 lacks becomes one "?". */
export function latin1Piece(): (piece: Uint8Array, isLast: boolean) => Buffer {
  const decoder = new StringDecoder('utf8');
  return (piece, isLast) => {
    const text = decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
    return Buffer.from(`${text}${isLast ? decoder.end() : ''}`.replace(/[^\0-\xff]/gu, '?'), 'latin1');
  };
}

/** Turns a text that came as Latin-1 into UTF-8: at once if it is short. */
export function utf8OfLatin1(text: string): Uint8Array | Promise<Uint8Array> {
  return text.length <= PIECE_BYTES ? Buffer.from(text, 'utf8') : longUtf8OfLatin1(text);
}

async function longUtf8OfLatin1(text: string): Promise<Uint8Array> {
  // A character of Latin-1 takes at most two bytes.
  const bytes = Buffer.allocUnsafeSlow(text.length * 2);
  let end = 0;
  for (let from = 0; from < text.length; from += PIECE_BYTES) {
    await nextTurn();
    end += bytes.write(text.slice(from, from + PIECE_BYTES), end, 'utf8');
  }
  return bytes.subarray(0, end);
}

import { constants, createInflate } from 'node:zlib';
import { RfbError } from '../../protocol/errors.ts';

/** Inflated and decoded at once. Decoding one takes the main thread a quarter of a millisecond; larger ones save nothing. */
const PIECE_BYTES = 64 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/** The text's own length stands before it. */
const LENGTH_BYTES = 4;

/**
 * The text in the data of an extended clipboard's provide message, with "\n" line ends, as clipboardTextFromInflated says
 * of inflated data. Many MiB take a while, so they are inflated on Node's threads, and decoded piece by piece. Rejects with
 * RFB_MALFORMED where data does not inflate or is cut short, or where the text is longer than `maxBytes`.
 */
export async function inflateClipboardText(data: Uint8Array, maxBytes: number): Promise<string> {
  // Viewers flush their zlib stream without ending it.
  const pieces = createInflate({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: PIECE_BYTES });
  pieces.end(data);
  const text = new TextPieces();
  let head: Buffer = Buffer.alloc(0);
  let leftBytes: number | undefined;
  try {
    for await (let piece of pieces as AsyncIterable<Buffer>) {
      if (leftBytes === undefined) {
        head = Buffer.concat([head, piece]);
        if (head.length < LENGTH_BYTES) continue;
        leftBytes = head.readUInt32BE(0);
        if (leftBytes > maxBytes)
          throw new RfbError('RFB_MALFORMED', `Clipboard text of ${leftBytes} bytes.`);
        piece = head.subarray(LENGTH_BYTES);
      }
      if (piece.length < leftBytes) {
        text.add(piece);
        leftBytes -= piece.length;
        continue;
      }
      // Other forms of the same may follow.
      const rest = piece.subarray(0, leftBytes);
      text.add(rest.at(-1) === 0 ? rest.subarray(0, -1) : rest);
      return text.end();
    }
  } catch (cause) {
    if (cause instanceof RfbError) throw cause;
    throw new RfbError('RFB_MALFORMED', 'Clipboard data that does not inflate.', { cause });
  }
  throw new RfbError('RFB_MALFORMED', 'Clipboard text is cut short.');
}

/** Bytes of UTF-8 with any line ends, as text. */
class TextPieces {
  readonly #decoder = new TextDecoder();
  #text = '';
  /** The last piece ended with a CR: an LF that follows belongs to it. */
  #afterCr = false;

  /** Overwrites the bytes. */
  add(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(this.#withoutCr(bytes), { stream: true });
  }

  end(): string {
    return this.#text + this.#decoder.decode();
  }

  /** Done on bytes: strings cut at each line end would be garbage that the main thread has to collect. */
  #withoutCr(bytes: Uint8Array): Uint8Array {
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

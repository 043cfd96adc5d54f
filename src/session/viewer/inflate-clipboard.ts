import { constants, createInflate } from 'node:zlib';
import { RfbError } from '../../protocol/errors.ts';

/**
 * Bytes inflated and decoded at once. One takes the main thread 0.25 ms; larger pieces take longer and save nothing.
 */
const PIECE_BYTES = 64 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/** The text's length, before the text. */
const LENGTH_BYTES = 4;

/**
 * Reads the text of an extended clipboard's provide message, as clipboardTextFromInflated does for inflated data. Line
 * ends become "\n". Data is inflated on Node's threads and decoded piece by piece, because many MiB take a while.
 * Rejects with RFB_MALFORMED if the data does not inflate or is cut short, or if the text is longer than `maxBytes`.
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
      // Other formats of the same clipboard may follow.
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

/** Turns UTF-8 with any line ends into text. */
class TextPieces {
  readonly #decoder = new TextDecoder();
  #text = '';
  /** The last piece ended with a CR. An LF that follows belongs to it. */
  #afterCr = false;

  /** Overwrites the bytes. */
  add(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(this.#withoutCr(bytes), { stream: true });
  }

  end(): string {
    return this.#text + this.#decoder.decode();
  }

  /** Works on bytes: strings cut at each line end would be garbage for the main thread to collect. */
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

import { constants, createInflate } from 'node:zlib';
import {
  type ClipboardContent,
  type ClipboardFormat,
  FORMAT_FLAGS,
} from '../../protocol/clipboard-content.ts';
import { htmlFromWindows } from '../../protocol/clipboard-html.ts';
import { RfbError } from '../../protocol/errors.ts';
import { LfPieces } from './text-bytes.ts';

/** Bytes inflated and copied at once. One takes the main thread 0.1 ms; larger pieces take longer and save nothing. */
const PIECE_BYTES = 64 * 1024;

/** The length before each format. */
const LENGTH_BYTES = 4;

/** Bits of formats, from the lowest. */
const FORMAT_BITS = 16;

/**
 * Bytes of a format that the server does not use, and that comes before one that it uses, such as RTF. A larger value
 * lets a viewer that sends nothing of use take more time.
 */
const MOST_SKIPPED_BYTES = 32 << 20;

export interface InflatedClipboard {
  readonly content: ClipboardContent;
  /** The first format that was too large, and how large. Those behind it were not read. */
  readonly tooLarge: { readonly format: ClipboardFormat; readonly bytes: number } | undefined;
}

/**
 * Reads the formats that the server uses from the data of a provide message (rfbproto, "Extended Clipboard
 * Pseudo-Encoding") with these `flags`. Line ends of text become "\n". Data is inflated on Node's threads and read piece
 * by piece, because many MiB take a while. `mayKeep` is asked before bytes of a format are kept. Rejects with
 * RFB_MALFORMED if the data does not inflate or is cut short.
 */
export async function inflateClipboard(
  data: Uint8Array,
  flags: number,
  mayKeep: (format: ClipboardFormat, bytes: number) => boolean,
): Promise<InflatedClipboard> {
  // Viewers flush their zlib stream without ending it.
  const stream = createInflate({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: PIECE_BYTES });
  stream.end(data);
  try {
    return await readFormats(new Pieces(stream), flags, mayKeep);
  } catch (cause) {
    if (cause instanceof RfbError) throw cause;
    throw new RfbError('RFB_MALFORMED', 'Clipboard data that does not inflate.', { cause });
  } finally {
    stream.destroy();
  }
}

async function readFormats(
  pieces: Pieces,
  flags: number,
  mayKeep: (format: ClipboardFormat, bytes: number) => boolean,
): Promise<InflatedClipboard> {
  const content = new Map<ClipboardFormat, Uint8Array>();
  let unread = (['text', 'html'] as const).filter((format) => flags & FORMAT_FLAGS[format]);
  for (let bit = 0; bit < FORMAT_BITS && unread.length > 0; bit++) {
    if (!(flags & (1 << bit))) continue;
    const bytes = await pieces.length();
    const format = unread.find((candidate) => FORMAT_FLAGS[candidate] === 1 << bit);
    if (format ? !mayKeep(format, bytes) : bytes > MOST_SKIPPED_BYTES)
      return { content, tooLarge: { format: format ?? unread[0]!, bytes } };
    const take = format === 'text' ? new LfPieces() : undefined;
    const parts: Uint8Array[] = [];
    for await (const { piece, isLast } of pieces.take(bytes)) {
      if (!format) continue;
      // A text ends with a zero.
      const whole = isLast && piece.at(-1) === 0 ? piece.subarray(0, -1) : piece;
      parts.push(take ? take.of(whole) : whole);
    }
    if (!format) continue;
    const joined = Buffer.concat(parts);
    content.set(format, format === 'html' ? htmlFromWindows(joined) : joined);
    unread = unread.filter((candidate) => candidate !== format);
  }
  return { content, tooLarge: undefined };
}

/** Inflated bytes as they come. */
class Pieces {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  /** The length of the next format. */
  async length(): Promise<number> {
    while (this.#rest.length < LENGTH_BYTES) this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    const bytes = this.#rest.readUInt32BE(0);
    this.#rest = this.#rest.subarray(LENGTH_BYTES);
    return bytes;
  }

  /** The next `bytes` bytes in pieces. They belong to the caller. */
  async *take(bytes: number): AsyncGenerator<{ readonly piece: Buffer; readonly isLast: boolean }> {
    for (let left = bytes; left > 0; ) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield { piece, isLast: left === 0 };
    }
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#pieces.next();
    if (done) throw new RfbError('RFB_MALFORMED', 'Clipboard content is cut short.');
    return value;
  }
}

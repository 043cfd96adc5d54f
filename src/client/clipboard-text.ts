import { Deflate, Inflate, Z_SYNC_FLUSH } from 'pako';
import { clipboardTextFromInflated } from '../protocol/extended-clipboard.ts';
import { joinBytes, lengthOf } from '../protocol/join-bytes.ts';
import { encodeUtf8 } from '../protocol/text.ts';

// Texts as the extended clipboard has them (rfbproto), made and read in steps that take a few milliseconds each.

/** Longest text that the page accepts from the desktop, inflated, in bytes. Protects the page's memory. */
const MAX_INFLATED_BYTES = 16 << 20;

/**
 * Bytes of the desktop's data that are inflated in a step. They may inflate to a thousand times as many: 4 MB, in about
 * 20 ms. A smaller value costs more steps.
 */
const INFLATE_BYTES = 4 * 1024;

/** Characters and bytes of a text that are deflated in a step: about 3 ms. Smaller values cost more steps. */
const DEFLATE_CHARACTERS = 32 * 1024;
const DEFLATE_BYTES = 64 * 1024;

/** Reads a text. Does not wait for the end of the stream, because some servers never send one. */
export function* inflateText(flags: number, data: Uint8Array): Generator<void, string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = new Inflate();
  stream.onData = (chunk) => {
    length += chunk.length;
    if (length > MAX_INFLATED_BYTES) throw new Error('The desktop’s clipboard is too large.');
    chunks.push(chunk);
  };
  for (let at = 0; at < data.length; at += INFLATE_BYTES) {
    if (at > 0) yield;
    stream.push(data.subarray(at, at + INFLATE_BYTES), Z_SYNC_FLUSH);
    if (stream.err < 0) throw new Error('The desktop’s clipboard is damaged.');
  }
  return clipboardTextFromInflated(flags, joinBytes(chunks));
}

/** Makes the data of a text: with CRLF line ends and a final zero, preceded by its length, deflated. */
export function* deflateText(text: string): Generator<void, Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let from = 0; from < text.length; ) {
    if (from > 0) yield;
    const end = cutAt(text, from + DEFLATE_CHARACTERS);
    parts.push(encodeUtf8(text.slice(from, end).replace(/\r\n|\r|\n/g, '\r\n')));
    from = end;
  }
  parts.push(new Uint8Array(1));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, lengthOf(parts));
  const stream = new Deflate();
  stream.push(length, false);
  for (const [i, part] of parts.entries()) {
    for (let at = 0; at < part.length; at += DEFLATE_BYTES) {
      if (text.length > DEFLATE_CHARACTERS) yield;
      const bytes = part.subarray(at, at + DEFLATE_BYTES);
      stream.push(bytes, i === parts.length - 1);
    }
  }
  return stream.result as Uint8Array;
}

/** A place to cut a text that is in no character and no line end, at `at` or one before. */
function cutAt(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const isInCharacter = /[\ud800-\udbff]/.test(text[at - 1]!) && /[\udc00-\udfff]/.test(text[at]!);
  return isInCharacter || (text[at - 1] === '\r' && text[at] === '\n') ? at - 1 : at;
}

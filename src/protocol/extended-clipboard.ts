import { ByteWriter } from './byte-writer.ts';
import { CLIPBOARD_TEXT } from './constants.ts';
import { RfbError } from './errors.ts';
import { decodeUtf8 } from './text.ts';

// Content of extended clipboard messages in both directions: rfbproto, "Extended Clipboard Pseudo-Encoding".

/**
 * Returns the data of a caps message: for each format in `flags`, lowest bit first, the most bytes to provide
 * unasked.
 */
export function clipboardCapsData(sizes: readonly number[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(sizes.length * 4);
  for (const size of sizes) writer.u32(size);
  return writer.done();
}

/**
 * Returns the text of an inflated provide message, with "\n" line ends, or undefined if `flags` does not contain
 * text. Text is the lowest format bit, so it comes first. Throws RFB_MALFORMED if it is truncated.
 */
export function clipboardTextFromInflated(flags: number, inflated: Uint8Array): string | undefined {
  if (!(flags & CLIPBOARD_TEXT)) return undefined;
  const view = new DataView(inflated.buffer, inflated.byteOffset, inflated.byteLength);
  const length = inflated.length < 4 ? Number.POSITIVE_INFINITY : view.getUint32(0);
  if (4 + length > inflated.length) throw new RfbError('RFB_MALFORMED', 'Clipboard text is cut short.');
  const closed = length > 0 && inflated[3 + length] === 0;
  return decodeUtf8(inflated.subarray(4, 4 + length - (closed ? 1 : 0))).replace(/\r\n?/g, '\n');
}

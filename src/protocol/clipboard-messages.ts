import type { ByteQueue } from './byte-queue.ts';
import { checkLimit, RfbError } from './errors.ts';
import { type Skip, SkippedContents } from './skipped-contents.ts';
import { decodeLatin1, decodeUtf8 } from './text.ts';

export interface ClipboardItem {
  readonly mime: string;
  readonly data: Uint8Array;
}

interface CutText {
  readonly type: 'clientCutText';
  readonly text: string;
}

interface ExtendedClipboard {
  readonly type: 'extendedClipboard';
  readonly flags: number;
  readonly data: Uint8Array;
}

interface BinaryClipboard {
  readonly type: 'binaryClipboard';
  readonly items: readonly ClipboardItem[];
}

/** Bytes of plain cut text: enough for text that a person copied. A larger limit takes memory for each viewer. */
const MAX_CUT_TEXT_BYTES = 1 << 20;
/** Bytes of an extended clipboard message, still compressed. Twice the longest text that the server accepts. */
const MAX_EXTENDED_CLIPBOARD_BYTES = 20 << 20;
/** Bytes of all items of a binary clipboard, which may be pictures. */
const MAX_BINARY_CLIPBOARD_BYTES = 20 << 20;
/** Bytes of the longest message, an extended clipboard with its header. */
export const MAX_CLIENT_MESSAGE_BYTES =
  8 + Math.max(MAX_EXTENDED_CLIPBOARD_BYTES, MAX_BINARY_CLIPBOARD_BYTES);
const NO_BYTES = new Uint8Array(0);

// Readers of a viewer's clipboard messages. Each takes one whole message off the queue, or returns undefined and takes
// nothing if bytes are missing. With `skip` it takes the header alone and returns the message without contents.

/** Plain text of `length` bytes. */
export function readCutText(queue: ByteQueue, length: number, skip: Skip | undefined): CutText | undefined {
  checkLimit('Cut text', length, MAX_CUT_TEXT_BYTES);
  if (!skip && queue.length < 8 + length) return undefined;
  queue.skip(8);
  skip?.(SkippedContents.ofBytes(length));
  return { type: 'clientCutText', text: skip ? '' : decodeLatin1(queue.take(length)) };
}

/** rfbproto, "Extended Clipboard Pseudo-Encoding": a negative length, of which the flags are the first four bytes. */
export function readExtendedClipboard(
  queue: ByteQueue,
  length: number,
  skip: Skip | undefined,
): ExtendedClipboard | undefined {
  if (length < 4) throw new RfbError('RFB_MALFORMED', 'An extended clipboard message without flags.');
  checkLimit('Extended clipboard', length, MAX_EXTENDED_CLIPBOARD_BYTES);
  if (queue.length < (skip ? 12 : 8 + length)) return undefined;
  const flags = queue.peekU32(8);
  queue.skip(12);
  skip?.(SkippedContents.ofBytes(length - 4));
  return { type: 'extendedClipboard', flags, data: skip ? NO_BYTES : queue.take(length - 4) };
}

/** KasmVNC's clipboard: items of several types at once. */
export function readBinaryClipboard(queue: ByteQueue, skip: Skip | undefined): BinaryClipboard | undefined {
  if (queue.length < 2) return undefined;
  const count = queue.peekU8(1);
  if (skip) {
    queue.skip(2);
    skip(SkippedContents.ofItems(count, MAX_BINARY_CLIPBOARD_BYTES));
    return { type: 'binaryClipboard', items: [] };
  }
  // Looks at the lengths first, so that the items are copied once, when all of them have arrived.
  let size = 2;
  for (let i = 0; i < count; i++) {
    if (queue.length < size + 1) return undefined;
    const lengthAt = size + 1 + queue.peekU8(size);
    if (queue.length < lengthAt + 4) return undefined;
    size = lengthAt + 4 + queue.peekU32(lengthAt);
    checkLimit('Binary clipboard', size, MAX_BINARY_CLIPBOARD_BYTES);
  }
  if (queue.length < size) return undefined;
  queue.skip(2);
  const items: ClipboardItem[] = [];
  for (let i = 0; i < count; i++) {
    const mimeLength = queue.peekU8(0);
    const length = queue.peekU32(1 + mimeLength);
    const mime = decodeUtf8(queue.peekBytes(1, mimeLength));
    queue.skip(5 + mimeLength);
    items.push({ mime, data: queue.take(length) });
  }
  return { type: 'binaryClipboard', items };
}

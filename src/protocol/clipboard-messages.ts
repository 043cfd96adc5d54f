import type { ByteQueue } from './byte-queue.ts';
import { RfbError } from './errors.ts';
import { type Skip, SkippedContents } from './skipped-contents.ts';
import { decodeLatin1, decodeUtf8 } from './text.ts';

export interface ClipboardItem {
  readonly mime: string;
  readonly data: Uint8Array;
}

/** What readers return in place of contents that were too long to be kept, and were dropped. */
export interface Oversized {
  /** Bytes of the message, as far as its beginning tells. */
  readonly oversizedBytes?: number;
}

interface CutText extends Oversized {
  readonly type: 'clientCutText';
  readonly text: string;
}

interface ExtendedClipboard extends Oversized {
  readonly type: 'extendedClipboard';
  readonly flags: number;
  readonly data: Uint8Array;
}

interface BinaryClipboard extends Oversized {
  readonly type: 'binaryClipboard';
  readonly items: readonly ClipboardItem[];
}

/**
 * Bytes of a clipboard message that is kept: the largest content that a setting can allow, and its headers. The contents
 * of a longer message are dropped as they arrive. A larger value lets each viewer take more memory.
 */
const MAX_CLIPBOARD_MESSAGE_BYTES = 20 << 20;
/** Bytes of the longest message that is kept, an extended clipboard with its header. */
export const MAX_CLIENT_MESSAGE_BYTES = 8 + MAX_CLIPBOARD_MESSAGE_BYTES;
const NO_BYTES = new Uint8Array(0);

// Readers of a viewer's clipboard messages. Each takes one whole message off the queue, or returns undefined and takes
// nothing if bytes are missing. If the contents may not be kept, it takes the header alone, has the rest skipped, and
// returns the message without contents.

/** Decides what becomes of contents, and takes over those that are dropped. */
export interface Contents {
  /** Whether the server uses contents at all. */
  readonly isUsed: boolean;
  /** Whether so many bytes may be kept. */
  mayKeep(bytes: number): boolean;
  readonly skip: Skip;
}

/** `mayKeep` is told whether the contents come in portions. */
export const createContents = (
  isUsed: () => boolean,
  mayKeep: (bytes: number, isInPortions: boolean) => boolean,
  isInPortions: boolean,
  skip: Skip,
): Contents => ({
  get isUsed() {
    return isUsed();
  },
  mayKeep: (bytes) => mayKeep(bytes, isInPortions),
  skip,
});

/** Plain text of `length` bytes. */
export function readCutText(queue: ByteQueue, length: number, contents: Contents): CutText | undefined {
  const isKept = contents.isUsed && isSmallEnough(length, contents);
  if (isKept && queue.length < 8 + length) return undefined;
  queue.skip(8);
  if (isKept) return { type: 'clientCutText', text: decodeLatin1(queue.take(length)) };
  contents.skip(SkippedContents.ofBytes(length));
  return { type: 'clientCutText', text: '', ...oversized(length, contents) };
}

/** rfbproto, "Extended Clipboard Pseudo-Encoding": a negative length, of which the flags are the first four bytes. */
export function readExtendedClipboard(
  queue: ByteQueue,
  length: number,
  contents: Contents,
): ExtendedClipboard | undefined {
  if (length < 4) throw new RfbError('RFB_MALFORMED', 'An extended clipboard message without flags.');
  const isKept = contents.isUsed && isSmallEnough(length, contents);
  if (queue.length < (isKept ? 8 + length : 12)) return undefined;
  const flags = queue.peekU32(8);
  queue.skip(12);
  if (isKept) return { type: 'extendedClipboard', flags, data: queue.takeOver(length - 4) };
  contents.skip(SkippedContents.ofBytes(length - 4));
  return { type: 'extendedClipboard', flags, data: NO_BYTES, ...oversized(length, contents) };
}

/** KasmVNC's clipboard: items of several types at once. */
export function readBinaryClipboard(queue: ByteQueue, contents: Contents): BinaryClipboard | undefined {
  if (queue.length < 2) return undefined;
  const count = queue.peekU8(1);
  const skipAll = (): void => {
    queue.skip(2);
    contents.skip(SkippedContents.ofItems(count));
  };
  if (!contents.isUsed) {
    skipAll();
    return { type: 'binaryClipboard', items: [] };
  }
  // Looks at the lengths first, so that the items are copied once, when all of them have arrived.
  let size = 2;
  for (let i = 0; i < count; i++) {
    if (queue.length < size + 1) return undefined;
    const lengthAt = size + 1 + queue.peekU8(size);
    if (queue.length < lengthAt + 4) return undefined;
    size = lengthAt + 4 + queue.peekU32(lengthAt);
    if (isSmallEnough(size, contents)) continue;
    skipAll();
    return { type: 'binaryClipboard', items: [], oversizedBytes: size };
  }
  if (queue.length < size) return undefined;
  queue.skip(2);
  const items: ClipboardItem[] = [];
  for (let i = 0; i < count; i++) {
    const mimeLength = queue.peekU8(0);
    const length = queue.peekU32(1 + mimeLength);
    const mime = decodeUtf8(queue.peekBytes(1, mimeLength));
    queue.skip(5 + mimeLength);
    items.push({ mime, data: queue.takeOver(length) });
  }
  return { type: 'binaryClipboard', items };
}

const isSmallEnough = (bytes: number, contents: Contents): boolean =>
  bytes <= MAX_CLIPBOARD_MESSAGE_BYTES && contents.mayKeep(bytes);

const oversized = (bytes: number, { isUsed }: Contents): Oversized =>
  isUsed ? { oversizedBytes: bytes } : {};

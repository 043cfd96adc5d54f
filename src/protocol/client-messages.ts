import { ByteQueue } from './byte-queue.ts';
import { ClientPortions } from './client-portions.ts';
import {
  type ClipboardItem,
  type Contents,
  createContents,
  type Oversized,
  readBinaryClipboard,
  readCutText,
  readExtendedClipboard,
} from './clipboard-messages.ts';
import * as wire from './constants.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { checkLimit, RfbError } from './errors.ts';
import { PIXEL_FORMAT_BYTES, type PixelFormat, parsePixelFormat } from './pixel-format.ts';
import { readScreens, SCREEN_BYTES, type Screen } from './screens.ts';
import { SkippedContents } from './skipped-contents.ts';
import { decodeUtf8 } from './text.ts';

/** All messages from a viewer, in either dialect. Byte arrays are copies that the receiver owns. */
export type ClientMessage =
  | { readonly type: 'setPixelFormat'; readonly format: PixelFormat }
  | { readonly type: 'setEncodings'; readonly encodings: number[] }
  | {
      readonly type: 'updateRequest';
      readonly incremental: boolean;
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    }
  /** `keycode` is the XT scancode of QEMU's message (see evdevFromXt), 0 for a plain KeyEvent. */
  | { readonly type: 'key'; readonly keysym: number; readonly down: boolean; readonly keycode: number }
  | {
      readonly type: 'pointer';
      readonly buttonMask: number;
      readonly x: number;
      readonly y: number;
      /** Wheel movement. 0 in the standard dialect, which has buttons for the wheel. */
      readonly scrollX: number;
      readonly scrollY: number;
    }
  /** All clipboard messages have `oversizedBytes` in place of contents that were too long. It is never written. */
  | ({ readonly type: 'clientCutText'; readonly text: string } & Oversized)
  /** `flags` are formats and one action, CLIPBOARD_…; `data` is what follows them. */
  | ({ readonly type: 'extendedClipboard'; readonly flags: number; readonly data: Uint8Array } & Oversized)
  | {
      readonly type: 'enableContinuousUpdates';
      readonly on: boolean;
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    }
  | { readonly type: 'requestBottleneckStats' }
  /**
   * Answers message 179: the time of the whole update, and that of rendering. KasmVNC's page sends milliseconds; a
   * viewer that lists PSEUDO_DESKWIRE sends microseconds, because a frame takes few milliseconds.
   */
  | { readonly type: 'frameStats'; readonly totalTime: number; readonly renderTime: number }
  | ({ readonly type: 'binaryClipboard'; readonly items: readonly ClipboardItem[] } & Oversized)
  | { readonly type: 'udpUpgrade'; readonly data: Uint8Array }
  | { readonly type: 'subscribeRelay'; readonly name: string }
  | { readonly type: 'relayData'; readonly name: string; readonly data: Uint8Array }
  | { readonly type: 'videoCodecs'; readonly codecs: number[] }
  | { readonly type: 'keepAlive' }
  | {
      readonly type: 'relativeMouse';
      readonly buttonMask: number;
      readonly dx: number;
      readonly dy: number;
      readonly scrollX: number;
      readonly scrollY: number;
    }
  | { readonly type: 'latencyProbe'; readonly id: number }
  | { readonly type: 'networkStats' }
  | { readonly type: 'systemStats' }
  | { readonly type: 'fence'; readonly flags: number; readonly payload: Uint8Array }
  | {
      readonly type: 'setDesktopSize';
      readonly width: number;
      readonly height: number;
      readonly screens: readonly Screen[];
    }
  | { readonly type: 'setMaxVideoResolution'; readonly width: number; readonly height: number };

/** Encodings in one list: four times as many as the longest known list has. The field could say 65,535. */
const MAX_ENCODINGS = 1024;
/** Bytes of relay data, which the server reads and drops. */
const MAX_RELAY_BYTES = 1 << 20;
/** Bytes of a fence's payload: rfbproto, "ClientFence". */
const MAX_FENCE_BYTES = 64;

/**
 * Takes one whole message off the queue, or returns undefined and takes nothing if bytes are missing. A parser of large
 * contents asks `contents` whether it may keep them.
 */
type Parser = (queue: ByteQueue, dialect: Dialect, contents: Contents) => ClientMessage | undefined;

/** A parser for messages of exactly `size` bytes. */
function fixed(
  size: number,
  read: (queue: ByteQueue) => ClientMessage,
): (queue: ByteQueue) => ClientMessage | undefined {
  return (queue) => {
    if (queue.length < size) return undefined;
    const message = read(queue);
    queue.skip(size);
    return message;
  };
}

const standardPointer = fixed(6, (q) => ({
  type: 'pointer',
  buttonMask: q.peekU8(1),
  x: q.peekU16(2),
  y: q.peekU16(4),
  scrollX: 0,
  scrollY: 0,
}));

/** Bit of a PointerEvent's mask that says that a byte with buttons 8 and 9 follows. */
export const EXTENDED_POINTER = 0x80;
/** Bit of the whole mask that is the lowest one of that byte. */
const EXTENDED_BUTTONS_SHIFT = 7;

const extendedPointer = fixed(7, (q) => ({
  type: 'pointer',
  buttonMask: (q.peekU8(1) & ~EXTENDED_POINTER) | (q.peekU8(6) << EXTENDED_BUTTONS_SHIFT),
  x: q.peekU16(2),
  y: q.peekU16(4),
  scrollX: 0,
  scrollY: 0,
}));

const kasmPointer = fixed(11, (q) => ({
  type: 'pointer',
  buttonMask: q.peekU16(1),
  x: q.peekU16(3),
  y: q.peekU16(5),
  scrollX: q.peekS16(7),
  scrollY: q.peekS16(9),
}));

const qemuKey = fixed(12, (q) => ({
  type: 'key',
  down: q.peekU16(2) !== 0,
  keysym: q.peekU32(4),
  keycode: q.peekU32(8),
}));

const PARSERS: Readonly<Record<number, Parser>> = {
  [wire.CLIENT_SET_PIXEL_FORMAT]: fixed(4 + PIXEL_FORMAT_BYTES, (q) => ({
    type: 'setPixelFormat',
    format: parsePixelFormat(q.peekBytes(4, PIXEL_FORMAT_BYTES)),
  })),

  [wire.CLIENT_SET_ENCODINGS]: (queue) => {
    if (queue.length < 4) return undefined;
    const count = queue.peekU16(2);
    checkLimit('SetEncodings', count, MAX_ENCODINGS);
    const encodings = readNumbers(queue, 4, count);
    return encodings && { type: 'setEncodings', encodings };
  },

  [wire.CLIENT_UPDATE_REQUEST]: fixed(10, (q) => ({
    type: 'updateRequest',
    incremental: q.peekU8(1) !== 0,
    x: q.peekU16(2),
    y: q.peekU16(4),
    width: q.peekU16(6),
    height: q.peekU16(8),
  })),

  [wire.CLIENT_KEY_EVENT]: fixed(8, (q) => ({
    type: 'key',
    down: q.peekU8(1) !== 0,
    keysym: q.peekU32(4),
    keycode: 0,
  })),

  [wire.CLIENT_POINTER_EVENT]: (queue, dialect) => {
    if (dialect === 'kasm') return kasmPointer(queue);
    if (dialect === 'standard') return standardPointer(queue);
    if (queue.length < 2) return undefined;
    return queue.peekU8(1) & EXTENDED_POINTER ? extendedPointer(queue) : standardPointer(queue);
  },

  [wire.CLIENT_CUT_TEXT]: (queue, _dialect, contents) => {
    if (queue.length < 8) return undefined;
    const length = queue.peekS32(4);
    return length < 0
      ? readExtendedClipboard(queue, -length, contents)
      : readCutText(queue, length, contents);
  },

  [wire.CLIENT_ENABLE_CONTINUOUS_UPDATES]: fixed(10, (q) => ({
    type: 'enableContinuousUpdates',
    on: q.peekU8(1) !== 0,
    x: q.peekU16(2),
    y: q.peekU16(4),
    width: q.peekU16(6),
    height: q.peekU16(8),
  })),

  [wire.CLIENT_REQUEST_BOTTLENECK_STATS]: fixed(4, () => ({ type: 'requestBottleneckStats' })),

  [wire.CLIENT_FRAME_STATS]: fixed(12, (q) => ({
    type: 'frameStats',
    totalTime: q.peekU32(4),
    renderTime: q.peekU32(8),
  })),

  [wire.CLIENT_BINARY_CLIPBOARD]: (queue, _dialect, contents) => readBinaryClipboard(queue, contents),

  [wire.CLIENT_UDP_UPGRADE]: (queue) => {
    if (queue.length < 3) return undefined;
    const length = queue.peekU16(1);
    if (queue.length < 3 + length) return undefined;
    queue.skip(3);
    return { type: 'udpUpgrade', data: queue.take(length) };
  },

  [wire.CLIENT_SUBSCRIBE_RELAY]: (queue) => {
    if (queue.length < 2) return undefined;
    const length = queue.peekU8(1);
    if (queue.length < 2 + length) return undefined;
    queue.skip(2);
    return { type: 'subscribeRelay', name: decodeUtf8(queue.take(length)) };
  },

  [wire.CLIENT_RELAY_DATA]: (queue, _dialect, { isUsed, skip }) => {
    if (queue.length < 2) return undefined;
    const nameLength = queue.peekU8(1);
    if (queue.length < 6 + nameLength) return undefined;
    const length = queue.peekU32(2 + nameLength);
    checkLimit('Relay data', length, MAX_RELAY_BYTES);
    if (isUsed && queue.length < 6 + nameLength + length) return undefined;
    queue.skip(2);
    const name = decodeUtf8(queue.take(nameLength));
    queue.skip(4);
    if (!isUsed) skip(SkippedContents.ofBytes(length));
    return { type: 'relayData', name, data: isUsed ? queue.take(length) : new Uint8Array(0) };
  },

  [wire.CLIENT_VIDEO_CODECS]: (queue) => {
    if (queue.length < 2) return undefined;
    const codecs = readNumbers(queue, 2, queue.peekU8(1));
    return codecs && { type: 'videoCodecs', codecs };
  },

  [wire.CLIENT_KEEP_ALIVE]: fixed(1, () => ({ type: 'keepAlive' })),

  [wire.CLIENT_RELATIVE_MOUSE]: fixed(10, (q) => ({
    type: 'relativeMouse',
    buttonMask: q.peekU8(1),
    dx: q.peekS16(2),
    dy: q.peekS16(4),
    scrollX: q.peekS16(6),
    scrollY: q.peekS16(8),
  })),

  [wire.CLIENT_LATENCY_PROBE]: fixed(8, (q) => ({ type: 'latencyProbe', id: q.peekU32(4) })),
  [wire.CLIENT_NETWORK_STATS]: fixed(4, () => ({ type: 'networkStats' })),
  [wire.CLIENT_SYSTEM_STATS]: fixed(4, () => ({ type: 'systemStats' })),

  [wire.CLIENT_FENCE]: (queue) => {
    if (queue.length < 9) return undefined;
    const flags = queue.peekU32(4);
    const length = queue.peekU8(8);
    checkLimit('Fence', length, MAX_FENCE_BYTES);
    if (queue.length < 9 + length) return undefined;
    queue.skip(9);
    return { type: 'fence', flags, payload: queue.take(length) };
  },

  [wire.CLIENT_SET_DESKTOP_SIZE]: (queue) => {
    if (queue.length < 8) return undefined;
    const count = queue.peekU8(6);
    if (queue.length < 8 + count * SCREEN_BYTES) return undefined;
    const message: ClientMessage = {
      type: 'setDesktopSize',
      width: queue.peekU16(2),
      height: queue.peekU16(4),
      screens: readScreens(queue, 8, count),
    };
    queue.skip(8 + count * SCREEN_BYTES);
    return message;
  },

  [wire.CLIENT_SET_MAX_VIDEO_RESOLUTION]: fixed(5, (q) => ({
    type: 'setMaxVideoResolution',
    width: q.peekU16(1),
    height: q.peekU16(3),
  })),

  [wire.CLIENT_QEMU]: (queue) => {
    if (queue.length < 2) return undefined;
    const subtype = queue.peekU8(1);
    if (subtype !== wire.QEMU_EXTENDED_KEY) throw new RfbError('RFB_UNKNOWN_MESSAGE', `255/${subtype}`);
    return qemuKey(queue);
  },
};

/** Reads `count` s32 from `offset` on, which end the message. */
function readNumbers(queue: ByteQueue, offset: number, count: number): number[] | undefined {
  const size = offset + count * 4;
  if (queue.length < size) return undefined;
  const numbers = Array.from({ length: count }, (_, i) => queue.peekS32(offset + i * 4));
  queue.skip(size);
  return numbers;
}

/**
 * Reads a viewer's messages from bytes in any portions. `next` returns undefined if it needs more bytes. It throws an
 * RfbError if the viewer breaks the protocol, and must not be called again then.
 *
 * The reader sets the dialect as it reads, so that a PointerEvent right behind a SetEncodings in one portion is read
 * as that list demands. The dialect becomes 'kasm' with a SetEncodings that lists a KasmVNC pseudo-encoding or
 * PSEUDO_DESKWIRE, or with a message 184, and stays so. Otherwise it becomes 'extended' with a SetEncodings that lists
 * PSEUDO_EXTENDED_MOUSE_BUTTONS.
 */
export class ClientMessageReader {
  readonly #queue: ByteQueue;
  readonly #contents: Contents;
  #skipped: SkippedContents | undefined;
  readonly #portions: ClientPortions;
  #mayUsePortions = false;
  #dialect: Dialect = 'standard';

  /**
   * The reader takes over `queue`, which may hold bytes that arrived behind the handshake. While `usesContents` returns
   * false, clipboards and relay data are returned empty, and their contents are dropped as they arrive. `mayKeep` says
   * whether a clipboard of so many bytes may wait here until it is whole; it is asked anew whenever more bytes arrive.
   * One in portions may wait beside another one.
   */
  constructor(
    queue: ByteQueue = new ByteQueue(),
    usesContents: () => boolean = () => true,
    mayKeep: (bytes: number, isInPortions: boolean) => boolean = () => true,
  ) {
    this.#queue = queue;
    this.#contents = createContents(usesContents, mayKeep, false, (skipped) => {
      this.#skipped = skipped;
    });
    this.#portions = new ClientPortions((skip) => createContents(usesContents, mayKeep, true, skip));
  }

  get dialect(): Dialect {
    return this.#dialect;
  }

  /** Whether a part of a clipboard in portions is kept here. */
  get keepsPortions(): boolean {
    return this.#portions.keepsBytes;
  }

  /** Copies `bytes`. The caller keeps its buffer. */
  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  next(): ClientMessage | undefined {
    // What the viewer may no longer send is dropped.
    const dropped = this.keepsPortions && !this.#contents.isUsed ? this.#readPortions() : undefined;
    if (dropped) return dropped;
    if (this.#skipped) {
      if (!this.#skipped.skip(this.#queue)) return undefined;
      this.#skipped = undefined;
    }
    if (this.#queue.length === 0) return undefined;
    const type = this.#queue.peekU8(0);
    if (type === wire.CLIENT_PORTION && this.#mayUsePortions) {
      if (!this.#portions.take(this.#queue)) return undefined;
      // Each portion counts as a message, so that many of them do not take one turn. This one asks for nothing.
      return this.#readPortions() ?? { type: 'keepAlive' };
    }
    const parse = PARSERS[type];
    if (!parse) throw new RfbError('RFB_UNKNOWN_MESSAGE', `${type}`);
    const message = parse(this.#queue, this.#dialect, this.#contents);
    if (message) this.#learnFrom(message);
    return message;
  }

  #readPortions(): ClientMessage | undefined {
    return this.#portions.read((type, queue, contents) => PARSERS[type]?.(queue, this.#dialect, contents));
  }

  #learnFrom(message: ClientMessage): void {
    if (message.type === 'videoCodecs') this.#dialect = 'kasm';
    if (message.type !== 'setEncodings') return;
    // Portions that are under way when a viewer changes its list are still read.
    this.#mayUsePortions ||= message.encodings.includes(wire.PSEUDO_PORTIONS);
    if (this.#dialect === 'kasm') return;
    const dialect = dialectOf(message.encodings);
    // A viewer that was told of the extended buttons may send them for ever.
    if (dialect !== 'standard') this.#dialect = dialect;
  }
}

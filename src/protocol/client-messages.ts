import { ByteQueue } from './byte-queue.ts';
import * as wire from './constants.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { RfbError } from './errors.ts';
import { PIXEL_FORMAT_BYTES, type PixelFormat, parsePixelFormat } from './pixel-format.ts';
import { readScreens, SCREEN_BYTES, type Screen } from './screens.ts';
import { decodeLatin1, decodeUtf8 } from './text.ts';

export interface ClipboardItem {
  readonly mime: string;
  readonly data: Uint8Array;
}

/** Everything a viewer can say, in either dialect. Byte arrays are copies, the receiver's own. */
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
  /** `keycode`: the XT scancode as QEMU's message carries it (see evdevFromXt), 0 for a plain KeyEvent. */
  | { readonly type: 'key'; readonly keysym: number; readonly down: boolean; readonly keycode: number }
  | {
      readonly type: 'pointer';
      readonly buttonMask: number;
      readonly x: number;
      readonly y: number;
      /** Wheel, 0 in the standard dialect, which has buttons for it. */
      readonly scrollX: number;
      readonly scrollY: number;
    }
  | { readonly type: 'clientCutText'; readonly text: string }
  /** `flags`: formats and one action, CLIPBOARD_…; `data`: what follows them. */
  | { readonly type: 'extendedClipboard'; readonly flags: number; readonly data: Uint8Array }
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
   * The answer to 179: the whole update, and the rendering in it. KasmVNC's page counts in milliseconds; a viewer
   * that lists PSEUDO_DESKWIRE in microseconds, since a frame takes few milliseconds.
   */
  | { readonly type: 'frameStats'; readonly totalTime: number; readonly renderTime: number }
  | { readonly type: 'binaryClipboard'; readonly items: readonly ClipboardItem[] }
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

/** Four times what the longest known list has; the field could say 65535. */
const MAX_ENCODINGS = 1024;
/** Plain cut text: text a person copied, not a file. */
const MAX_CUT_TEXT_BYTES = 1 << 20;
/** Extended clipboard, still compressed. */
const MAX_EXTENDED_CLIPBOARD_BYTES = 20 << 20;
/** All of one binary clipboard: pictures come this way. */
const MAX_BINARY_CLIPBOARD_BYTES = 20 << 20;
/** The longest of all messages: what stands before an extended clipboard is longer. */
export const MAX_CLIENT_MESSAGE_BYTES =
  8 + Math.max(MAX_EXTENDED_CLIPBOARD_BYTES, MAX_BINARY_CLIPBOARD_BYTES);
/** A relay's data is dropped, but has to be read past. */
const MAX_RELAY_BYTES = 1 << 20;
/** rfbproto, "ClientFence": a payload has at most 64 bytes. */
const MAX_FENCE_BYTES = 64;

/** Takes one whole message off the queue, or returns undefined and takes nothing where bytes are missing. */
type Parser = (queue: ByteQueue, dialect: Dialect) => ClientMessage | undefined;

/** A parser for a message that always has `size` bytes. */
function fixed(size: number, read: (queue: ByteQueue) => ClientMessage): Parser {
  return (queue) => {
    if (queue.length < size) return undefined;
    const message = read(queue);
    queue.skip(size);
    return message;
  };
}

function checkLimit(what: string, length: number, limit: number): void {
  if (length > limit) throw new RfbError('RFB_MESSAGE_TOO_LARGE', `${what}: ${length}, at most ${limit}.`);
}

const standardPointer = fixed(6, (q) => ({
  type: 'pointer',
  buttonMask: q.peekU8(1),
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

  [wire.CLIENT_POINTER_EVENT]: (queue, dialect) =>
    dialect === 'kasm' ? kasmPointer(queue, dialect) : standardPointer(queue, dialect),

  [wire.CLIENT_CUT_TEXT]: (queue) => {
    if (queue.length < 8) return undefined;
    const length = queue.peekS32(4);
    return length < 0 ? readExtendedClipboard(queue, -length) : readCutText(queue, length);
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

  [wire.CLIENT_BINARY_CLIPBOARD]: readBinaryClipboard,

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

  [wire.CLIENT_RELAY_DATA]: (queue) => {
    if (queue.length < 2) return undefined;
    const nameLength = queue.peekU8(1);
    if (queue.length < 6 + nameLength) return undefined;
    const length = queue.peekU32(2 + nameLength);
    checkLimit('Relay data', length, MAX_RELAY_BYTES);
    if (queue.length < 6 + nameLength + length) return undefined;
    queue.skip(2);
    const name = decodeUtf8(queue.take(nameLength));
    queue.skip(4);
    return { type: 'relayData', name, data: queue.take(length) };
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

  [wire.CLIENT_QEMU]: (queue, dialect) => {
    if (queue.length < 2) return undefined;
    const subtype = queue.peekU8(1);
    if (subtype !== wire.QEMU_EXTENDED_KEY) throw new RfbError('RFB_UNKNOWN_MESSAGE', `255/${subtype}`);
    return qemuKey(queue, dialect);
  },
};

/** `count` s32 from `offset` on, which end the message. */
function readNumbers(queue: ByteQueue, offset: number, count: number): number[] | undefined {
  const size = offset + count * 4;
  if (queue.length < size) return undefined;
  const numbers = Array.from({ length: count }, (_, i) => queue.peekS32(offset + i * 4));
  queue.skip(size);
  return numbers;
}

function readCutText(queue: ByteQueue, length: number): ClientMessage | undefined {
  checkLimit('Cut text', length, MAX_CUT_TEXT_BYTES);
  if (queue.length < 8 + length) return undefined;
  queue.skip(8);
  return { type: 'clientCutText', text: decodeLatin1(queue.take(length)) };
}

/** rfbproto, "Extended Clipboard Pseudo-Encoding": a negative length, and flags as the first of its bytes. */
function readExtendedClipboard(queue: ByteQueue, length: number): ClientMessage | undefined {
  if (length < 4) throw new RfbError('RFB_MALFORMED', 'An extended clipboard message without flags.');
  checkLimit('Extended clipboard', length, MAX_EXTENDED_CLIPBOARD_BYTES);
  if (queue.length < 8 + length) return undefined;
  const flags = queue.peekU32(8);
  queue.skip(12);
  return { type: 'extendedClipboard', flags, data: queue.take(length - 4) };
}

function readBinaryClipboard(queue: ByteQueue): ClientMessage | undefined {
  if (queue.length < 2) return undefined;
  const count = queue.peekU8(1);
  // First a look at the lengths alone: the items are copied once, when all of them are there.
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

/**
 * What a viewer says, message by message, from bytes in any portions. `next` returns undefined where it needs
 * more; it throws an RfbError for a peer that breaks the protocol, and is then of no further use.
 *
 * The dialect is settled as the messages are read, so that a PointerEvent right behind a SetEncodings in one
 * portion is read as that list says. It turns to 'kasm' on a SetEncodings with a KasmVNC pseudo-encoding or
 * PSEUDO_DESKWIRE, or on a 184, and stays so.
 */
export class ClientMessageReader {
  readonly #queue: ByteQueue;
  #dialect: Dialect = 'standard';

  /** `queue`: bytes that came in already, such as behind the handshake; the reader takes it over. */
  constructor(queue: ByteQueue = new ByteQueue()) {
    this.#queue = queue;
  }

  get dialect(): Dialect {
    return this.#dialect;
  }

  /** Copies `bytes`; the caller keeps its buffer. */
  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  next(): ClientMessage | undefined {
    if (this.#queue.length === 0) return undefined;
    const type = this.#queue.peekU8(0);
    const parse = PARSERS[type];
    if (!parse) throw new RfbError('RFB_UNKNOWN_MESSAGE', `${type}`);
    const message = parse(this.#queue, this.#dialect);
    if (message) this.#learnFrom(message);
    return message;
  }

  #learnFrom(message: ClientMessage): void {
    if (message.type === 'videoCodecs') this.#dialect = 'kasm';
    if (message.type === 'setEncodings' && dialectOf(message.encodings) === 'kasm') this.#dialect = 'kasm';
  }
}

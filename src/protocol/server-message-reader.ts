import { ByteQueue } from './byte-queue.ts';
import * as wire from './constants.ts';
import { RfbError } from './errors.ts';
import { LongMessage } from './long-message.ts';
import type { PixelFormat } from './pixel-format.ts';
import { RECT_HEADER_BYTES } from './rect-header.ts';
import { type RectBody, readRectBody } from './rect-reader.ts';
import type { ServerClipboardItem, VideoCodec } from './server-messages.ts';
import { decodeLatin1, decodeUtf8 } from './text.ts';

/** One complete rect of an update. */
export interface ServerRect {
  readonly type: 'rect';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly encoding: number;
  readonly body: RectBody;
}

/**
 * A message from a server. An update is reported as updateStart, its rects one by one as soon as each is complete,
 * and updateEnd. `rects` is RECTS_UNTIL_LAST if the server did not know their number; LastRect is reported as
 * updateEnd.
 */
export type ServerMessage =
  | { readonly type: 'updateStart'; readonly rects: number }
  | ServerRect
  | { readonly type: 'updateEnd' }
  | { readonly type: 'bell' }
  | { readonly type: 'cutText'; readonly text: string }
  | { readonly type: 'extendedClipboard'; readonly flags: number; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly type: 'endOfContinuousUpdates' }
  | { readonly type: 'fence'; readonly flags: number; readonly payload: Uint8Array<ArrayBuffer> }
  | { readonly type: 'bottleneckStats'; readonly text: string }
  | { readonly type: 'reportFrameStats' }
  | { readonly type: 'binaryClipboard'; readonly items: readonly ServerClipboardItem[] }
  | { readonly type: 'videoCodecs'; readonly codecs: readonly VideoCodec[] }
  | { readonly type: 'latencyAnswer'; readonly id: number }
  | { readonly type: 'networkStats'; readonly text: string }
  | { readonly type: 'systemStats'; readonly text: string }
  | { readonly type: 'disconnect'; readonly graceful: boolean; readonly reason: string }
  | { readonly type: 'userJoined'; readonly name: string }
  | { readonly type: 'userLeft'; readonly name: string }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'rights'; readonly read: boolean; readonly write: boolean; readonly owner: boolean };

/**
 * Unread bytes at most. A Raw rect of 8192×4320 at 32 bits per pixel is 135 MiB; the queue holds one and what came
 * with it.
 */
const MAX_UNREAD_BYTES = 256 << 20;
/** Longest clipboard content in any form, in bytes. */
const MAX_CLIPBOARD_BYTES = 32 << 20;
/** Longest statistics, name or reason, in bytes. */
const MAX_TEXT_BYTES = 1 << 20;

/** Takes one complete message off the queue. If bytes are missing, it returns undefined and takes nothing. */
type Parser = (queue: ByteQueue) => ServerMessage | undefined;

function fixed(size: number, read: (queue: ByteQueue) => ServerMessage): Parser {
  return (queue) => {
    if (queue.length < size) return undefined;
    const message = read(queue);
    queue.skip(size);
    return message;
  };
}

/** Creates a parser of a message that ends with a u32 length at `lengthAt` and a text. */
function withText(lengthAt: number, read: (text: string, queue: ByteQueue) => ServerMessage): Parser {
  return (queue) => {
    if (queue.length < lengthAt + 4) return undefined;
    const length = queue.peekU32(lengthAt);
    checkLimit('Text', length, MAX_TEXT_BYTES);
    if (queue.length < lengthAt + 4 + length) return undefined;
    const message = read(decodeUtf8(queue.peekBytes(lengthAt + 4, length)), queue);
    queue.skip(lengthAt + 4 + length);
    return message;
  };
}

function checkLimit(what: string, length: number, limit: number): void {
  if (length > limit) throw new RfbError('RFB_MESSAGE_TOO_LARGE', `${what}: ${length}, at most ${limit}.`);
}

const PARSERS: Readonly<Record<number, Parser>> = {
  [wire.SERVER_UPDATE]: fixed(4, (q) => ({ type: 'updateStart', rects: q.peekU16(2) })),
  [wire.SERVER_COLOUR_MAP]: () => {
    throw new RfbError('RFB_COLOUR_MAP');
  },
  [wire.SERVER_BELL]: fixed(1, () => ({ type: 'bell' })),
  [wire.SERVER_CUT_TEXT]: readCutText,
  [wire.SERVER_END_OF_CONTINUOUS_UPDATES]: fixed(1, () => ({ type: 'endOfContinuousUpdates' })),
  [wire.SERVER_FENCE]: (queue) => {
    if (queue.length < 9) return undefined;
    const flags = queue.peekU32(4);
    const length = queue.peekU8(8);
    if (queue.length < 9 + length) return undefined;
    queue.skip(9);
    return { type: 'fence', flags, payload: queue.take(length) };
  },
  [wire.SERVER_BOTTLENECK_STATS]: withText(4, (text) => ({ type: 'bottleneckStats', text })),
  [wire.SERVER_REPORT_FRAME_STATS]: fixed(1, () => ({ type: 'reportFrameStats' })),
  [wire.SERVER_BINARY_CLIPBOARD]: readBinaryClipboard,
  [wire.SERVER_VIDEO_CODECS]: readVideoCodecs,
  [wire.SERVER_DISCONNECT]: withText(5, (reason, q) => ({
    type: 'disconnect',
    graceful: q.peekU8(1) !== 0,
    reason,
  })),
  [wire.SERVER_LATENCY_ANSWER]: fixed(8, (q) => ({ type: 'latencyAnswer', id: q.peekU32(4) })),
  [wire.SERVER_NETWORK_STATS]: withText(4, (text) => ({ type: 'networkStats', text })),
  [wire.SERVER_SYSTEM_STATS]: withText(4, (text) => ({ type: 'systemStats', text })),
  [wire.SERVER_USER_JOINED]: withText(1, (name) => ({ type: 'userJoined', name })),
  [wire.SERVER_USER_LEFT]: withText(1, (name) => ({ type: 'userLeft', name })),
  [wire.SERVER_NOTICE]: withText(4, (text) => ({ type: 'notice', text })),
  [wire.SERVER_RIGHTS]: fixed(2, (q) => ({
    type: 'rights',
    read: (q.peekU8(1) & wire.RIGHT_READ) !== 0,
    write: (q.peekU8(1) & wire.RIGHT_WRITE) !== 0,
    owner: (q.peekU8(1) & wire.RIGHT_OWNER) !== 0,
  })),
};

function parserOf(type: number): Parser {
  const parse = PARSERS[type];
  if (!parse) throw new RfbError('RFB_UNKNOWN_MESSAGE', `${type}`);
  return parse;
}

/** Messages that may come in portions. */
function parserOfLong(type: number): Parser {
  if (type !== wire.SERVER_CUT_TEXT && type !== wire.SERVER_BINARY_CLIPBOARD)
    throw new RfbError('RFB_UNKNOWN_MESSAGE', `${type}, in portions`);
  return parserOf(type);
}

function readCutText(queue: ByteQueue): ServerMessage | undefined {
  if (queue.length < 8) return undefined;
  const signed = queue.peekS32(4);
  const length = Math.abs(signed);
  checkLimit('Cut text', length, MAX_CLIPBOARD_BYTES);
  if (signed < 0 && length < 4) throw new RfbError('RFB_MALFORMED', 'Extended clipboard without flags.');
  if (queue.length < 8 + length) return undefined;
  queue.skip(8);
  if (signed >= 0) return { type: 'cutText', text: decodeLatin1(queue.take(length)) };
  const flags = queue.peekU32(0);
  queue.skip(4);
  return { type: 'extendedClipboard', flags, data: queue.take(length - 4) };
}

function readBinaryClipboard(queue: ByteQueue): ServerMessage | undefined {
  if (queue.length < 2) return undefined;
  const count = queue.peekU8(1);
  let size = 2;
  for (let i = 0; i < count; i++) {
    if (queue.length < size + 5) return undefined;
    const lengthAt = size + 5 + queue.peekU8(size + 4);
    if (queue.length < lengthAt + 4) return undefined;
    size = lengthAt + 4 + queue.peekU32(lengthAt);
    checkLimit('Binary clipboard', size, MAX_CLIPBOARD_BYTES);
  }
  if (queue.length < size) return undefined;
  queue.skip(2);
  const items: ServerClipboardItem[] = [];
  for (let i = 0; i < count; i++) {
    const id = queue.peekU32(0);
    const mimeLength = queue.peekU8(4);
    const mime = decodeUtf8(queue.peekBytes(5, mimeLength));
    const length = queue.peekU32(5 + mimeLength);
    queue.skip(9 + mimeLength);
    items.push({ id, mime, data: queue.take(length) });
  }
  return { type: 'binaryClipboard', items };
}

function readVideoCodecs(queue: ByteQueue): ServerMessage | undefined {
  if (queue.length < 2) return undefined;
  const count = queue.peekU8(1);
  const codecs: VideoCodec[] = [];
  let at = 2;
  for (let i = 0; i < count; i++) {
    if (queue.length < at + 13) return undefined;
    const presetCount = queue.peekU8(at + 12);
    const presetsAt = at + 13;
    if (queue.length < presetsAt + presetCount * 4) return undefined;
    codecs.push({
      mode: queue.peekS32(at),
      minQuality: queue.peekS32(at + 4),
      maxQuality: queue.peekS32(at + 8),
      presets: Array.from({ length: presetCount }, (_, j) => queue.peekS32(presetsAt + j * 4)),
    });
    at = presetsAt + presetCount * 4;
  }
  queue.skip(at);
  return { type: 'videoCodecs', codecs };
}

/**
 * Reads a server's messages, for viewers: Deskwire's page, tests and benches. `next` returns undefined if it needs
 * more bytes, and throws an RfbError if the server breaks the protocol. Byte arrays are copies, which the receiver
 * owns.
 */
export class ServerMessageReader {
  readonly #queue: ByteQueue;
  readonly #format: PixelFormat;
  /** Rects of the current update that are still to come. Undefined between updates. */
  #rectsLeft: number | undefined;
  /** The message that is arriving in portions. */
  readonly #long = new LongMessage(MAX_CLIPBOARD_BYTES);

  /**
   * `format` is the viewer's pixel format, or ServerInit's. The reader takes over `queue`, which may hold bytes
   * that arrived behind the handshake.
   */
  constructor(options: { readonly format: PixelFormat; readonly queue?: ByteQueue }) {
    this.#format = options.format;
    this.#queue = new ByteQueue(MAX_UNREAD_BYTES);
    if (options.queue) this.#queue.push(options.queue.take());
  }

  /** Copies `bytes`. The caller keeps its buffer. */
  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  next(): ServerMessage | undefined {
    if (this.#rectsLeft !== undefined) return this.#nextRect(this.#rectsLeft);
    while (this.#queue.length > 0 && this.#queue.peekU8(0) === wire.SERVER_PORTION) {
      if (!this.#long.takePortion(this.#queue)) return undefined;
      if (this.#long.isWhole) return this.#long.read(parserOfLong);
    }
    if (this.#queue.length === 0) return undefined;
    const message = parserOf(this.#queue.peekU8(0))(this.#queue);
    if (message?.type === 'updateStart') {
      this.#rectsLeft = message.rects === wire.RECTS_UNTIL_LAST ? Number.POSITIVE_INFINITY : message.rects;
    }
    return message;
  }

  #nextRect(left: number): ServerMessage | undefined {
    if (left === 0) return this.#endUpdate();
    const queue = this.#queue;
    if (queue.length < RECT_HEADER_BYTES) return undefined;
    const x = queue.peekU16(0);
    const y = queue.peekU16(2);
    const width = queue.peekU16(4);
    const height = queue.peekU16(6);
    const encoding = queue.peekS32(8);
    if (encoding === wire.PSEUDO_LAST_RECT) {
      queue.skip(RECT_HEADER_BYTES);
      return this.#endUpdate();
    }
    const body = readRectBody(queue, { x, y, width, height }, encoding, this.#format);
    if (!body) return undefined;
    this.#rectsLeft = left - 1;
    return { type: 'rect', x, y, width, height, encoding, body };
  }

  #endUpdate(): ServerMessage {
    this.#rectsLeft = undefined;
    return { type: 'updateEnd' };
  }
}

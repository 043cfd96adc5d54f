import { ByteWriter } from './byte-writer.ts';
import * as wire from './constants.ts';
import { clipboardCapsData } from './extended-clipboard.ts';
import { RECT_HEADER_BYTES, rectHeader } from './rect-header.ts';
import { SCREEN_BYTES, type Screen, writeScreens } from './screens.ts';
import { encodeLatin1, encodeUtf8 } from './text.ts';

// Every message from the server except pixels, ready to send. Each call returns a new buffer.

type Bytes = Uint8Array<ArrayBuffer>;

/** Start of a FramebufferUpdate. If `rects` is RECTS_UNTIL_LAST, a lastRect must end the update. */
export const updateHeader = (rects: number): Bytes =>
  new ByteWriter(4).u8(wire.SERVER_UPDATE).pad(1).u16(rects).done();

/** Ends an update of RECTS_UNTIL_LAST rects. */
export const lastRect = (): Bytes => rectHeader(0, 0, 0, 0, wire.PSEUDO_LAST_RECT);

/** A complete CopyRect: copies what is at (srcX, srcY) to (x, y). */
export const copyRect = (
  x: number,
  y: number,
  width: number,
  height: number,
  srcX: number,
  srcY: number,
): Bytes =>
  new ByteWriter(RECT_HEADER_BYTES + 4)
    .bytes(rectHeader(x, y, width, height, wire.ENCODING_COPY_RECT))
    .u16(srcX)
    .u16(srcY)
    .done();

/** Announces a new size to viewers without ExtendedDesktopSize. It must be the last rect of its update. */
export const desktopSizeRect = (width: number, height: number): Bytes =>
  rectHeader(0, 0, width, height, wire.PSEUDO_DESKTOP_SIZE);

/** `reason` is one of RESIZE_REASON_…, `status` one of RESIZE_…. With a refusal, the size is the unchanged one. */
export function extendedDesktopSizeRect(
  reason: number,
  status: number,
  width: number,
  height: number,
  screens: readonly Screen[],
): Bytes {
  const writer = new ByteWriter(RECT_HEADER_BYTES + 4 + screens.length * SCREEN_BYTES)
    .bytes(rectHeader(reason, status, width, height, wire.PSEUDO_EXTENDED_DESKTOP_SIZE))
    .u8(screens.length)
    .pad(3);
  return writeScreens(writer, screens).done();
}

export function desktopNameRect(name: string): Bytes {
  const text = encodeUtf8(name);
  return new ByteWriter(RECT_HEADER_BYTES + 4 + text.length)
    .bytes(rectHeader(0, 0, 0, 0, wire.PSEUDO_DESKTOP_NAME))
    .u32(text.length)
    .bytes(text)
    .done();
}

/** Announces support for QEMU's extended key event. The rect has no body. */
export const qemuKeyRect = (): Bytes => rectHeader(0, 0, 0, 0, wire.PSEUDO_QEMU_KEY);

/** Announces that PointerEvents may have buttons 8 and 9. The rect has no body. */
export const extendedMouseButtonsRect = (): Bytes =>
  rectHeader(0, 0, 0, 0, wire.PSEUDO_EXTENDED_MOUSE_BUTTONS);

/** The first one after a viewer listed ContinuousUpdates announces that the server supports them. */
export const endOfContinuousUpdates = (): Bytes => Uint8Array.of(wire.SERVER_END_OF_CONTINUOUS_UPDATES);

/** `flags` are FENCE_…. `payload` has at most 64 bytes, which the viewer returns unchanged. */
export const fence = (flags: number, payload: Uint8Array): Bytes =>
  new ByteWriter(9 + payload.length)
    .u8(wire.SERVER_FENCE)
    .pad(3)
    .u32(flags)
    .u8(payload.length)
    .bytes(payload)
    .done();

export const bell = (): Bytes => Uint8Array.of(wire.SERVER_BELL);

/**
 * Text in Latin-1, with "?" for other characters. Viewers with the extended clipboard get the whole text in that
 * way.
 */
export const cutText = (text: string): Bytes => cutTextOfLatin1(encodeLatin1(text));

/** Text that is in Latin-1 already. */
export function cutTextOfLatin1(latin1: Uint8Array): Bytes {
  return new ByteWriter(8 + latin1.length)
    .u8(wire.SERVER_CUT_TEXT)
    .pad(3)
    .s32(latin1.length)
    .bytes(latin1)
    .done();
}

/** An extended clipboard message. `flags` are formats and an action, `data` is what that action needs. */
function extendedClipboard(flags: number, data: Uint8Array): Bytes {
  return new ByteWriter(12 + data.length)
    .u8(wire.SERVER_CUT_TEXT)
    .pad(3)
    .s32(-(4 + data.length))
    .u32(flags)
    .bytes(data)
    .done();
}

/**
 * Announces the supported actions, and that the viewer may provide text and HTML of up to `maxBytes` each without a
 * request.
 */
export const extendedClipboardCaps = (maxBytes: number): Bytes =>
  extendedClipboard(
    wire.CLIPBOARD_TEXT |
      wire.CLIPBOARD_HTML |
      wire.CLIPBOARD_CAPS |
      wire.CLIPBOARD_REQUEST |
      wire.CLIPBOARD_PEEK |
      wire.CLIPBOARD_NOTIFY |
      wire.CLIPBOARD_PROVIDE,
    clipboardCapsData([maxBytes, maxBytes]),
  );

/** Reports the formats of the clipboard's content; none if it is empty. */
export const extendedClipboardNotify = (formats: number): Bytes =>
  extendedClipboard(wire.CLIPBOARD_NOTIFY | formats, new Uint8Array(0));

/** Requests formats of the content that a viewer announced. */
export const extendedClipboardRequest = (formats: number): Bytes =>
  extendedClipboard(wire.CLIPBOARD_REQUEST | formats, new Uint8Array(0));

/** Asks a viewer which formats it has. It answers with a notify. */
export const extendedClipboardPeek = (): Bytes => extendedClipboard(wire.CLIPBOARD_PEEK, new Uint8Array(0));

/**
 * Provides a content. `data` is one zlib stream of each format in `formats`, lowest bit first, with its length before
 * it: for text, as UTF-8 with CRLF line ends and a final zero.
 */
export const extendedClipboardProvide = (formats: number, data: Uint8Array): Bytes =>
  extendedClipboard(wire.CLIPBOARD_PROVIDE | formats, data);

/** `text` is `[ cpu, cpuAverage, network, networkAverage ]`. */
export const bottleneckStats = (text: string): Bytes => paddedText(wire.SERVER_BOTTLENECK_STATS, text);

/** Asks the viewer to time the next update and to answer with its frame stats. */
export const reportFrameStats = (): Bytes => Uint8Array.of(wire.SERVER_REPORT_FRAME_STATS);

export interface ServerClipboardItem {
  readonly id: number;
  readonly mime: string;
  readonly data: Uint8Array;
}

/** Clipboard contents of several types at once, for KasmVNC's page. */
export function binaryClipboard(items: readonly ServerClipboardItem[]): Bytes {
  const parts = items.map(({ id, mime, data }) => ({ id, mime: encodeUtf8(mime), data }));
  const size = parts.reduce((sum, { mime, data }) => sum + 9 + mime.length + data.length, 2);
  const writer = new ByteWriter(size).u8(wire.SERVER_BINARY_CLIPBOARD).u8(parts.length);
  for (const { id, mime, data } of parts) {
    writer.u32(id).u8(mime.length).bytes(mime).u32(data.length).bytes(data);
  }
  return writer.done();
}

export interface VideoCodec {
  /** Pseudo-encoding of a streaming mode. */
  readonly mode: number;
  readonly minQuality: number;
  readonly maxQuality: number;
  readonly presets: readonly number[];
}

/** Lists the streaming modes to choose from. PSEUDO_STREAMING_JPEG_WEBP is the one without a codec. */
export function videoCodecs(codecs: readonly VideoCodec[]): Bytes {
  const size = codecs.reduce((sum, { presets }) => sum + 13 + presets.length * 4, 2);
  const writer = new ByteWriter(size).u8(wire.SERVER_VIDEO_CODECS).u8(codecs.length);
  for (const { mode, minQuality, maxQuality, presets } of codecs) {
    writer.s32(mode).s32(minQuality).s32(maxQuality).u8(presets.length);
    for (const preset of presets) writer.s32(preset);
  }
  return writer.done();
}

/** Answers a latencyProbe with the same `id`. Sent after the next update. */
export const latencyAnswer = (id: number): Bytes =>
  new ByteWriter(8).u8(wire.SERVER_LATENCY_ANSWER).pad(3).u32(id).done();

/** `text` is `[jitter, ping, bandwidth]`. */
export const networkStats = (text: string): Bytes => paddedText(wire.SERVER_NETWORK_STATS, text);

/** `text` is JSON. */
export const systemStats = (text: string): Bytes => paddedText(wire.SERVER_SYSTEM_STATS, text);

/**
 * The last message to a viewer that listed PSEUDO_DISCONNECT_NOTICE. KasmVNC's page connects again by itself only if
 * the end was not `graceful`.
 */
export function disconnect(graceful: boolean, reason: string): Bytes {
  const text = encodeUtf8(reason);
  return new ByteWriter(9 + text.length)
    .u8(wire.SERVER_DISCONNECT)
    .u8(graceful ? 1 : 0)
    .pad(3)
    .u32(text.length)
    .bytes(text)
    .done();
}

export const userJoined = (name: string): Bytes => plainText(wire.SERVER_USER_JOINED, name);

export const userLeft = (name: string): Bytes => plainText(wire.SERVER_USER_LEFT, name);

/** A sentence for the user, for viewers that listed PSEUDO_DESKWIRE. */
export const notice = (text: string): Bytes => paddedText(wire.SERVER_NOTICE, text);

/** What stands before so many bytes of a long message, for viewers that listed PSEUDO_PORTIONS. */
export const portionHeader = (flags: number, length: number): Bytes =>
  new ByteWriter(wire.PORTION_HEADER_BYTES).u8(wire.SERVER_PORTION).u8(flags).pad(2).u32(length).done();

/** The viewer's rights, for viewers that listed PSEUDO_DESKWIRE. */
export const rights = ({ read, write, owner }: ViewerRights): Bytes =>
  Uint8Array.of(
    wire.SERVER_RIGHTS,
    (read ? wire.RIGHT_READ : 0) | (write ? wire.RIGHT_WRITE : 0) | (owner ? wire.RIGHT_OWNER : 0),
  );

interface ViewerRights {
  readonly read: boolean;
  readonly write: boolean;
  readonly owner: boolean;
}

function paddedText(type: number, text: string): Bytes {
  const bytes = encodeUtf8(text);
  return new ByteWriter(8 + bytes.length).u8(type).pad(3).u32(bytes.length).bytes(bytes).done();
}

function plainText(type: number, text: string): Bytes {
  const bytes = encodeUtf8(text);
  return new ByteWriter(5 + bytes.length).u8(type).u32(bytes.length).bytes(bytes).done();
}

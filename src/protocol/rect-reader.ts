import type { ByteQueue } from './byte-queue.ts';
import * as wire from './constants.ts';
import { VMWARE_CURSOR_ALPHA } from './cursor.ts';
import { RfbError } from './errors.ts';
import { type ContinuedBody, type HextileBody, readContinuedRect, readHextileRect } from './older-rects.ts';
import { bytesPerPixel, type PixelFormat, tpixelSize } from './pixel-format.ts';
import { RECT_HEADER_BYTES } from './rect-header.ts';
import { readScreens, SCREEN_BYTES, type Screen } from './screens.ts';
import { decodeUtf8 } from './text.ts';
import * as tight from './tight.ts';
import { readZstdRect, type ZstdBody } from './zstd-rect.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Content of a Tight basic rect. Bit n of `resets` resets zlib stream n before this rect is decoded. */
export interface TightBasicBody {
  readonly kind: 'tightBasic';
  readonly resets: number;
  readonly streamId: number;
  readonly filter: tight.TightFilter;
  /** For 'palette': the colours as TPIXELs. */
  readonly palette: Bytes | undefined;
  /** Zlib data of `streamId`, or uncompressed bytes. */
  readonly data: Bytes;
  readonly compressed: boolean;
  readonly uncompressedLength: number;
}

/** Content of a rect by encoding. Byte arrays are copies, which the receiver owns. */
export type RectBody =
  /** Pixels in the viewer's format, rows packed. */
  | { readonly kind: 'raw'; readonly pixels: Bytes }
  | { readonly kind: 'copyRect'; readonly srcX: number; readonly srcY: number }
  | { readonly kind: 'tightFill'; readonly resets: number; readonly tpixel: Bytes }
  | { readonly kind: 'tightJpeg'; readonly resets: number; readonly data: Bytes }
  | { readonly kind: 'tightWebp'; readonly resets: number; readonly data: Bytes }
  | TightBasicBody
  | ZstdBody
  | ContinuedBody
  | HextileBody
  /** The rect's x, y are the hot spot of every cursor. Pixels in the viewer's format, then a bit mask. */
  | { readonly kind: 'cursor'; readonly pixels: Bytes; readonly mask: Bytes }
  /** RGBA, premultiplied. */
  | { readonly kind: 'cursorWithAlpha'; readonly pixels: Bytes }
  /** RGBA, not premultiplied. */
  | { readonly kind: 'vmwareCursor'; readonly pixels: Bytes }
  /** Pixels in the viewer's format to combine with the screen by AND and by XOR. */
  | { readonly kind: 'vmwareMaskCursor'; readonly and: Bytes; readonly xor: Bytes }
  /** The pointer's position is the rect's x, y. */
  | { readonly kind: 'cursorPosition' }
  /** The framebuffer's new size is the rect's width and height. */
  | { readonly kind: 'desktopSize' }
  | {
      readonly kind: 'extendedDesktopSize';
      readonly reason: number;
      readonly status: number;
      readonly screens: readonly Screen[];
    }
  | { readonly kind: 'desktopName'; readonly name: string }
  /** The server supports QEMU's extended key event. */
  | { readonly kind: 'qemuKey' }
  /** The server supports PointerEvents with buttons 8 and 9. */
  | { readonly kind: 'extendedMouseButtons' }
  /** Bits 0-2: scroll, num and caps lock. */
  | { readonly kind: 'led'; readonly state: number };

export interface RectGeometry {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Longest Raw rect, in bytes. One of 8192×4320 at 32 bits per pixel is 135 MiB. */
const MAX_RAW_BYTES = 160 << 20;
/** Largest cursor in pixels: 1024×1024, more than any pointer has. */
const MAX_CURSOR_PX = 1 << 20;
const MAX_NAME_BYTES = 64 << 10;

/** Offset of a body: its header is still in front of it in the queue. */
const BODY = RECT_HEADER_BYTES;

/**
 * Takes a rect with its header off the queue. The header must be complete. If bytes of the body are missing, it
 * returns undefined and takes nothing.
 */
export function readRectBody(
  queue: ByteQueue,
  rect: RectGeometry,
  encoding: number,
  format: PixelFormat,
): RectBody | undefined {
  const px = rect.width * rect.height;
  switch (encoding) {
    case wire.ENCODING_RAW:
      return taken(queue, checked('Raw', px * bytesPerPixel(format), MAX_RAW_BYTES), (pixels) => ({
        kind: 'raw',
        pixels,
      }));
    case wire.ENCODING_COPY_RECT:
      if (queue.length < BODY + 4) return undefined;
      return withoutBytes(queue, 4, {
        kind: 'copyRect',
        srcX: queue.peekU16(BODY),
        srcY: queue.peekU16(BODY + 2),
      });
    case wire.ENCODING_TIGHT:
      return readTight(queue, rect, format);
    case wire.ENCODING_HEXTILE:
      return readHextileRect(queue, rect, format);
    case wire.ENCODING_ZLIB:
      return readContinuedRect(queue, 'zlib');
    case wire.ENCODING_ZRLE:
      return readContinuedRect(queue, 'zrle');
    case wire.ENCODING_ZSTD:
      return readZstdRect(queue, rect, tpixelSize(format));
    case wire.PSEUDO_CURSOR:
      return readMaskedCursor(queue, rect, format);
    case wire.PSEUDO_CURSOR_WITH_ALPHA:
      return readCursorWithAlpha(queue, px);
    case wire.PSEUDO_VMWARE_CURSOR:
      return readVmwareCursor(queue, px, format);
    case wire.PSEUDO_VMWARE_CURSOR_POSITION:
      return withoutBytes(queue, 0, { kind: 'cursorPosition' });
    case wire.PSEUDO_DESKTOP_SIZE:
      return withoutBytes(queue, 0, { kind: 'desktopSize' });
    case wire.PSEUDO_EXTENDED_DESKTOP_SIZE:
      return readExtendedDesktopSize(queue, rect);
    case wire.PSEUDO_DESKTOP_NAME:
      return readDesktopName(queue);
    case wire.PSEUDO_QEMU_KEY:
      return withoutBytes(queue, 0, { kind: 'qemuKey' });
    case wire.PSEUDO_EXTENDED_MOUSE_BUTTONS:
      return withoutBytes(queue, 0, { kind: 'extendedMouseButtons' });
    case wire.PSEUDO_LED:
      if (queue.length < BODY + 1) return undefined;
      return withoutBytes(queue, 1, { kind: 'led', state: queue.peekU8(BODY) });
    default:
      throw new RfbError('RFB_UNKNOWN_ENCODING', `${encoding}`);
  }
}

function checked(what: string, length: number, limit: number): number {
  if (length > limit) throw new RfbError('RFB_MESSAGE_TOO_LARGE', `${what}: ${length}, at most ${limit}.`);
  return length;
}

/** Takes a body that is exactly `length` bytes. */
function taken(queue: ByteQueue, length: number, make: (bytes: Bytes) => RectBody): RectBody | undefined {
  if (queue.length < BODY + length) return undefined;
  queue.skip(BODY);
  return make(queue.take(length));
}

/** Drops a body of `length` bytes that were already read. */
function withoutBytes(queue: ByteQueue, length: number, body: RectBody): RectBody {
  queue.skip(BODY + length);
  return body;
}

function readTight(queue: ByteQueue, rect: RectGeometry, format: PixelFormat): RectBody | undefined {
  if (queue.length < BODY + 1) return undefined;
  const control = queue.peekU8(BODY);
  const resets = control & 0xf;
  const kind = control >> 4;
  switch (kind) {
    case tight.TIGHT_FILL: {
      const size = tpixelSize(format);
      if (queue.length < BODY + 1 + size) return undefined;
      queue.skip(BODY + 1);
      return { kind: 'tightFill', resets, tpixel: queue.take(size) };
    }
    case tight.TIGHT_JPEG:
    case tight.TIGHT_WEBP: {
      const data = takeCompact(queue, BODY + 1);
      return data && { kind: kind === tight.TIGHT_JPEG ? 'tightJpeg' : 'tightWebp', resets, data };
    }
    default:
      if (kind > 7) throw new RfbError('RFB_UNKNOWN_ENCODING', `Tight's control byte ${control}.`);
      return readTightBasic(queue, rect, format, control);
  }
}

function readTightBasic(
  queue: ByteQueue,
  rect: RectGeometry,
  format: PixelFormat,
  control: number,
): RectBody | undefined {
  const tpixelBytes = tpixelSize(format);
  let at = BODY + 1;
  let filter: tight.TightFilter = 'copy';
  let paletteAt = 0;
  let colours = 0;
  if ((control >> 4) & tight.TIGHT_EXPLICIT_FILTER) {
    if (queue.length < at + 1) return undefined;
    filter = filterOf(queue.peekU8(at++));
    if (filter === 'palette') {
      if (queue.length < at + 1) return undefined;
      colours = queue.peekU8(at++) + 1;
      paletteAt = at;
      at += colours * tpixelBytes;
      if (queue.length < at) return undefined;
    }
  }
  const uncompressedLength = tight.tightDataLength(rect.width, rect.height, filter, colours, tpixelBytes);
  const compressed = uncompressedLength >= tight.TIGHT_MIN_TO_COMPRESS;
  if (!compressed && queue.length < at + uncompressedLength) return undefined;

  const palette = filter === 'palette' ? queue.copyBytes(paletteAt, colours * tpixelBytes) : undefined;
  const data = compressed ? takeCompact(queue, at) : takeAfter(queue, at, uncompressedLength);
  if (!data) return undefined;
  return {
    kind: 'tightBasic',
    resets: control & 0xf,
    streamId: (control >> 4) & 3,
    filter,
    palette,
    data,
    compressed,
    uncompressedLength,
  };
}

function filterOf(id: number): tight.TightFilter {
  switch (id) {
    case tight.TIGHT_FILTER_COPY:
      return 'copy';
    case tight.TIGHT_FILTER_PALETTE:
      return 'palette';
    case tight.TIGHT_FILTER_GRADIENT:
      return 'gradient';
    default:
      throw new RfbError('RFB_MALFORMED', `Tight's filter ${id}.`);
  }
}

/** Takes data with a compact length before it at `at`. The rect ends with it. */
function takeCompact(queue: ByteQueue, at: number): Bytes | undefined {
  let length = 0;
  for (let i = 0; i < 3; i++) {
    if (queue.length < at + i + 1) return undefined;
    const byte = queue.peekU8(at + i);
    // The third byte has no continuation flag: all 8 bits count.
    if (i === 2 || byte < 0x80) {
      length |= byte << (7 * i);
      if (queue.length < at + i + 1 + length) return undefined;
      return takeAfter(queue, at + i + 1, length);
    }
    length |= (byte & 0x7f) << (7 * i);
  }
  return undefined;
}

function takeAfter(queue: ByteQueue, at: number, length: number): Bytes {
  queue.skip(at);
  return queue.take(length);
}

function readMaskedCursor(queue: ByteQueue, rect: RectGeometry, format: PixelFormat): RectBody | undefined {
  const px = checked('Cursor', rect.width * rect.height, MAX_CURSOR_PX);
  const pixelBytes = px * bytesPerPixel(format);
  const maskBytes = Math.ceil(rect.width / 8) * rect.height;
  return taken(queue, pixelBytes + maskBytes, (bytes) => ({
    kind: 'cursor',
    pixels: bytes.subarray(0, pixelBytes),
    mask: bytes.subarray(pixelBytes),
  }));
}

function readCursorWithAlpha(queue: ByteQueue, px: number): RectBody | undefined {
  checked('Cursor', px, MAX_CURSOR_PX);
  if (queue.length < BODY + 4) return undefined;
  const encoding = queue.peekS32(BODY);
  if (encoding !== wire.ENCODING_RAW) throw new RfbError('RFB_UNKNOWN_ENCODING', `A cursor in ${encoding}.`);
  if (queue.length < BODY + 4 + px * 4) return undefined;
  return { kind: 'cursorWithAlpha', pixels: takeAfter(queue, BODY + 4, px * 4) };
}

function readVmwareCursor(queue: ByteQueue, px: number, format: PixelFormat): RectBody | undefined {
  checked('Cursor', px, MAX_CURSOR_PX);
  if (queue.length < BODY + 2) return undefined;
  const type = queue.peekU8(BODY);
  if (type > VMWARE_CURSOR_ALPHA) throw new RfbError('RFB_MALFORMED', `VMware cursor type ${type}.`);
  const isAlpha = type === VMWARE_CURSOR_ALPHA;
  const size = isAlpha ? px * 4 : px * bytesPerPixel(format) * 2;
  if (queue.length < BODY + 2 + size) return undefined;
  const bytes = takeAfter(queue, BODY + 2, size);
  if (isAlpha) return { kind: 'vmwareCursor', pixels: bytes };
  return { kind: 'vmwareMaskCursor', and: bytes.subarray(0, size / 2), xor: bytes.subarray(size / 2) };
}

function readExtendedDesktopSize(queue: ByteQueue, rect: RectGeometry): RectBody | undefined {
  if (queue.length < BODY + 4) return undefined;
  const count = queue.peekU8(BODY);
  if (queue.length < BODY + 4 + count * SCREEN_BYTES) return undefined;
  return withoutBytes(queue, 4 + count * SCREEN_BYTES, {
    kind: 'extendedDesktopSize',
    reason: rect.x,
    status: rect.y,
    screens: readScreens(queue, BODY + 4, count),
  });
}

function readDesktopName(queue: ByteQueue): RectBody | undefined {
  if (queue.length < BODY + 4) return undefined;
  const length = checked('Desktop name', queue.peekU32(BODY), MAX_NAME_BYTES);
  if (queue.length < BODY + 4 + length) return undefined;
  return { kind: 'desktopName', name: decodeUtf8(takeAfter(queue, BODY + 4, length)) };
}

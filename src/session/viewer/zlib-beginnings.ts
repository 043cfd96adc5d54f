import { ENCODING_ZLIB, ENCODING_ZRLE } from '../../protocol/constants.ts';
import { ZLIB_HEADER, ZLIB_LENGTH_BYTES, zlibLength } from '../../protocol/older-rects.ts';
import { RECT_HEADER_BYTES } from '../../protocol/rect-header.ts';

/** Offset of the encoding in a rect's header. */
const ENCODING_AT = RECT_HEADER_BYTES - 4;

/**
 * Begins the zlib streams of one viewer. ZRLE and zlib have one stream each, which lasts as long as the connection.
 * Encoded rects hold blocks without the header of a stream, so that all viewers can share them: decision 34.
 */
export class ZlibBeginnings {
  readonly #begun = new Set<number>();

  /** Returns the rect as it is sent: the first one of each stream gets the header. Call it in the order of sending. */
  of(rect: Uint8Array): Uint8Array {
    const encoding = encodingOf(rect);
    const isContinued = encoding === ENCODING_ZRLE || encoding === ENCODING_ZLIB;
    if (!isContinued || this.#begun.has(encoding)) return rect;
    this.#begun.add(encoding);
    const data = rect.subarray(RECT_HEADER_BYTES + ZLIB_LENGTH_BYTES);
    const length = zlibLength(ZLIB_HEADER.length + data.length);
    return Buffer.concat([rect.subarray(0, RECT_HEADER_BYTES), length, ZLIB_HEADER, data]);
  }
}

/** The bytes may be in shared memory, so they are read one by one: a view would be an object for each rect. */
function encodingOf(rect: Uint8Array): number {
  let encoding = 0;
  for (let i = ENCODING_AT; i < RECT_HEADER_BYTES; i++) encoding = (encoding << 8) | rect[i]!;
  return encoding;
}

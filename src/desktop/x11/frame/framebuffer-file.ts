import { closeSync, openSync, readSync } from 'node:fs';
import type { Rect, Size } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL, type SharedFrame } from '../../../pixels/shared-frame.ts';

/** Bytes of an entry in the colour table after the header (XWDFile.h). */
const COLOUR_ENTRY_BYTES = 12;

/** Offsets of the fields that we use in an XWD header, big-endian with 32 bits each (XWDFile.h). */
const HEADER_SIZE_AT = 0;
const BYTES_PER_LINE_AT = 12 * 4;
const COLOUR_COUNT_AT = 19 * 4;
const HEADER_BYTES = 25 * 4;

/**
 * Reads Xvfb's framebuffer file: an XWD picture of the largest size, whose header and stride never change. After a
 * resize the desktop is its upper left part, and X knows the size.
 *
 * The X server draws into the file at any time. Only while it is grabbed is the picture consistent.
 */
export class FramebufferFile {
  readonly #fd: number;
  readonly #incoming: Uint8Array;
  readonly #pixelsAt: number;
  readonly #strideBytes: number;

  constructor(path: string, frame: SharedFrame) {
    this.#fd = openSync(path, 'r');
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(this.#fd, header, 0, HEADER_BYTES, 0);
    this.#pixelsAt =
      header.readUInt32BE(HEADER_SIZE_AT) + header.readUInt32BE(COLOUR_COUNT_AT) * COLOUR_ENTRY_BYTES;
    this.#strideBytes = header.readUInt32BE(BYTES_PER_LINE_AT);
    this.#incoming = new Uint8Array(frame.memory.buffer, frame.incomingAt, frame.shownAt - frame.incomingAt);
  }

  /** Copies `rects`, all inside `size`, to their places in an `incoming` of that size. */
  read(rects: readonly Rect[], size: Size): void {
    const strideBytes = size.width * BYTES_PER_PIXEL;
    for (const rect of rects) {
      const bytes = rect.width * BYTES_PER_PIXEL;
      let from = this.#pixelsAt + rect.y * this.#strideBytes + rect.x * BYTES_PER_PIXEL;
      let to = rect.y * strideBytes + rect.x * BYTES_PER_PIXEL;
      if (bytes === strideBytes && strideBytes === this.#strideBytes) {
        readSync(this.#fd, this.#incoming, to, bytes * rect.height, from);
        continue;
      }
      // A call takes 1-2 µs, less than reading the pixels next to the rect.
      for (let row = 0; row < rect.height; row++) {
        readSync(this.#fd, this.#incoming, to, bytes, from);
        from += this.#strideBytes;
        to += strideBytes;
      }
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

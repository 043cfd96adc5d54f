import { closeSync, openSync, readSync } from 'node:fs';
import { mapFile } from '../../../common/process-memory.ts';
import type { Rect, Size } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL, type SharedFrame } from '../../../pixels/shared-frame.ts';
import { readXwdHeader } from '../wire/xwd-header.ts';

/** Where threads find the framebuffer file. */
export interface FramebufferPlace {
  readonly path: string;
  /** The file as memory. Reading from there takes half as long as by calls. Undefined if it cannot be mapped. */
  readonly mapped: Uint8Array<SharedArrayBuffer> | undefined;
}

/**
 * Reads Xvfb's framebuffer file: an XWD picture of the largest size, whose header and stride never change. After a
 * resize the desktop is its upper left part, and X knows the size.
 *
 * The X server draws into the file at any time. Only while it is grabbed is the picture consistent.
 */
export class FramebufferFile {
  /** For other threads, which open it by `new FramebufferFile`. They end before this file is closed. */
  readonly place: FramebufferPlace;
  readonly #fd: number;
  readonly #mapped: Buffer | undefined;
  readonly #unmap: () => void;
  readonly #incoming: Buffer;
  readonly #shown: Buffer;
  readonly #pixelsAt: number;
  readonly #strideBytes: number;

  constructor(place: FramebufferPlace, frame: SharedFrame, unmap = () => {}) {
    this.place = place;
    this.#fd = openSync(place.path, 'r');
    const { pixelsAt, strideBytes } = readXwdHeader(this.#fd);
    this.#pixelsAt = pixelsAt;
    this.#strideBytes = strideBytes;
    const { mapped } = place;
    this.#mapped = mapped && Buffer.from(mapped.buffer, mapped.byteOffset, mapped.length);
    this.#unmap = unmap;
    const { buffer } = frame.memory;
    const bytes = frame.shownAt - frame.incomingAt;
    this.#incoming = Buffer.from(buffer, frame.incomingAt, bytes);
    this.#shown = Buffer.from(buffer, frame.shownAt, bytes);
  }

  /** Opens the file, and maps it for this thread and others. */
  static map(path: string, frame: SharedFrame): FramebufferFile {
    const fd = openSync(path, 'r');
    try {
      const file = mapFile(fd);
      return new FramebufferFile({ path, mapped: file?.bytes }, frame, file?.unmap);
    } finally {
      closeSync(fd);
    }
  }

  /** Copies `rects`, all inside `size`, to their places in that picture of the shared frame. */
  read(rects: readonly Rect[], size: Size, into: 'incoming' | 'shown' = 'incoming'): void {
    const picture = into === 'shown' ? this.#shown : this.#incoming;
    const strideBytes = size.width * BYTES_PER_PIXEL;
    for (const rect of rects) {
      const bytes = rect.width * BYTES_PER_PIXEL;
      let from = this.#pixelsAt + rect.y * this.#strideBytes + rect.x * BYTES_PER_PIXEL;
      let to = rect.y * strideBytes + rect.x * BYTES_PER_PIXEL;
      if (bytes === strideBytes && strideBytes === this.#strideBytes) {
        this.#copy(picture, to, bytes * rect.height, from);
        continue;
      }
      for (let row = 0; row < rect.height; row++) {
        this.#copy(picture, to, bytes, from);
        from += this.#strideBytes;
        to += strideBytes;
      }
    }
  }

  /** Ends the mapping if it is this object's. */
  close(): void {
    this.#unmap();
    closeSync(this.#fd);
  }

  #copy(picture: Buffer, to: number, bytes: number, from: number): void {
    if (this.#mapped) this.#mapped.copy(picture, to, from, from + bytes);
    else readSync(this.#fd, picture, to, bytes, from);
  }
}

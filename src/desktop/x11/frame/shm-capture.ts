import { randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, unlinkSync } from 'node:fs';
import type { Shm } from 'x11';
import { areaPx, type Rect, type Size } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL, type SharedFrame } from '../../../pixels/shared-frame.ts';
import { extension, type XConnection } from '../wire/connection.ts';
import type { PixelCopier } from './pixel-copier.ts';

const ALL_PLANES = 0xffffffff;
const Z_PIXMAP = 2;

/**
 * Copies pixels through shared memory. The X server writes into a file that we pass to it as a descriptor (MIT-SHM
 * 1.2), and we read the file. It has no name any more, so nothing is left of it when both processes have ended.
 */
export class ShmCapture implements PixelCopier {
  readonly #x: XConnection;
  readonly #shm: Shm;
  readonly #fd: number;
  readonly #segment: number;
  readonly #segmentBytes: number;
  readonly #incoming: Uint8Array;

  /** Rejects if the server or the connection can't pass descriptors. */
  static async open(x: XConnection, frame: SharedFrame): Promise<ShmCapture> {
    const shm = await extension<Shm>('MIT-SHM', (done) => x.client.require('shm', done));
    const bytes = areaPx(frame.maxSize) * BYTES_PER_PIXEL;
    const path = `/dev/shm/deskwire-${randomBytes(8).toString('hex')}`;
    const fd = openSync(path, 'wx+', 0o600);
    try {
      unlinkSync(path);
      ftruncateSync(fd, bytes);
      const segment = x.client.AllocID();
      await x.request((_, done) => shm.AttachFd(segment, fd, false, done));
      return new ShmCapture(x, shm, frame, fd, segment, bytes);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  constructor(
    x: XConnection,
    shm: Shm,
    frame: SharedFrame,
    fd: number,
    segment: number,
    segmentBytes: number,
  ) {
    this.#x = x;
    this.#shm = shm;
    this.#fd = fd;
    this.#segment = segment;
    this.#segmentBytes = segmentBytes;
    this.#incoming = new Uint8Array(frame.memory.buffer, frame.incomingAt, frame.shownAt - frame.incomingAt);
  }

  async read(rects: readonly Rect[], size: Size): Promise<void> {
    let at = 0;
    let batch: { rect: Rect; at: number; done: Promise<unknown> }[] = [];
    const finish = async (): Promise<void> => {
      const asked = batch;
      batch = [];
      at = 0;
      await Promise.all(asked.map(({ done }) => done));
      for (const { rect, at } of asked) this.#copy(rect, at, size);
    };
    // Requests for all rects are sent before the first answer. Rects may overlap, and be too large together.
    for (const rect of rects) {
      const bytes = areaPx(rect) * BYTES_PER_PIXEL;
      if (at + bytes > this.#segmentBytes) await finish();
      batch.push({ rect, at, done: this.#ask(rect, at) });
      at += bytes;
    }
    await finish();
  }

  #ask({ x, y, width, height }: Rect, at: number): Promise<unknown> {
    return this.#x.request<{ size: number }>((_, done) =>
      this.#shm.GetImage(this.#x.root, x, y, width, height, ALL_PLANES, Z_PIXMAP, this.#segment, at, done),
    );
  }

  /** Copies a rect from the segment, where its rows are packed. */
  #copy(rect: Rect, at: number, size: Size): void {
    const strideBytes = size.width * BYTES_PER_PIXEL;
    const bytes = rect.width * BYTES_PER_PIXEL;
    let to = rect.y * strideBytes + rect.x * BYTES_PER_PIXEL;
    if (bytes === strideBytes) {
      readSync(this.#fd, this.#incoming, to, bytes * rect.height, at);
      return;
    }
    for (let row = 0; row < rect.height; row++) {
      readSync(this.#fd, this.#incoming, to, bytes, at + row * bytes);
      to += strideBytes;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

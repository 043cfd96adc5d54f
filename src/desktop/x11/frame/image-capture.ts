import type { Rect, Size } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL, type SharedFrame } from '../../../pixels/shared-frame.ts';
import type { XConnection } from '../wire/connection.ts';
import type { PixelCopier } from './pixel-copier.ts';

const ALL_PLANES = 0xffffffff;
const Z_PIXMAP = 2;

/** Copies pixels through the connection, for X servers that can't share memory. 1080p takes 12 ms. */
export class ImageCapture implements PixelCopier {
  readonly #x: XConnection;
  readonly #incoming: Uint8Array;

  constructor(x: XConnection, frame: SharedFrame) {
    this.#x = x;
    this.#incoming = new Uint8Array(frame.memory.buffer, frame.incomingAt, frame.shownAt - frame.incomingAt);
  }

  async read(rects: readonly Rect[], size: Size): Promise<void> {
    const strideBytes = size.width * BYTES_PER_PIXEL;
    const ask = async (rect: Rect): Promise<void> => {
      const { x, y, width, height } = rect;
      const { data } = await this.#x.request<{ data: Buffer }>((client, done) =>
        client.GetImage(Z_PIXMAP, this.#x.root, x, y, width, height, ALL_PLANES, done),
      );
      const bytes = width * BYTES_PER_PIXEL;
      for (let row = 0; row < height; row++) {
        const part = data.subarray(row * bytes, (row + 1) * bytes);
        this.#incoming.set(part, (y + row) * strideBytes + x * BYTES_PER_PIXEL);
      }
    };
    await Promise.all(rects.map(ask));
  }

  close(): void {}
}

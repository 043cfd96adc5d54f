import type { Rect } from '../../src/pixels/rect.ts';
import type { PixelFormat } from '../../src/protocol/pixel-format.ts';
import type { RectBody } from '../../src/protocol/rect-reader.ts';
import { RectPixels } from './rect-pixels.ts';
import type { ViewerFramebuffer } from './viewer-framebuffer.ts';

/**
 * Draws rects of any pixel format: each 32-bit word of the framebuffer is a pixel of that format. Simple, not fast.
 */
export class FormatPainter {
  readonly #framebuffer: ViewerFramebuffer;
  readonly #pixels: RectPixels;

  constructor(framebuffer: ViewerFramebuffer, format: PixelFormat) {
    this.#framebuffer = framebuffer;
    this.#pixels = new RectPixels(format);
  }

  /** Returns false for a rect without pixels of the desktop, such as a cursor. */
  draw(rect: Rect, body: RectBody): boolean {
    if (body.kind === 'copyRect') {
      this.#framebuffer.copy(body.srcX, body.srcY, rect);
      return true;
    }
    const pixels = this.#pixels.decode(body, rect);
    if (!pixels) return false;
    this.#framebuffer.put(rect, new Uint8Array(pixels.buffer));
    return true;
  }
}

import jpegTurbo from '@julusian/jpeg-turbo';
import type { Rect, Size } from '../../src/pixels/rect.ts';
import { scaleUp } from './scale-up.ts';
import { decodeWebp } from './webp-decoder.ts';

const { decompressSync, FORMAT_BGRX } = jpegTurbo;

/**
 * A viewer's framebuffer: BGRX, `width` × 4 bytes per row, in one buffer that only `resize` replaces. A rect
 * outside it throws a RangeError, so that a server's mistake fails the test.
 */
export class ViewerFramebuffer {
  #size: Size = { width: 0, height: 0 };
  #pixels: Buffer = Buffer.alloc(0);
  #words = new Uint32Array(0);
  /** Holds pictures narrower than the framebuffer before their rows are copied. */
  #scratch: Buffer = Buffer.alloc(0);

  get size(): Size {
    return this.#size;
  }

  get pixels(): Uint8Array {
    return this.#pixels;
  }

  /** Changes the size. The part common to both sizes is kept. */
  resize(size: Size): void {
    const old = { size: this.#size, pixels: this.#pixels };
    const bytes = new ArrayBuffer(size.width * size.height * 4);
    this.#size = size;
    this.#pixels = Buffer.from(bytes);
    this.#words = new Uint32Array(bytes);
    const width = Math.min(old.size.width, size.width);
    const height = Math.min(old.size.height, size.height);
    this.#copyRows(old.pixels, 0, old.size.width * 4, { x: 0, y: 0, width, height });
  }

  /** Returns a pixel as 0xRRGGBB. */
  pixelAt(x: number, y: number): number {
    this.#check({ x, y, width: 1, height: 1 });
    return this.#words[y * this.#size.width + x]! & 0xffffff;
  }

  /** Fills a rect with `colour`, 0xRRGGBB. */
  fill(rect: Rect, colour: number): void {
    this.#check(rect);
    for (let y = rect.y; y < rect.y + rect.height; y++) {
      const start = y * this.#size.width + rect.x;
      this.#words.fill(colour, start, start + rect.width);
    }
  }

  /** Copies what is at (srcX, srcY) to `rect`. The two may overlap. */
  copy(srcX: number, srcY: number, rect: Rect): void {
    this.#check(rect);
    this.#check({ ...rect, x: srcX, y: srcY });
    const { width } = this.#size;
    for (let i = 0; i < rect.height; i++) {
      // A copy downwards starts with the last row, because otherwise it would read rows that it has just written.
      const row = srcY < rect.y ? rect.height - 1 - i : i;
      const from = (srcY + row) * width + srcX;
      this.#words.copyWithin((rect.y + row) * width + rect.x, from, from + rect.width);
    }
  }

  /** Writes pixels: BGRX without gaps between the rows. */
  put(rect: Rect, pixels: Uint8Array): void {
    this.#check(rect);
    if (pixels.length < rect.width * rect.height * 4) throw new RangeError('Fewer pixels than the rect has');
    this.#copyRows(pixels, 0, rect.width * 4, rect);
  }

  /** Decodes a JPEG picture of the rect's size. A smaller one, as in video mode, is scaled up. */
  putJpeg(rect: Rect, jpeg: Uint8Array): void {
    this.#check(rect);
    const bytes = rect.width * rect.height * 4;
    const source = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.length);
    const whole = rect.width === this.#size.width;
    if (!whole && this.#scratch.length < bytes) this.#scratch = Buffer.alloc(bytes);
    const start = rect.y * rect.width * 4;
    const target = whole ? this.#pixels.subarray(start, start + bytes) : this.#scratch;
    const found = decompressSync(source, target, { format: FORMAT_BGRX });
    if (found.width > rect.width || found.height > rect.height) {
      throw new RangeError(
        `A JPEG of ${found.width}×${found.height} in a rect of ${rect.width}×${rect.height}`,
      );
    }
    if (found.width < rect.width || found.height < rect.height) this.#putScaled(target, found, rect);
    else if (!whole) this.#copyRows(target, 0, rect.width * 4, rect);
  }

  /** Decodes a WebP picture in the same way. */
  putWebp(rect: Rect, webp: Uint8Array): void {
    this.#check(rect);
    const { rgba, ...found } = decodeWebp(webp);
    if (found.width > rect.width || found.height > rect.height) {
      throw new RangeError(
        `A WebP of ${found.width}×${found.height} in a rect of ${rect.width}×${rect.height}`,
      );
    }
    const bgrx = Buffer.from(rgba);
    for (let at = 0; at < bgrx.length; at += 4) {
      bgrx[at] = rgba[at + 2]!;
      bgrx[at + 2] = rgba[at]!;
    }
    if (found.width < rect.width || found.height < rect.height) this.#putScaled(bgrx, found, rect);
    else this.#copyRows(bgrx, 0, rect.width * 4, rect);
  }

  /** Scales `picture`, packed rows of `size`, which may lie where the rect itself is. */
  #putScaled(picture: Buffer, { width, height }: Size, rect: Rect): void {
    const bytes = width * height * 4;
    if (this.#scratch.length < bytes) this.#scratch = Buffer.alloc(bytes);
    if (picture !== this.#scratch) picture.copy(this.#scratch, 0, 0, bytes);
    const words = new Uint32Array(this.#scratch.buffer, this.#scratch.byteOffset, width * height);
    scaleUp(words, { width, height }, this.#words, this.#size.width, rect);
  }

  #copyRows(source: Uint8Array, start: number, strideBytes: number, rect: Rect): void {
    const from = Buffer.from(source.buffer, source.byteOffset, source.length);
    const ownStride = this.#size.width * 4;
    for (let row = 0; row < rect.height; row++) {
      const at = start + row * strideBytes;
      from.copy(this.#pixels, (rect.y + row) * ownStride + rect.x * 4, at, at + rect.width * 4);
    }
  }

  #check({ x, y, width, height }: Rect): void {
    if (x < 0 || y < 0 || x + width > this.#size.width || y + height > this.#size.height) {
      const { width: w, height: h } = this.#size;
      throw new RangeError(`Rect ${width}×${height} at ${x},${y} is outside of ${w}×${h}`);
    }
  }
}

import type { Rect, Size } from '../../src/pixels/rect.ts';

/** A picture in memory: one 32-bit BGRX word per pixel, `width` words per row. */
export interface Picture extends Size {
  readonly pixels: Uint32Array;
}

export function createPicture(width: number, height: number): Picture {
  return { width, height, pixels: new Uint32Array(width * height) };
}

/** Copies a part of a picture, without gaps between its rows. */
export function cutOut({ pixels, width }: Picture, part: Rect): Uint32Array {
  const cut = new Uint32Array(part.width * part.height);
  for (let row = 0; row < part.height; row++) {
    const from = (part.y + row) * width + part.x;
    cut.set(pixels.subarray(from, from + part.width), row * part.width);
  }
  return cut;
}

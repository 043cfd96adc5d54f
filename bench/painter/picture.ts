import type { Size } from '../../src/pixels/rect.ts';

/** A picture in memory: one 32-bit BGRX word a pixel, `width` words a row. */
export interface Picture extends Size {
  readonly pixels: Uint32Array;
}

export function createPicture(width: number, height: number): Picture {
  return { width, height, pixels: new Uint32Array(width * height) };
}

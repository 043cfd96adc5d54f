import type { Size } from '../../src/pixels/rect.ts';

/** A picture with 4 bytes per pixel. The fourth byte is unused. */
export interface PictureBytes extends Size {
  readonly bytes: Uint8Array;
  readonly order: 'rgbx' | 'bgrx';
}

export interface Difference {
  /** Largest difference of one channel of one pixel. */
  readonly worst: number;
  /** Mean difference over all channels. */
  readonly mean: number;
}

/** Returns the difference of two pictures of one size in the columns from `left` up to `right`. */
export function difference(a: PictureBytes, b: PictureBytes, left = 0, right = a.width): Difference {
  if (a.width !== b.width || a.height !== b.height) {
    throw new Error(`A picture of ${a.width}x${a.height} and one of ${b.width}x${b.height}.`);
  }
  const swapped = a.order !== b.order;
  let worst = 0;
  let sum = 0;
  for (let y = 0; y < a.height; y++) {
    for (let at = (y * a.width + left) * 4, end = (y * a.width + right) * 4; at < end; at += 4) {
      for (let channel = 0; channel < 3; channel++) {
        const other = swapped ? 2 - channel : channel;
        const distance = Math.abs(a.bytes[at + channel]! - b.bytes[at + other]!);
        if (distance > worst) worst = distance;
        sum += distance;
      }
    }
  }
  return { worst, mean: sum / (3 * a.height * (right - left)) };
}

import { decodePng } from './decode-png.ts';
import type { Stamp } from './overlay.ts';
import { stampOf } from './stamp.ts';

/**
 * Makes the stamp of a PNG file, whose white parts become the tint and whose black parts become transparent. Throws an
 * Error that says what is wrong with the file. `alpha` is the opacity of white, 0-255.
 */
export function imageStamp(file: Uint8Array, alpha: number): Stamp {
  const { width, height, rgba } = decodePng(file);
  const alphas = new Uint8Array(width * height);
  for (let i = 0; i < alphas.length; i++) {
    const [red = 0, green = 0, blue = 0, opacity = 0] = rgba.subarray(i * 4, i * 4 + 4);
    // The weights of ITU-R BT.601.
    const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
    alphas[i] = Math.round((grey * opacity * alpha) / (255 * 255));
  }
  return stampOf({ width, height }, alphas);
}

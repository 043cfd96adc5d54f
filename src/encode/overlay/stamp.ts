import { areaPx, type Size } from '../../pixels/rect.ts';
import type { Stamp } from './overlay.ts';

/** Longest side of a stamp, in pixels, and most pixels of one. Larger ones take more memory, and longer to make. */
export const MOST_STAMP_SIDE_PX = 4096;
export const MOST_STAMP_PX = 1 << 20;

/** Makes a stamp of the opacity of every pixel, 0-255, row by row. */
export function stampOf({ width, height }: Size, alphas: Uint8Array): Stamp {
  let count = 0;
  for (let at = 0; at < areaPx({ width, height }); at++) if (alphas[at] !== 0) count++;
  const rows = new Uint32Array(new SharedArrayBuffer((height + 1) * Uint32Array.BYTES_PER_ELEMENT));
  const columns = new Uint16Array(new SharedArrayBuffer(count * Uint16Array.BYTES_PER_ELEMENT));
  const inks = new Uint8Array(new SharedArrayBuffer(count));
  let to = 0;
  for (let y = 0; y < height; y++) {
    rows[y] = to;
    for (let x = 0; x < width; x++) {
      const alpha = alphas[y * width + x]!;
      if (alpha === 0) continue;
      columns[to] = x;
      inks[to++] = alpha;
    }
  }
  rows[height] = to;
  return { width, height, rows, columns, alphas: inks };
}

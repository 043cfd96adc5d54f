import { areaPx, type Size } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import type { PixelSource } from '../encoders/pixel-source.ts';
import { Scratch } from '../encoders/scratch.ts';

const scaled = new Scratch();

/**
 * The picture at a smaller size: each pixel is the mean of the whole pixels that it covers, which keeps text in
 * thumbnails readable. Returns packed BGRX, in memory that the next call reuses.
 *
 * Each source row is added to one sum per channel and output column, so that every source pixel is read once, in memory
 * order.
 */
export function scaleDown(source: PixelSource, size: Size): Uint8Array<ArrayBuffer> {
  const { words, stridePx } = source;
  const out = scaled.take(areaPx(size) * BYTES_PER_PIXEL);
  const columns = edges(source.width, size.width);
  const rows = edges(source.height, size.height);
  const sums = new Uint32Array(size.width * 3);
  for (let row = 0; row < size.height; row++) {
    const top = rows[row]!;
    const bottom = rows[row + 1]!;
    sums.fill(0);
    for (let y = top; y < bottom; y++) addRow(words, y * stridePx, columns, sums);
    for (let column = 0, to = row * size.width * BYTES_PER_PIXEL; column < size.width; column++) {
      const count = (columns[column + 1]! - columns[column]!) * (bottom - top);
      const half = count >> 1;
      out[to++] = (sums[column * 3]! + half) / count;
      out[to++] = (sums[column * 3 + 1]! + half) / count;
      out[to++] = (sums[column * 3 + 2]! + half) / count;
      out[to++] = 255;
    }
  }
  return out;
}

function addRow(words: Uint32Array, start: number, columns: Uint32Array, sums: Uint32Array): void {
  let x = columns[0]!;
  for (let column = 0, to = 0; column + 1 < columns.length; column++, to += 3) {
    const end = columns[column + 1]!;
    let blue = 0;
    let green = 0;
    let red = 0;
    for (; x < end; x++) {
      const pixel = words[start + x]!;
      blue += pixel & 0xff;
      green += (pixel >>> 8) & 0xff;
      red += (pixel >>> 16) & 0xff;
    }
    sums[to]! += blue;
    sums[to + 1]! += green;
    sums[to + 2]! += red;
  }
}

/** The start of each of `to` equal parts of `from` pixels, and the end of the last. Every part has at least a pixel. */
function edges(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to + 1 }, (_, i) => Math.floor((i * from) / to));
}

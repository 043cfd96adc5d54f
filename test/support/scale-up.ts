import type { Rect, Size } from '../../src/pixels/rect.ts';

/**
 * Draws a picture over a larger rect: each pixel of the rect shows the nearest pixel of the picture. Simple, and
 * fast enough for a bench; a viewer's own scaling runs on its GPU.
 *
 * `picture` has packed rows of 32-bit pixels, `target` rows of `stridePx`.
 */
export function scaleUp(
  picture: Uint32Array,
  size: Size,
  target: Uint32Array,
  stridePx: number,
  rect: Rect,
): void {
  const columns = Uint32Array.from({ length: rect.width }, (_, x) => nearest(x, rect.width, size.width));
  let drawn = -1;
  for (let y = 0; y < rect.height; y++) {
    const row = nearest(y, rect.height, size.height);
    const to = (rect.y + y) * stridePx + rect.x;
    if (row === drawn) {
      target.copyWithin(to, to - stridePx, to - stridePx + rect.width);
      continue;
    }
    drawn = row;
    const from = row * size.width;
    for (let x = 0; x < rect.width; x++) target[to + x] = picture[from + columns[x]!]!;
  }
}

/** Returns the index of `few` that lies at index `at` of `many`, by the middles of both. */
const nearest = (at: number, many: number, few: number): number => Math.floor(((at + 0.5) * few) / many);

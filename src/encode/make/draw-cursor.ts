import type { Size } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';

/** A pointer's picture and the place of its upper left corner. */
export interface PlacedCursor extends Size {
  readonly x: number;
  readonly y: number;
  /** width × height × 4 bytes BGRA, colour premultiplied by alpha. */
  readonly pixels: Uint8Array;
}

/** Draws the pointer over packed BGRX pixels of the given size; what lies outside is left out. */
export function drawCursor(target: Uint8Array, size: Size, cursor: PlacedCursor): void {
  for (let row = 0; row < cursor.height; row++) {
    const y = cursor.y + row;
    if (y < 0 || y >= size.height) continue;
    for (let column = 0; column < cursor.width; column++) {
      const x = cursor.x + column;
      if (x < 0 || x >= size.width) continue;
      const from = (row * cursor.width + column) * BYTES_PER_PIXEL;
      const to = (y * size.width + x) * BYTES_PER_PIXEL;
      const through = 255 - (cursor.pixels[from + 3] ?? 0);
      for (let channel = 0; channel < 3; channel++) {
        const below = Math.round(((target[to + channel] ?? 0) * through) / 255);
        // Programs do make pointers brighter than their alpha allows.
        target[to + channel] = Math.min(255, (cursor.pixels[from + channel] ?? 0) + below);
      }
    }
  }
}

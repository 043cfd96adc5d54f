import type { Rect, Size } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import type { PixelSource } from '../encoders/pixel-source.ts';

/** The pixels of a pointer and the place of their upper left corner. */
export interface PlacedCursor extends Size {
  readonly x: number;
  readonly y: number;
  /** width × height × 4 bytes BGRA, colour premultiplied by alpha. */
  readonly pixels: Uint8Array;
}

/** Draws the pointer over packed pixels that show the part `rect` of the picture. */
export function drawCursorOnRect(pixels: PixelSource, rect: Rect, cursor: PlacedCursor): void {
  drawCursor(pixels.bytes, pixels, { ...cursor, x: cursor.x - rect.x, y: cursor.y - rect.y });
}

/** Draws the pointer over packed BGRX pixels of the given size. Leaves out the part of it that lies outside. */
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
        // Some programs make pointers brighter than their alpha allows.
        target[to + channel] = Math.min(255, (cursor.pixels[from + channel] ?? 0) + below);
      }
    }
  }
}

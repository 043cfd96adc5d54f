import type { Rect, Size } from '../../../pixels/rect.ts';

/** A way of having an X server copy its pixels into the shared frame's `incoming`. */
export interface PixelCopier {
  /**
   * Copies `rects`, all inside `size`, to their places in an `incoming` of that size. Rejects with
   * `DESKTOP_X_ERROR` where the display has meanwhile become smaller.
   */
  read(rects: readonly Rect[], size: Size): Promise<void>;
  close(): void;
}

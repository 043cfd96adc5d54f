import type { Rect, Size } from '../../../pixels/rect.ts';

/** Copies pixels of an attached display into the shared frame's `incoming`. */
export interface PixelCopier {
  /**
   * Copies `rects`, all inside `size`, to their places in an `incoming` of that size. Rejects with
   * `DESKTOP_X_ERROR` if the display has become smaller.
   */
  read(rects: readonly Rect[], size: Size): Promise<void>;
  close(): void;
}

import type { Rect, Size } from '../../pixels/rect.ts';

/** A way of copying pixels out of an X server into the shared frame's `incoming`. */
export interface PixelSource {
  /**
   * Whether a program that draws while `read` copies would leave parts of two pictures in the copy. Then the
   * server is held still meanwhile: programs wait for the few milliseconds it takes, as they do while any
   * server reads its own framebuffer.
   */
  readonly needsStillServer: boolean;
  /**
   * Copies `rects`, all inside `size`, to their places in an `incoming` of that size. Rejects with
   * `DESKTOP_X_ERROR` where the display has meanwhile become smaller.
   */
  read(rects: readonly Rect[], size: Size): Promise<void>;
  close(): void;
}

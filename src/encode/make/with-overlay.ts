import { areaPx, type Rect, type Size } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import { copyRows, type PixelSource, packedSource } from '../encoders/pixel-source.ts';
import { Scratch } from '../encoders/scratch.ts';
import { drawOverlay } from '../overlay/draw-overlay.ts';
import type { Overlay } from '../overlay/overlay.ts';

const copied = new Scratch();

/** A copy of pixels that show the part `rect` of the screen, with the overlay burnt in. The next call reuses it. */
export function withOverlay(source: PixelSource, rect: Rect, overlay: Overlay, screen: Size): PixelSource {
  const copy = packedSource(source, copyRows(source, copied.take(areaPx(source) * BYTES_PER_PIXEL)));
  drawOverlay(copy, rect, overlay, screen);
  return copy;
}

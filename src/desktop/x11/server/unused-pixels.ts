import { closeSync, openSync } from 'node:fs';
import { punchHoles, type Span } from '../../../common/process-memory.ts';
import type { Size } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../../pixels/shared-frame.ts';
import { readXwdHeader, type XwdLayout } from '../wire/xwd-header.ts';

/**
 * Gives back the memory of the framebuffer file beside and below a desktop of `size`. Xvfb writes the whole file once,
 * for the largest size. It draws nothing there, and paints that part again when the desktop grows.
 *
 * The desktop must not grow meanwhile: call it before there are programs, or while the X server is grabbed.
 */
export function giveBackUnusedPixels(framebuffer: string, size: Size): void {
  const fd = openSync(framebuffer, 'r+');
  try {
    punchHoles(fd, unusedSpans(readXwdHeader(fd), size));
  } finally {
    closeSync(fd);
  }
}

/** The bytes to the right of each row of the desktop, and those below its last row. */
export function unusedSpans({ pixelsAt, strideBytes, height }: XwdLayout, size: Size): Span[] {
  const usedBytes = size.width * BYTES_PER_PIXEL;
  const spans: Span[] = [];
  if (usedBytes < strideBytes) {
    for (let y = 0; y < size.height; y++) {
      spans.push({ at: pixelsAt + y * strideBytes + usedBytes, length: strideBytes - usedBytes });
    }
  }
  const below = height - size.height;
  if (below > 0) spans.push({ at: pixelsAt + size.height * strideBytes, length: below * strideBytes });
  return spans;
}

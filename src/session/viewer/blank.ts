import type { EncodeProfile } from '../../encode/plan/profile.ts';
import type { Rect, Size } from '../../pixels/rect.ts';
import { ENCODING_RAW, ENCODING_TIGHT } from '../../protocol/constants.ts';
import { bytesPerPixel, tpixelSize } from '../../protocol/pixel-format.ts';
import { rectHeader } from '../../protocol/rect-header.ts';
import { TIGHT_MAX_WIDTH, tightFill } from '../../protocol/tight.ts';

/** Whole rects that paint a part of the screen black, which is zero in every pixel format. */
export function blankRects({ x: left, y, ...size }: Rect, profile: EncodeProfile): Uint8Array[] {
  const rects: Uint8Array[] = [];
  for (let x = left; x < left + size.width; x += TIGHT_MAX_WIDTH) {
    const width = Math.min(TIGHT_MAX_WIDTH, left + size.width - x);
    const header = rectHeader(x, y, width, size.height, profile.tight ? ENCODING_TIGHT : ENCODING_RAW);
    const body = profile.tight
      ? tightFill(new Uint8Array(tpixelSize(profile.format)))
      : new Uint8Array(width * size.height * bytesPerPixel(profile.format));
    rects.push(Buffer.concat([header, body]));
  }
  return rects;
}

/** The parts of a framebuffer to the right of the desktop, and below it. */
export function partsOutside(framebuffer: Size, desktop: Size): Rect[] {
  const [width, height] = [Math.min(framebuffer.width, desktop.width), framebuffer.height - desktop.height];
  const right = { x: width, y: 0, width: framebuffer.width - width, height: framebuffer.height };
  const below = { x: 0, y: desktop.height, width, height };
  return [right, below].filter((rect) => rect.width > 0 && rect.height > 0);
}

import type { EncodeProfile } from '../../encode/plan/profile.ts';
import type { Rect, Size } from '../../pixels/rect.ts';
import { ENCODING_HEXTILE, ENCODING_RAW, ENCODING_TIGHT } from '../../protocol/constants.ts';
import { HEXTILE_BACKGROUND, HEXTILE_TILE } from '../../protocol/older-rects.ts';
import { bytesPerPixel, tpixelSize } from '../../protocol/pixel-format.ts';
import { rectHeader } from '../../protocol/rect-header.ts';
import { TIGHT_MAX_WIDTH, tightFill } from '../../protocol/tight.ts';

/** Whole rects that paint a part of the screen black, which is zero in every pixel format. */
export function blankRects({ x: left, y, ...size }: Rect, profile: EncodeProfile): Uint8Array[] {
  const rects: Uint8Array[] = [];
  for (let x = left; x < left + size.width; x += TIGHT_MAX_WIDTH) {
    const width = Math.min(TIGHT_MAX_WIDTH, left + size.width - x);
    const { encoding, body } = blankBody({ width, height: size.height }, profile);
    rects.push(Buffer.concat([rectHeader(x, y, width, size.height, encoding), body]));
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

/** Hextile's tiles take a byte each. For ZRLE and zlib, a part of the viewer's stream would be needed: it gets Raw. */
function blankBody({ width, height }: Size, { encoding, format }: EncodeProfile) {
  if (encoding === 'tight') {
    return { encoding: ENCODING_TIGHT, body: tightFill(new Uint8Array(tpixelSize(format))) };
  }
  if (encoding === 'hextile') {
    const tiles = Math.ceil(width / HEXTILE_TILE) * Math.ceil(height / HEXTILE_TILE);
    const body = new Uint8Array(tiles + bytesPerPixel(format));
    body[0] = HEXTILE_BACKGROUND;
    return { encoding: ENCODING_HEXTILE, body };
  }
  return { encoding: ENCODING_RAW, body: new Uint8Array(width * height * bytesPerPixel(format)) };
}

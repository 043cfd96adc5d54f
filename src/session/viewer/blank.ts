import type { EncodeProfile } from '../../encode/plan/profile.ts';
import type { Size } from '../../pixels/rect.ts';
import { ENCODING_RAW, ENCODING_TIGHT } from '../../protocol/constants.ts';
import { bytesPerPixel, tpixelSize } from '../../protocol/pixel-format.ts';
import { rectHeader } from '../../protocol/rect-header.ts';
import { TIGHT_MAX_WIDTH, tightFill } from '../../protocol/tight.ts';

/** Whole rects that paint the screen black, which is zero in every pixel format. */
export function blankRects(size: Size, profile: EncodeProfile): Uint8Array[] {
  const rects: Uint8Array[] = [];
  for (let x = 0; x < size.width; x += TIGHT_MAX_WIDTH) {
    const width = Math.min(TIGHT_MAX_WIDTH, size.width - x);
    const header = rectHeader(x, 0, width, size.height, profile.tight ? ENCODING_TIGHT : ENCODING_RAW);
    const body = profile.tight
      ? tightFill(new Uint8Array(tpixelSize(profile.format)))
      : new Uint8Array(width * size.height * bytesPerPixel(profile.format));
    rects.push(Buffer.concat([header, body]));
  }
  return rects;
}

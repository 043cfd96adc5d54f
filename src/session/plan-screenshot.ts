import type { PlacedCursor } from '../encode/make/draw-cursor.ts';
import type { PictureJob } from '../encode/make/picture.ts';
import type { Overlay } from '../encode/overlay/overlay.ts';
import { intersect, type Rect, type Size, wholeOf } from '../pixels/rect.ts';
import { jpegQualityOf } from '../protocol/quality.ts';
import { SessionError } from './errors.ts';
import type { ScreenshotRequest } from './session.ts';

/**
 * The picture that a request asks for, on a screen of this size. `cursor` is the pointer at its place. It is left out
 * if the request does not want it. `overlay` is burnt in. Throws SessionError `SESSION_BAD_CROP`.
 */
export function planScreenshot(
  frameSize: Size,
  request: ScreenshotRequest,
  cursor: PlacedCursor | undefined,
  overlay: Overlay | undefined,
): PictureJob {
  const crop = cropOf(frameSize, request.crop);
  return {
    frameSize,
    crop,
    size: pictureSize(crop, request),
    format: request.format,
    jpeg: jpegQualityOf(request.quality),
    cursor: request.cursor ? cursor : undefined,
    overlay,
  };
}

function cropOf(frameSize: Size, wanted: Rect | undefined): Rect {
  const whole = wholeOf(frameSize);
  const crop = wanted ? intersect(wanted, whole) : whole;
  if (!crop) throw new SessionError('SESSION_BAD_CROP', `It is ${frameSize.width}x${frameSize.height}.`);
  return crop;
}

/**
 * The requested width, or else the requested height, with the aspect ratio of the crop. Never larger than the crop, and
 * never under a pixel.
 */
export function pictureSize(crop: Size, request: Pick<ScreenshotRequest, 'width' | 'height'>): Size {
  if (request.width !== undefined) {
    const width = Math.min(request.width, crop.width);
    return { width, height: scaled(crop.height, width, crop.width) };
  }
  if (request.height !== undefined) {
    const height = Math.min(request.height, crop.height);
    return { width: scaled(crop.width, height, crop.height), height };
  }
  return { width: crop.width, height: crop.height };
}

const scaled = (side: number, to: number, from: number): number =>
  Math.max(1, Math.min(side, Math.round((side * to) / from)));

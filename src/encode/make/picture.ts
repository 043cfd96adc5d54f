import { createHash } from 'node:crypto';
import type { Rect, Size } from '../../pixels/rect.ts';
import type { SharedFrame } from '../../pixels/shared-frame.ts';
import type { JpegQuality } from '../../protocol/quality.ts';
import { encodeJpeg } from '../encoders/jpeg.ts';
import { type PixelSource, packedSource, packRows, shownRect } from '../encoders/pixel-source.ts';
import { encodePng } from '../encoders/png.ts';
import { loadWebpEncoder } from '../encoders/webp.ts';
import type { PlacedCursor } from './draw-cursor.ts';
import { scaleDown } from './scale-down.ts';
import { withCursor } from './with-cursor.ts';

export type PictureFormat = 'jpeg' | 'png' | 'webp';

/** A picture of the shown frame, for whoever is no viewer. */
export interface PictureJob {
  readonly frameSize: Size;
  /** The part of the frame that is wanted. */
  readonly crop: Rect;
  /** Size of the picture; never larger than `crop`. */
  readonly size: Size;
  readonly format: PictureFormat;
  readonly jpeg: JpegQuality;
  readonly cursor: PlacedCursor | undefined;
}

export interface Picture {
  /** A JPEG, PNG or WebP file. */
  readonly bytes: Uint8Array;
  /** Digest of `bytes`: the encoders are deterministic, so equal pixels asked for alike give equal tags. */
  readonly tag: string;
}

/** Makes the picture; `onRead` is called once the shown frame is needed no more. */
export async function makePicture(frame: SharedFrame, job: PictureJob, onRead: () => void): Promise<Picture> {
  const pixels = readPixels(frame, job);
  onRead();
  const bytes = await encode(pixels, job);
  const tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
  return { bytes: new Uint8Array(bytes), tag };
}

function readPixels(frame: SharedFrame, job: PictureJob): PixelSource {
  const shown = shownRect(frame, job.frameSize, job.crop);
  const source = job.cursor ? withCursor(shown, job.crop, job.cursor) : shown;
  if (job.size.width === source.width && job.size.height === source.height) {
    return source === shown ? packedSource(shown, packRows(shown)) : source;
  }
  return packedSource(job.size, scaleDown(source, job.size));
}

async function encode(pixels: PixelSource, job: PictureJob): Promise<Uint8Array> {
  switch (job.format) {
    case 'jpeg':
      return encodeJpeg(pixels.bytes, pixels.width, pixels.height, pixels.stridePx, job.jpeg);
    case 'png':
      return encodePng(pixels);
    case 'webp':
      return (await loadWebpEncoder())(pixels, job.jpeg.quality);
  }
}

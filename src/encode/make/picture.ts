import { createHash } from 'node:crypto';
import type { Scale } from '../../pixels/kernels/scaler.ts';
import { areaPx, type Rect, type Size, sameSize } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL, SCALED_MOST_PX, type SharedFrame } from '../../pixels/shared-frame.ts';
import type { JpegQuality } from '../../protocol/quality.ts';
import { encodeJpeg } from '../encoders/jpeg.ts';
import { copyRows, type PixelSource, packedSource, shownRect } from '../encoders/pixel-source.ts';
import { encodePng } from '../encoders/png.ts';
import { Scratch } from '../encoders/scratch.ts';
import { loadWebpEncoder } from '../encoders/webp.ts';
import { drawOverlay } from '../overlay/draw-overlay.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { drawCursorOnRect, type PlacedCursor } from './draw-cursor.ts';
import { scaleDown } from './scale-down.ts';

export type PictureFormat = 'jpeg' | 'png' | 'webp';

/** A picture of the shown frame for the API. */
export interface PictureJob {
  readonly frameSize: Size;
  /** The part of the frame to show. */
  readonly crop: Rect;
  /** Size of the picture; never larger than `crop`. */
  readonly size: Size;
  readonly format: PictureFormat;
  readonly jpeg: JpegQuality;
  readonly cursor: PlacedCursor | undefined;
  /** Burnt into the picture before it is scaled. */
  readonly overlay?: Overlay;
}

export interface Picture {
  /** A JPEG, PNG or WebP file. */
  readonly bytes: Uint8Array;
  /** Digest of `bytes`. The encoders are deterministic, so equal pixels and settings give equal tags. */
  readonly tag: string;
}

/**
 * Pixels of the screen a side, for one of the picture, up to which the kernel scales. Its weights are whole 256ths: with
 * a larger value, thin lines would be lost in tiny pictures; with a smaller one, more of them are scaled slowly.
 */
const MOST_KERNEL_FACTOR = 16;

/** The copy of the pixels of a picture. */
const copied = new Scratch();

/**
 * Makes a picture. Reads its pixels first and then calls `onRead`: the shown frame is not read after that. Copying
 * takes 1 ms at 1080p, scaling and encoding take 5-300 ms. A small picture is scaled in place of being copied, by
 * `scale`, which takes as long as the copy.
 */
export async function makePicture(
  frame: SharedFrame,
  job: PictureJob,
  onRead: () => void,
  scale?: Scale,
): Promise<Picture> {
  const pixels = readPixels(frame, job, scale);
  onRead();
  if (job.cursor) drawCursorOnRect(pixels, job.crop, job.cursor);
  if (job.overlay) drawOverlay(pixels, job.crop, job.overlay, job.frameSize);
  const { width, height } = job.size;
  const isScaled = width !== pixels.width || height !== pixels.height;
  const encoded = await encode(isScaled ? packedSource(job.size, scaleDown(pixels, job.size)) : pixels, job);
  const tag = createHash('sha256').update(encoded).digest('base64url').slice(0, 27);
  return { bytes: new Uint8Array(encoded), tag };
}

/** The pixels of a picture, at its size if that can be done while the frame is read. */
function readPixels(frame: SharedFrame, job: PictureJob, scale: Scale | undefined): PixelSource {
  const { frameSize, crop, size, cursor, overlay } = job;
  const isPlain = cursor === undefined && overlay === undefined;
  const factor = Math.max(crop.width / size.width, crop.height / size.height);
  const isForKernel = !sameSize(crop, size) && areaPx(size) <= SCALED_MOST_PX && factor <= MOST_KERNEL_FACTOR;
  if (!scale || !isPlain || !isForKernel) return copyPixels(shownRect(frame, frameSize, crop));
  const bytes = scale(frameSize, crop, size, 'area');
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, areaPx(size));
  return { ...size, stridePx: size.width, bytes, words };
}

function copyPixels(source: PixelSource): PixelSource {
  return packedSource(source, copyRows(source, copied.take(areaPx(source) * BYTES_PER_PIXEL)));
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

import type { Size } from '../render/geometry.ts';
import { type YuvPicture, yuvOf } from './yuv-picture.ts';

/** A picture that can be drawn. It may hold memory outside JavaScript until it is closed. */
export type DecodedPicture = ImageBitmap | VideoFrame | YuvPicture;

/**
 * Decodes a compressed picture, which will be drawn in this size, on a thread of the browser. Rejects if the picture is
 * damaged.
 *
 * ImageDecoder takes half as long as createImageBitmap, because no Blob passes through the browser's process, and JPEG
 * stays YCbCr until it is drawn. Browsers have it only in secure contexts, and Safari does not have it.
 */
export function decodePicture(
  data: Uint8Array<ArrayBuffer>,
  type: string,
  size: Size,
): Promise<DecodedPicture> {
  // Without options that keep colours unconverted: pictures of the server have no profile, and the options cost a copy.
  return 'ImageDecoder' in globalThis
    ? decodeFrame(data, type, size)
    : createImageBitmap(new Blob([data], { type }));
}

async function decodeFrame(
  data: Uint8Array<ArrayBuffer>,
  type: string,
  size: Size,
): Promise<VideoFrame | YuvPicture> {
  const decoder = new ImageDecoder({ data, type, colorSpaceConversion: 'none' });
  try {
    const { image } = await decoder.decode();
    return (await yuvOf(image, size)) ?? image;
  } finally {
    decoder.close();
  }
}

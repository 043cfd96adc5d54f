import { bytesPerPixel, createPixelConverter, type PixelFormat } from '../../protocol/pixel-format.ts';
import { type PixelSource, packRows } from './pixel-source.ts';

/** Converts the pixels to the viewer's format, for viewers that support no other encoding. */
export function encodeRaw(source: PixelSource, format: PixelFormat): Uint8Array {
  const pixels = new Uint8Array(source.width * source.height * bytesPerPixel(format));
  createPixelConverter(format)(packRows(source), pixels);
  return pixels;
}

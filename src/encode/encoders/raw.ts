import { bytesPerPixel, createPixelConverter, type PixelFormat } from '../../protocol/pixel-format.ts';
import { type PixelSource, packRows } from './pixel-source.ts';

/** The pixels as they are, in the viewer's format: all that a viewer without Tight gets. */
export function encodeRaw(source: PixelSource, format: PixelFormat): Uint8Array {
  const pixels = new Uint8Array(source.width * source.height * bytesPerPixel(format));
  createPixelConverter(format)(packRows(source), pixels);
  return pixels;
}

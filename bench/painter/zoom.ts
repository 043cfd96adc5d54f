import type { Size } from '../../src/pixels/rect.ts';
import { createPicture, type Picture } from './picture.ts';

/**
 * Scale of the photograph at each level, smallest first. With these, a frame takes as many bytes as one of the
 * photograph itself, to a few per cent: bilinear levels are blurred, and smaller ones hold more.
 */
const LEVELS: readonly number[] = [0.82, 0.84, 0.86, 0.88, 0.9, 0.92, 0.94];

/** Returns the size of the photograph that levels of `size` are cut from. */
export const zoomSource = ({ width, height }: Size): Size => ({
  width: Math.ceil(width / LEVELS[0]!) + 1,
  height: Math.ceil(height / LEVELS[0]!) + 1,
});

/**
 * Creates the photograph at several levels of zoom, one below the other in one picture, each of `level`'s size. Any
 * two levels differ everywhere by fractions of a pixel, so that no movement by whole pixels turns one into another.
 */
export function createZoomLevels(photo: Picture, level: Size): Picture {
  const levels = createPicture(level.width, level.height * LEVELS.length);
  LEVELS.forEach((zoom, index) => {
    const from = index * level.height * level.width;
    resample(photo, zoom, level, levels.pixels.subarray(from, from + level.height * level.width));
  });
  return levels;
}

/** Returns the level of frame `number`: in and out again, never the same twice in a row. */
export function zoomLevel(number: number): number {
  const last = LEVELS.length - 1;
  return last - Math.abs((number % (2 * last)) - last);
}

/** Interpolates bilinearly, around the middle of both pictures. */
function resample(source: Picture, zoom: number, size: Size, target: Uint32Array): void {
  const { width, pixels } = source;
  const left = (source.width - 1 - (size.width - 1) / zoom) / 2;
  const top = (source.height - 1 - (size.height - 1) / zoom) / 2;
  for (let y = 0; y < size.height; y++) {
    const sourceY = top + y / zoom;
    const row = Math.min(source.height - 2, Math.floor(sourceY));
    // Weights in 256ths: products of two stay integers, which keeps this at nanoseconds per pixel.
    const down = Math.round((sourceY - row) * 256);
    for (let x = 0; x < size.width; x++) {
      const sourceX = left + x / zoom;
      const column = Math.min(width - 2, Math.floor(sourceX));
      const across = Math.round((sourceX - column) * 256);
      const at = row * width + column;
      const [a, b] = [pixels[at]!, pixels[at + 1]!];
      const [c, d] = [pixels[at + width]!, pixels[at + width + 1]!];
      const blend = (shift: number): number => {
        const upper = ((a >>> shift) & 0xff) * (256 - across) + ((b >>> shift) & 0xff) * across;
        const lower = ((c >>> shift) & 0xff) * (256 - across) + ((d >>> shift) & 0xff) * across;
        return (upper * (256 - down) + lower * down + 0x8000) >>> 16;
      };
      target[y * size.width + x] = (0xff000000 | (blend(16) << 16) | (blend(8) << 8) | blend(0)) >>> 0;
    }
  }
}

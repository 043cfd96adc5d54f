import type { PixelFormat } from '../../src/protocol/pixel-format.ts';
import { pixelValue } from './rect-pixels.ts';
import type { ViewerFramebuffer } from './viewer-framebuffer.ts';
import type { ScreenPicture } from './xwd.ts';

/**
 * Allowed error of a block's mean brightness, by JPEG quality level. JPEG keeps the mean except for what it clips
 * at black and white, which is much at low quality and with bright colours: noise in all colours is off by 8 at level 9.
 */
const JPEG_ERRORS: Readonly<Record<number, number>> = { 3: 24, 5: 16, 9: 12 };
/** Factor for the mean of a single colour, which JPEG keeps in coarser steps. */
const COLOUR_FACTOR = 2.5;
const BLOCK_PX = 16;

/** A viewer's pixels, 4 bytes each, as in ViewerFramebuffer. */
export type ShownPixels = Pick<ViewerFramebuffer, 'size' | 'pixels'>;

/** Description of where a viewer differs from the screen. Undefined if it does not. */
export type Difference = string | undefined;

/** Compares pixel for pixel. Pass `format` if the viewer's framebuffer holds pixels of another format. */
export function exactDifference(shown: ShownPixels, screen: ScreenPicture, format?: PixelFormat): Difference {
  const otherSize = sizeDifference(shown, screen);
  if (otherSize !== undefined) return otherSize;
  const [mine, theirs] = [words(shown.pixels), words(screen.pixels)];
  let wrong = 0;
  let first = -1;
  for (let i = 0; i < theirs.length; i++) {
    const wanted = theirs[i]! & 0xffffff;
    if (format ? mine[i] === pixelValue(wanted, format) : (mine[i]! & 0xffffff) === wanted) continue;
    if (first < 0) first = i;
    wrong++;
  }
  if (wrong === 0) return undefined;
  const at = `${first % screen.width},${Math.floor(first / screen.width)}`;
  return `${wrong} pixels, the first at ${at}: ${hex(mine[first]!)} instead of ${hex(theirs[first]!)}`;
}

/** Compares within JPEG's error, block by block. A stale or torn tile exceeds it. */
export function jpegDifference(shown: ShownPixels, screen: ScreenPicture, level: number): Difference {
  const limit = JPEG_ERRORS[level]!;
  const otherSize = sizeDifference(shown, screen);
  if (otherSize !== undefined) return otherSize;
  for (let y = 0; y + BLOCK_PX <= screen.height; y += BLOCK_PX) {
    for (let x = 0; x + BLOCK_PX <= screen.width; x += BLOCK_PX) {
      const wrong = blockDifference(shown.pixels, screen, x, y, limit);
      if (wrong !== undefined) return `the block at ${x},${y} is off by ${wrong}`;
    }
  }
  return undefined;
}

/** Describes a block's error if it is too large. */
function blockDifference(
  shown: Uint8Array,
  screen: ScreenPicture,
  left: number,
  top: number,
  limit: number,
): Difference {
  let [blue, green, red] = [0, 0, 0];
  for (let y = top; y < top + BLOCK_PX; y++) {
    for (let x = left; x < left + BLOCK_PX; x++) {
      const at = (y * screen.width + x) * 4;
      blue += shown[at]! - screen.pixels[at]!;
      green += shown[at + 1]! - screen.pixels[at + 1]!;
      red += shown[at + 2]! - screen.pixels[at + 2]!;
    }
  }
  const errors = [red, green, blue].map((sum) => sum / BLOCK_PX ** 2);
  const luma = 0.299 * errors[0]! + 0.587 * errors[1]! + 0.114 * errors[2]!;
  const fine = Math.abs(luma) <= limit && errors.every((error) => Math.abs(error) <= limit * COLOUR_FACTOR);
  return fine
    ? undefined
    : `${luma.toFixed(1)} in brightness, ${errors.map((e) => e.toFixed(1)).join(' ')} in colour`;
}

function sizeDifference({ size }: ShownPixels, { width, height }: ScreenPicture): Difference {
  const same = size.width === width && size.height === height;
  return same ? undefined : `${size.width}x${size.height} instead of ${width}x${height}`;
}

const words = (pixels: Uint8Array): Uint32Array =>
  new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.byteLength / 4);

const hex = (pixel: number): string => (pixel & 0xffffff).toString(16).padStart(6, '0');

import type { Size } from '../src/pixels/rect.ts';
import { meanSsim } from './ssim.ts';

/**
 * A place of the screen as a viewer showed it and as it was painted: one BGRX word per pixel, no gaps between rows.
 */
export interface Sample extends Size {
  readonly shown: Uint32Array;
  readonly painted: Uint32Array;
}

/** Similarity of samples to what was painted. */
export interface PictureQuality {
  /** Mean structural similarity of their luma, at best 1. Undefined if the samples are too small. */
  readonly ssim: number | undefined;
  /** Peak signal-to-noise ratio of both chroma planes together. Infinite if there is no error. */
  readonly chromaDb: number;
  /** Samples without any error, in per cent. */
  readonly exactPercent: number;
}

/** Returns the quality, or undefined without samples. */
export function pictureQuality(samples: readonly Sample[]): PictureQuality | undefined {
  if (!samples.length) return undefined;
  const similarities: number[] = [];
  let [squares, values, exact] = [0, 0, 0];
  for (const { shown, painted, width, height } of samples) {
    const [mine, theirs] = [toPlanes(shown), toPlanes(painted)];
    const similarity = meanSsim(mine.luma, theirs.luma, width, height);
    if (similarity !== undefined) similarities.push(similarity);
    squares += squaredError(mine.blue, theirs.blue) + squaredError(mine.red, theirs.red);
    values += 2 * shown.length;
    if (shown.every((pixel, i) => (pixel & 0xffffff) === (painted[i]! & 0xffffff))) exact++;
  }
  return {
    ssim: similarities.length
      ? similarities.reduce((sum, value) => sum + value) / similarities.length
      : undefined,
    chromaDb: 10 * Math.log10(255 ** 2 / (squares / values)),
    exactPercent: (exact / samples.length) * 100,
  };
}

interface Planes {
  readonly luma: Float32Array;
  readonly blue: Float32Array;
  readonly red: Float32Array;
}

/** Converts pixels to planes as JPEG does (ITU-T T.871), without rounding. */
function toPlanes(pixels: Uint32Array): Planes {
  const [luma, blue, red] = [0, 1, 2].map(() => new Float32Array(pixels.length)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let i = 0; i < pixels.length; i++) {
    const [r, g, b] = [(pixels[i]! >> 16) & 0xff, (pixels[i]! >> 8) & 0xff, pixels[i]! & 0xff];
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    luma[i] = y;
    blue[i] = (b - y) / 1.772;
    red[i] = (r - y) / 1.402;
  }
  return { luma, blue, red };
}

function squaredError(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

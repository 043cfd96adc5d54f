import { createPicture, type Picture } from './picture.ts';
import { createRandom } from './random.ts';

type Octaves = readonly (readonly [cellPx: number, levels: number])[];

/** Cell size in pixels and height in levels of each octave, of light and shade and of the texture's grain. */
const LIGHT: Octaves = [
  [192, 34],
  [64, 18],
  [24, 10],
  [9, 6],
  [4, 4],
  [2, 3],
];

/** The same for the difference of red and blue from green: no surface in a photograph has shades of a single hue. */
const TINT: Octaves = [
  [96, 10],
  [20, 5],
  [3, 3],
  [1, 2],
];

const LEAVES_PER_MEGAPIXEL = 700;
const LEAST_RADIUS_PX = 8;
const LARGEST_RADIUS_PX = 260;

/**
 * Creates a picture with the statistics of a photograph: overlapping discs whose sizes follow a power law ("dead
 * leaves": sharp edges between plain surfaces at every scale) under smooth shading, tints and fine texture. At JPEG
 * quality 77 and 4:2:0 it takes about 0.15 bytes per pixel, like a sharp holiday picture.
 */
export function createPhoto(width: number, height: number): Picture {
  const picture = createPicture(width, height);
  const random = createRandom(7);
  paintLeaves(picture, random);
  const light = noise(width, height, LIGHT, random);
  const redder = noise(width, height, TINT, random);
  const bluer = noise(width, height, TINT, random);
  const { pixels } = picture;
  for (let i = 0; i < pixels.length; i++) {
    const colour = pixels[i]!;
    const red = clampByte(((colour >> 16) & 0xff) + light[i]! + redder[i]!);
    const green = clampByte(((colour >> 8) & 0xff) + light[i]!);
    const blue = clampByte((colour & 0xff) + light[i]! + bluer[i]!);
    pixels[i] = (0xff000000 | (red << 16) | (green << 8) | blue) >>> 0;
  }
  return picture;
}

const clampByte = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value | 0);

function paintLeaves({ pixels, width, height }: Picture, random: () => number): void {
  pixels.fill(0x707880);
  const leaves = Math.round((LEAVES_PER_MEGAPIXEL * width * height) / 1e6);
  // Large discs first, because they would hide all others.
  const radii = Array.from({ length: leaves }, () =>
    Math.min(LARGEST_RADIUS_PX, LEAST_RADIUS_PX / Math.sqrt(1 - random() * 0.9995)),
  ).sort((a, b) => b - a);
  for (const radius of radii) {
    const centreX = random() * width;
    const centreY = random() * height;
    const grey = 40 + random() * 170;
    const level = (): number => clampByte(grey + (random() - 0.5) * 70);
    const colour = (level() << 16) | (level() << 8) | level();
    const bottom = Math.min(height, Math.ceil(centreY + radius));
    for (let y = Math.max(0, Math.floor(centreY - radius)); y < bottom; y++) {
      const half = Math.sqrt(Math.max(0, radius * radius - (y - centreY) ** 2));
      const left = Math.max(0, Math.round(centreX - half));
      const right = Math.min(width, Math.round(centreX + half));
      if (left < right) pixels.fill(colour, y * width + left, y * width + right);
    }
  }
}

function noise(width: number, height: number, octaves: Octaves, random: () => number): Float32Array {
  const sum = new Float32Array(width * height);
  for (const [cellPx, levels] of octaves) addOctave(sum, width, height, cellPx, levels, random);
  return sum;
}

/** Adds noise that is smooth over `cellPx`: random values on a lattice, bilinear in between. */
function addOctave(
  shade: Float32Array,
  width: number,
  height: number,
  cellPx: number,
  levels: number,
  random: () => number,
): void {
  const columns = Math.ceil(width / cellPx) + 2;
  const rows = Math.ceil(height / cellPx) + 2;
  const lattice = Float32Array.from({ length: columns * rows }, () => (random() - 0.5) * 2 * levels);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / cellPx);
    const down = y / cellPx - row;
    for (let x = 0; x < width; x++) {
      const column = Math.floor(x / cellPx);
      const across = x / cellPx - column;
      const at = row * columns + column;
      const upper = lattice[at]! + (lattice[at + 1]! - lattice[at]!) * across;
      const lower = lattice[at + columns]! + (lattice[at + columns + 1]! - lattice[at + columns]!) * across;
      shade[y * width + x]! += upper + (lower - upper) * down;
    }
  }
}

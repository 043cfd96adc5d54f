import { PNG } from 'pngjs';

/**
 * Most that a channel of a pixel may differ, of 255. Versions of a browser draw the edges of letters and curves in other
 * shades. A larger value overlooks another colour; with a smaller one, another version is a failure.
 */
const MOST_SHADE = 56;
/**
 * Most pixels that may differ by more. A larger value overlooks a letter or a line, which has some 30; a smaller one
 * fails for corners that another version draws in another way.
 */
const MOST_PIXELS = 24;
/**
 * Most that a channel may differ in the middle of a surface, where nothing is drawn. A larger value overlooks another
 * shade of a surface; a smaller one fails for another rounding of shadows.
 */
const MOST_SURFACE_SHADE = 4;
/** Most by which the neighbours of a pixel on a surface differ from it. */
const MOST_SLOPE = 2;

const CHANNELS = 4;

export interface Comparison {
  /** What is wrong; undefined if the pictures look the same. */
  readonly fault: string | undefined;
  /** A picture of the differences: what looks the same is pale, the rest red. */
  readonly difference: PNG;
}

/**
 * Compares two pictures. A pixel looks the same if one that is like it is at its place or beside it in the other
 * picture, and the other way round: letters may stand up to a pixel aside. On surfaces, it must have the same shade.
 */
export function compareLooks(actual: PNG, stored: PNG): Comparison {
  const { width, height } = stored;
  const difference = new PNG({ width, height });
  if (actual.width !== width || actual.height !== height) {
    const fault = `${actual.width}x${actual.height} pixels instead of ${width}x${height}`;
    return { fault, difference };
  }
  let count = 0;
  for (let at = 0; at < stored.data.length; at += CHANNELS) {
    const isSame = looksSame(actual, stored, at);
    for (let channel = 0; channel < 3; channel++) {
      const shade = stored.data[at + channel]!;
      difference.data[at + channel] = isSame ? 192 + shade / 4 : channel === 0 ? 255 : 0;
    }
    difference.data[at + 3] = 255;
    if (!isSame) count++;
  }
  const fault = count > MOST_PIXELS ? `${count} pixels differ; ${MOST_PIXELS} may` : undefined;
  return { fault, difference };
}

function looksSame(actual: PNG, stored: PNG, at: number): boolean {
  if (isLike(actual.data, at, stored.data, at, MOST_SURFACE_SHADE)) return true;
  if (isSurface(actual, at) && isSurface(stored, at)) return false;
  return hasLike(actual, stored, at) && hasLike(stored, actual, at);
}

/** Whether the picture has the same colour all around a pixel. */
const isSurface = (picture: PNG, at: number): boolean =>
  around(picture, at).every((to) => isLike(picture.data, at, picture.data, to, MOST_SLOPE));

/** Whether `other` has a pixel like that of `picture`, there or beside it. */
const hasLike = (picture: PNG, other: PNG, at: number): boolean =>
  around(picture, at).some((to) => isLike(picture.data, at, other.data, to, MOST_SHADE));

/** Where a pixel and its neighbours are. */
function around({ width, height }: PNG, at: number): number[] {
  const [left, top] = [(at / CHANNELS) % width, Math.floor(at / CHANNELS / width)];
  const places: number[] = [];
  for (let y = Math.max(0, top - 1); y <= Math.min(height - 1, top + 1); y++) {
    for (let x = Math.max(0, left - 1); x <= Math.min(width - 1, left + 1); x++)
      places.push((y * width + x) * CHANNELS);
  }
  return places;
}

const isLike = (a: Uint8Array, at: number, b: Uint8Array, to: number, most: number): boolean =>
  Math.abs(a[at]! - b[to]!) <= most &&
  Math.abs(a[at + 1]! - b[to + 1]!) <= most &&
  Math.abs(a[at + 2]! - b[to + 2]!) <= most;

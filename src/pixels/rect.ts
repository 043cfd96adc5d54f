/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in pixels. (x, y) is its upper left corner; the right and lower edges are exclusive. */
export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

export const areaPx = (size: Size): number => size.width * size.height;

export const sameSize = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height;

export const wholeOf = (size: Size): Rect => ({ x: 0, y: 0, width: size.width, height: size.height });

/**
 * Returns the largest size with the aspect ratio of `size`, to the nearest pixel, that is no larger than `size` and
 * fits into `limit`.
 */
export function fitWithin(size: Size, limit: Size): Size {
  const factor = Math.min(1, limit.width / size.width, limit.height / size.height);
  const scaled = (side: number): number => Math.max(1, Math.round(side * factor));
  return { width: scaled(size.width), height: scaled(size.height) };
}

/** Returns the intersection of `a` and `b`, or undefined if they share no pixel. */
export function intersect(a: Rect, b: Rect): Rect | undefined {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/** Returns the smallest rectangle that contains both. */
export function bounds(a: Rect, b: Rect): Rect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** Whether `a` and `b` share a pixel. */
export const overlaps = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Whether all of `inner` lies in `outer`. */
export const isWithin = (inner: Rect, outer: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

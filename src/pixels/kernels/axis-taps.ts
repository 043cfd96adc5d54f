/**
 * Method of scaling down. `area` averages the covered pixels, which keeps fine lines visible. `nearest` takes the
 * one pixel in the middle, which is harsher and keeps contrast.
 */
export type ScaleFilter = 'area' | 'nearest';

/** Sum of the weights of a mean, as in the kernels. */
export const WEIGHT_SUM = 256;

/** Sources of one row or column of a smaller picture: source rows from `first` on, one for each weight. */
export interface Taps {
  readonly first: number;
  /** Integers that add up to WEIGHT_SUM. */
  readonly weights: readonly number[];
}

/**
 * Returns the sources of each of `to` rows (or columns) made from `from`. Throws RangeError if `from` is smaller
 * than `to`.
 */
export function axisTaps(from: number, to: number, filter: ScaleFilter): Taps[] {
  if (to < 1 || from < to) throw new RangeError(`${from} rows or columns can not be scaled down to ${to}`);
  return Array.from({ length: to }, (_, i) =>
    filter === 'nearest'
      ? { first: Math.floor(((i + 0.5) * from) / to), weights: [WEIGHT_SUM] }
      : areaTaps((i * from) / to, ((i + 1) * from) / to),
  );
}

/** Returns the sources between two places, weighted by how much of each lies between them. */
function areaTaps(start: number, end: number): Taps {
  // A share too small for any weight may only be the remainder of a division.
  const least = (end - start) / WEIGHT_SUM / 2;
  let first = Math.floor(start);
  if (first + 1 - start < least) first++;
  let last = Math.ceil(end);
  if (end - (last - 1) < least) last--;
  const weights: number[] = [];
  let given = 0;
  for (let source = first; source < last; source++) {
    // Rounding the sum so far, and not each weight, keeps the total exact.
    const covered = source + 1 === last ? 1 : (source + 1 - start) / (end - start);
    const soFar = Math.round(covered * WEIGHT_SUM);
    weights.push(soFar - given);
    given = soFar;
  }
  return { first, weights };
}

/**
 * How pixels are made fewer: `area` gives each the mean of what it covers, which keeps fine lines visible;
 * `nearest` the one pixel at its middle, which is harder and keeps contrast.
 */
export type ScaleFilter = 'area' | 'nearest';

/** What a mean's weights add up to, as the kernels have it. */
export const WEIGHT_SUM = 256;

/** What one row or column of a smaller picture is made of: source rows from `first` on, one for each weight. */
export interface Taps {
  readonly first: number;
  /** Whole numbers that add up to WEIGHT_SUM. */
  readonly weights: readonly number[];
}

/** The rows (or columns) of a picture of `to` of them, made from `from`. Throws RangeError where that is fewer. */
export function axisTaps(from: number, to: number, filter: ScaleFilter): Taps[] {
  if (to < 1 || from < to) throw new RangeError(`${from} rows or columns can not be scaled down to ${to}`);
  return Array.from({ length: to }, (_, i) =>
    filter === 'nearest'
      ? { first: Math.floor(((i + 0.5) * from) / to), weights: [WEIGHT_SUM] }
      : areaTaps((i * from) / to, ((i + 1) * from) / to),
  );
}

/** The sources that lie between two places, each by how much of it does. */
function areaTaps(start: number, end: number): Taps {
  // A share too small for any weight may only be what a division left over.
  const least = (end - start) / WEIGHT_SUM / 2;
  let first = Math.floor(start);
  if (first + 1 - start < least) first++;
  let last = Math.ceil(end);
  if (end - (last - 1) < least) last--;
  const weights: number[] = [];
  let given = 0;
  for (let source = first; source < last; source++) {
    // Rounding what is given so far, and not each weight, keeps the sum exact.
    const covered = source + 1 === last ? 1 : (source + 1 - start) / (end - start);
    const soFar = Math.round(covered * WEIGHT_SUM);
    weights.push(soFar - given);
    given = soFar;
  }
  return { first, weights };
}

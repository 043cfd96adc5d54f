/** Points of a curve by rising x. There are at least two. */
export type Curve = readonly (readonly [x: number, y: number])[];

/**
 * Value at `x` of the straight lines between the points of a curve. Beyond the last point on either side, the line
 * between the last two goes on.
 */
export function interpolate(curve: Curve, x: number): number {
  const found = curve.findIndex(([known]) => known >= x);
  const at = Math.max(1, found < 0 ? curve.length - 1 : found);
  const [x0, y0] = curve[at - 1]!;
  const [x1, y1] = curve[at]!;
  return y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
}

/**
 * Returns the structural similarity of two grey pictures: Wang, Bovik, Sheikh, Simoncelli, "Image quality
 * assessment: from error visibility to structural similarity", 2004, with its constants for levels 0-255 and plain
 * windows of 8×8, every fourth pixel. 1 for equal pictures; undefined for pictures smaller than a window.
 */
export function meanSsim(
  a: Float32Array,
  b: Float32Array,
  width: number,
  height: number,
): number | undefined {
  let sum = 0;
  let windows = 0;
  for (let y = 0; y + WINDOW_PX <= height; y += STEP_PX) {
    for (let x = 0; x + WINDOW_PX <= width; x += STEP_PX) {
      sum += windowSsim(a, b, y * width + x, width);
      windows++;
    }
  }
  return windows ? sum / windows : undefined;
}

const WINDOW_PX = 8;
const STEP_PX = 4;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

function windowSsim(a: Float32Array, b: Float32Array, start: number, stridePx: number): number {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let row = 0; row < WINDOW_PX; row++) {
    for (let at = start + row * stridePx, end = at + WINDOW_PX; at < end; at++) {
      const [valueA, valueB] = [a[at]!, b[at]!];
      sumA += valueA;
      sumB += valueB;
      sumAA += valueA * valueA;
      sumBB += valueB * valueB;
      sumAB += valueA * valueB;
    }
  }
  const count = WINDOW_PX * WINDOW_PX;
  const [meanA, meanB] = [sumA / count, sumB / count];
  const varianceA = sumAA / count - meanA * meanA;
  const varianceB = sumBB / count - meanB * meanB;
  const covariance = sumAB / count - meanA * meanB;
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2))
  );
}

/** By how much programs on the desktop enlarge everything, in per cent, or `auto`: as the user's screen does. */
export type DesktopScale = 'auto' | 100 | 125 | 150 | 175 | 200 | 300;

export const DESKTOP_SCALES: readonly [DesktopScale, ...DesktopScale[]] = [
  'auto',
  100,
  125,
  150,
  175,
  200,
  300,
];

/** The range that the server takes; it draws no larger or smaller. */
const [LEAST_PERCENT, MOST_PERCENT] = [50, 400];

/** Returns the scale that the server is told. `devicePixelRatio` covers the screen's density and the browser's zoom. */
export function scalePercentOf(scale: DesktopScale, devicePixelRatio: number): number {
  const percent = scale === 'auto' ? Math.round(devicePixelRatio * 100) : scale;
  return Number.isFinite(percent) ? Math.min(MOST_PERCENT, Math.max(LEAST_PERCENT, percent)) : 100;
}

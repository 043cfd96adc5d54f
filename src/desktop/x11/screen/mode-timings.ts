import type { Size } from '../../../pixels/rect.ts';

/** Refresh rate of a mode that we make. Programs divide by it: some crash with the 0 Hz of Xvfb's own modes. */
const REFRESH_HZ = 60;

/** Largest dot clock that a mode can have: 32 bits of hertz. */
const MOST_DOT_CLOCK_HZ = 0xffff_ffff;

/** Timings of a RandR mode, as in xorg's modelines. */
export interface ModeTimings extends Size {
  readonly dot_clock: number;
  readonly h_sync_start: number;
  readonly h_sync_end: number;
  readonly h_total: number;
  readonly v_sync_start: number;
  readonly v_sync_end: number;
  readonly v_total: number;
}

/**
 * Returns the timings of a mode of `size` with 60 Hz, which is dot_clock / (h_total × v_total). There is no blanking,
 * because there is no monitor. From 71 megapixels the dot clock would not fit, so v_total is smaller than the height.
 */
export function timingsFor({ width, height }: Size): ModeTimings {
  const vTotal = Math.min(height, Math.floor(MOST_DOT_CLOCK_HZ / REFRESH_HZ / width));
  return {
    width,
    height,
    dot_clock: width * vTotal * REFRESH_HZ,
    h_sync_start: width,
    h_sync_end: width,
    h_total: width,
    v_sync_start: vTotal,
    v_sync_end: vTotal,
    v_total: vTotal,
  };
}

/** Returns the refresh rate of a mode as xrandr shows it. */
export const refreshHz = ({ dot_clock, h_total, v_total }: ModeTimings): number =>
  h_total > 0 && v_total > 0 ? dot_clock / (h_total * v_total) : 0;

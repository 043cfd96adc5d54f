const US_PER_MS = 1000;

/** How long one update took on this side, as frame stats report it: whole microseconds. */
export interface FrameTiming {
  /** First byte received to last pixel on the canvas. */
  readonly allUs: number;
  /** The part of it after the last byte: waiting to be decoded, for the update before it, and drawing. */
  readonly renderUs: number;
}

/** All times are of `performance.now()`. */
export function frameTiming(firstByteMs: number, queuedMs: number, drawnMs: number): FrameTiming {
  return { allUs: toUs(drawnMs - firstByteMs), renderUs: toUs(drawnMs - queuedMs) };
}

function toUs(durationMs: number): number {
  return Math.max(0, Math.round(durationMs * US_PER_MS));
}

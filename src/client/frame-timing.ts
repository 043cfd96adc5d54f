const US_PER_MS = 1000;

/** Time that the page spent on one update, in whole microseconds, as frame stats report it. */
export interface FrameTiming {
  /** From the first byte received to the last pixel on the canvas. */
  readonly allUs: number;
  /** The part after the last byte: decoding, waiting for the previous update, drawing. */
  readonly renderUs: number;
}

/** Computes the timing from times of `performance.now()`. */
export function frameTiming(firstByteMs: number, queuedMs: number, drawnMs: number): FrameTiming {
  return { allUs: toUs(drawnMs - firstByteMs), renderUs: toUs(drawnMs - queuedMs) };
}

function toUs(durationMs: number): number {
  return Math.max(0, Math.round(durationMs * US_PER_MS));
}

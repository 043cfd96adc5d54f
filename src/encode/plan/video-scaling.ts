import type { ScaleFilter } from '../../pixels/kernels/axis-taps.ts';
import type { Size } from '../../pixels/rect.ts';

/** How video is sent to a viewer that scales it up again. */
export interface VideoScaling {
  /** What the whole screen is scaled down to fit, aspect kept. */
  readonly maxSize: Size;
  readonly filter: ScaleFilter;
}

/** A smaller picture of a rect. */
export interface ScaledTo extends Size {
  readonly filter: ScaleFilter;
}

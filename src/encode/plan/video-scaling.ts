import type { ScaleFilter } from '../../pixels/kernels/axis-taps.ts';
import type { Size } from '../../pixels/rect.ts';

/** Scaling of video for a viewer that scales it up again. */
export interface VideoScaling {
  /** Size that the whole screen is scaled down to fit into, with its aspect ratio kept. */
  readonly maxSize: Size;
  readonly filter: ScaleFilter;
}

/** Size of a smaller picture of a rect. */
export interface ScaledTo extends Size {
  readonly filter: ScaleFilter;
}

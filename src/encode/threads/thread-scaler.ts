import { createScaler, type Scale } from '../../pixels/kernels/scaler.ts';
import type { SharedFrame } from '../../pixels/shared-frame.ts';
import { compileKernels } from '../../threads/compile-kernels.ts';

/** The scaler of one thread. The first use makes it: most desktops never show video that is scaled. */
export function createThreadScaler(frame: SharedFrame, lane: number): Scale {
  let made: Scale | undefined;
  return (...work) => {
    made ??= createScaler(compileKernels(), frame, lane);
    return made(...work);
  };
}

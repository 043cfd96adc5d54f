import { createScaler, type Scale } from '../../pixels/kernels/scaler.ts';
import type { SharedFrame } from '../../pixels/shared-frame.ts';
import { compileKernels } from '../../threads/compile-kernels.ts';

/** The scaler of one encoder thread, made when it is first used: most desktops never show video at that size. */
export function createThreadScaler(frame: SharedFrame, lane: number): Scale {
  let made: Scale | undefined;
  return (...work) => {
    made ??= createScaler(compileKernels(), frame, lane);
    return made(...work);
  };
}

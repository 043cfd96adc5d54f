import { createPacker, type Packer } from '../../pixels/kernels/packer.ts';
import type { SharedFrame } from '../../pixels/shared-frame.ts';
import { compilePacking } from '../../threads/compile-kernels.ts';

/** The packer of one thread that encodes. The first use makes it. */
export function createThreadPacker(frame: SharedFrame, lane: number): Packer {
  let made: Packer | undefined;
  const packer = (): Packer => {
    made ??= createPacker(compilePacking(), frame, lane);
    return made;
  };
  return {
    palette: (...work) => packer().palette(...work),
    deflate: (...work) => packer().deflate(...work),
    rgb: (...work) => packer().rgb(...work),
  };
}

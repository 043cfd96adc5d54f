import { tileCount } from '../../../pixels/dirty-tiles.ts';
import { MotionFinder } from '../../../pixels/find-motion.ts';
import type { Kernels } from '../../../pixels/kernels/kernels.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import { DesktopError } from '../../errors.ts';
import type { Damaged, Found, FrameSource, TakeDamage } from './frame-source.ts';
import type { PixelCopier } from './pixel-copier.ts';

/** How often a capture starts again because the display was resized under it. */
const RESIZE_RETRIES = 5;

const sinceUs = (startMs: number): number => Math.round((performance.now() - startMs) * 1000);

/** Compares what the server of a display that is not ours has copied for us, each rect in one piece. */
export class CopiedSource implements FrameSource {
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  readonly #pixels: PixelCopier;
  readonly #motion: MotionFinder;

  constructor(frame: SharedFrame, kernels: Kernels, pixels: PixelCopier) {
    this.#frame = frame;
    this.#kernels = kernels;
    this.#pixels = pixels;
    this.#motion = new MotionFinder(frame, kernels);
  }

  async find(takeDamage: TakeDamage, commitAtOnce: boolean): Promise<Found> {
    const start = performance.now();
    const { size, tiles, everything } = await this.#read(takeDamage, RESIZE_RETRIES);
    const readUs = sinceUs(start);
    const compareStart = performance.now();
    tiles.writeTo(new Uint32Array(this.#frame.memory.buffer, this.#frame.boxesAt, tileCount(size)));
    const moved = everything ? undefined : this.#motion.find(tiles);
    this.#kernels.compare(size, { everything, moved, commitAtOnce });
    return { size, everything, readUs, compareUs: sinceUs(compareStart), moved };
  }

  close(): void {
    this.#pixels.close();
  }

  async #read(takeDamage: TakeDamage, retries: number): Promise<Damaged> {
    const damaged = await takeDamage(retries < RESIZE_RETRIES);
    try {
      await this.#pixels.read(damaged.tiles.rects(damaged.size.width), damaged.size);
      return damaged;
    } catch (error) {
      // Where the display has become smaller the server refuses what is outside; where it has not, it is not
      // going to change its mind.
      if (!(error instanceof DesktopError && error.code === 'DESKTOP_X_ERROR') || retries === 0) throw error;
      return this.#read(takeDamage, retries - 1);
    }
  }
}

import { tileCount } from '../../../pixels/dirty-tiles.ts';
import { MotionFinder } from '../../../pixels/find-motion.ts';
import type { Kernels } from '../../../pixels/kernels/kernels.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import { DesktopError } from '../../errors.ts';
import type { CaptureResult, Damaged, FrameSource, TakeDamage } from './frame-source.ts';
import type { PixelCopier } from './pixel-copier.ts';

/**
 * Number of times that a capture starts over because the display was resized under it. Each costs a copy of the whole
 * screen; after the last one the capture fails.
 */
const RESIZE_RETRIES = 5;

const sinceUs = (startMs: number): number => Math.round((performance.now() - startMs) * 1000);

/** Compares pixels that the X server of an attached display has copied, each rect in one piece. */
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

  async capture(takeDamage: TakeDamage, commitAtOnce: boolean): Promise<CaptureResult> {
    const start = performance.now();
    const { size, tiles, everything } = await this.#read(takeDamage, RESIZE_RETRIES);
    const readUs = sinceUs(start);
    const compareStart = performance.now();
    tiles.writeTo(new Uint32Array(this.#frame.memory.buffer, this.#frame.boxesAt, tileCount(size)));
    const moved = everything ? [] : this.#motion.find(tiles);
    this.#kernels.compare(size, { everything, moved, commitAtOnce });
    return { size, moved, readUs, compareUs: sinceUs(compareStart) };
  }

  /** Nothing to do: every capture copies into `incoming`. */
  settle(): void {}

  async close(): Promise<void> {
    this.#pixels.close();
  }

  async #read(takeDamage: TakeDamage, retries: number): Promise<Damaged> {
    const damaged = await takeDamage(retries < RESIZE_RETRIES);
    try {
      await this.#pixels.read(damaged.tiles.rects(damaged.size.width), damaged.size);
      return damaged;
    } catch (error) {
      // A display that became smaller refuses pixels outside of it. Any other refusal would only be repeated.
      if (!(error instanceof DesktopError && error.code === 'DESKTOP_X_ERROR') || retries === 0) throw error;
      return this.#read(takeDamage, retries - 1);
    }
  }
}

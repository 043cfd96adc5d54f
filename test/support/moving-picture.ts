import { forkChild } from '../../bench/ipc.ts';
import type { PainterCalls } from '../../bench/painter/painter.ts';
import type { Workload } from '../../bench/workloads.ts';
import type { RunningDeskwire } from './start-deskwire.ts';

const PAINTER = new URL('../../bench/painter/painter.ts', import.meta.url);

/** What a picture is painted on. */
export type Painted = Pick<RunningDeskwire, 'display' | 'xEnvironment'>;

/** A process of its own that covers the screen with a picture that moves, each frame with its number in it. */
export class MovingPicture {
  readonly #painter;

  private constructor(painter: ReturnType<typeof forkChild<PainterCalls>>) {
    this.#painter = painter;
  }

  /** `picture`: a photograph panned by whole pixels, which can be copied, unless another one is named. */
  static async start(
    on: Painted,
    fps: number,
    picture: Workload['picture'] = 'moving',
  ): Promise<MovingPicture> {
    const painter = forkChild<PainterCalls>(PAINTER, on.xEnvironment());
    const moving = new MovingPicture(painter);
    try {
      await painter.calls.open(on.display);
      await moving.paint(fps, picture);
    } catch (error) {
      await painter.close();
      throw error;
    }
    return moving;
  }

  /** Paints again, or another picture, after `stop`. */
  async paint(fps: number, picture: Workload['picture'] = 'moving'): Promise<void> {
    // The painter goes by the picture and the rate alone; a workload has a name besides.
    await this.#painter.calls.start({ name: 'moving-30', picture, fps });
  }

  /** Stops and clears the screen; when each frame was painted, by its number, in milliseconds of `monotonicMs`. */
  async stop(): Promise<Map<number, number>> {
    return new Map(await this.#painter.calls.stop());
  }

  /** Ends the process, and with it the picture. */
  close(): Promise<void> {
    return this.#painter.close();
  }
}

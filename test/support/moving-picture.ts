import { forkChild } from '../../bench/ipc.ts';
import type { PainterCalls } from '../../bench/painter/painter.ts';
import type { Workload } from '../../bench/workloads.ts';
import type { RunningDeskwire } from './start-deskwire.ts';

const PAINTER = new URL('../../bench/painter/painter.ts', import.meta.url);

/** A server whose desktop is painted. */
export type Painted = Pick<RunningDeskwire, 'display' | 'xEnvironment'>;

/** A separate process that covers the screen with a moving picture, in which each frame shows its number. */
export class MovingPicture {
  readonly #painter;

  private constructor(painter: ReturnType<typeof forkChild<PainterCalls>>) {
    this.#painter = painter;
  }

  /** Default `picture`: a photograph panned by whole pixels, which can be sent as copies. */
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

  /** Paints again after `stop`, the same picture or another. */
  async paint(fps: number, picture: Workload['picture'] = 'moving'): Promise<void> {
    // The painter uses only picture and rate; a workload also has a name.
    await this.#painter.calls.start({ name: 'moving-30', shows: '', picture, fps });
  }

  /** Stops and clears the screen. Resolves with the time of each frame by its number, in `monotonicMs`. */
  async stop(): Promise<Map<number, number>> {
    return new Map(await this.#painter.calls.stop());
  }

  /** Ends the process, and with it the picture. */
  close(): Promise<void> {
    return this.#painter.close();
  }
}

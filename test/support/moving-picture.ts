import { forkChild } from '../../bench/ipc.ts';
import type { PainterCalls } from '../../bench/painter/painter.ts';
import type { RunningDeskwire } from './start-deskwire.ts';

const PAINTER = new URL('../../bench/painter/painter.ts', import.meta.url);

/** What a picture is painted on. */
export type Painted = Pick<RunningDeskwire, 'display' | 'xEnvironment'>;

/** A process of its own that covers the screen with a photograph that moves, each frame with its number in it. */
export class MovingPicture {
  readonly #painter;

  private constructor(painter: ReturnType<typeof forkChild<PainterCalls>>) {
    this.#painter = painter;
  }

  static async start(on: Painted, fps: number): Promise<MovingPicture> {
    const painter = forkChild<PainterCalls>(PAINTER, on.xEnvironment());
    try {
      await painter.calls.open(on.display);
      await painter.calls.start({ name: 'moving-30', picture: 'moving', fps });
    } catch (error) {
      await painter.close();
      throw error;
    }
    return new MovingPicture(painter);
  }

  /** Ends the process, and with it the picture. */
  close(): Promise<void> {
    return this.#painter.close();
  }
}

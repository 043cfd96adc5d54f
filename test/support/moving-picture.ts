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

  /** `picture`: panned by whole pixels, which can be copied, or a film, which can't. */
  static async start(
    on: Painted,
    fps: number,
    picture: 'moving' | 'video' = 'moving',
  ): Promise<MovingPicture> {
    const painter = forkChild<PainterCalls>(PAINTER, on.xEnvironment());
    try {
      await painter.calls.open(on.display);
      await painter.calls.start({ name: `${picture}-30`, picture, fps });
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

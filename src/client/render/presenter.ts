import { type DrawOp, drawnPx } from './draw-op.ts';

/** An update that is not drawn yet. Its steps may still be decoding. */
export interface PendingUpdate {
  readonly steps: readonly (DrawOp | Promise<DrawOp>)[];
}

export interface PresenterOptions {
  readonly draw: (ops: readonly DrawOp[]) => void;
  /** Resolves when a drawing of so many pixels will be seen. */
  readonly turn: (px: number) => Promise<void>;
  /** Called with the first failure. Nothing is drawn after it. */
  readonly onError: (error: unknown) => void;
}

/**
 * Draws updates in the order of arrival, each as a whole. The pictures of several updates decode at the same time,
 * but no step of an update is drawn before all of them can be.
 *
 * The server bounds the number of updates in flight: it counts those that the page has reported as drawn.
 */
export class Presenter {
  readonly #draw: (ops: readonly DrawOp[]) => void;
  readonly #turn: (px: number) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #tail: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: PresenterOptions) {
    this.#draw = options.draw;
    this.#turn = options.turn;
    this.#onError = options.onError;
  }

  /** Draws an update when its turn comes. Calls `onDrawn` when its last pixel is on the canvas. */
  present(update: PendingUpdate, onDrawn: () => void): void {
    const ready = Promise.all(update.steps);
    // The failure is handled below, when the update's turn comes. This prevents an unhandled rejection before that.
    ready.catch(() => {});
    this.#tail = this.#tail.then(async () => {
      try {
        const ops = await ready;
        await this.#turn(drawnPx(ops));
        if (this.#isClosed) return discard(ops);
        this.#draw(ops);
      } catch (error) {
        if (!this.#isClosed) this.#onError(error);
        this.close();
        return;
      }
      onDrawn();
    });
  }

  /** Discards what is still decoding. */
  close(): void {
    this.#isClosed = true;
  }
}

function discard(ops: readonly DrawOp[]): void {
  for (const op of ops) {
    if (op.kind === 'picture') op.bitmap.close();
  }
}

import type { DrawOp } from './draw-op.ts';

/** An update on its way to the screen; its steps may still be decoding. */
export interface PendingUpdate {
  readonly steps: readonly (DrawOp | Promise<DrawOp>)[];
}

export interface PresenterOptions {
  readonly draw: (ops: readonly DrawOp[]) => void;
  /** Resolves when it makes sense to draw again. */
  readonly turn: () => Promise<void>;
  /** Gets the first failure; nothing is drawn after it. */
  readonly onError: (error: unknown) => void;
}

/**
 * Shows updates in the order they came, each whole: its pictures decode beside each other and beside those of the update
 * before it, but nothing of it is drawn before all of it can be.
 *
 * How many updates are under way is bounded by the server, which goes by what was reported as drawn.
 */
export class Presenter {
  readonly #draw: (ops: readonly DrawOp[]) => void;
  readonly #turn: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #tail: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: PresenterOptions) {
    this.#draw = options.draw;
    this.#turn = options.turn;
    this.#onError = options.onError;
  }

  /** Calls `onDrawn` when the update's last pixel is on the canvas. */
  present(update: PendingUpdate, onDrawn: () => void): void {
    const ready = Promise.all(update.steps);
    // Handled below, in turn; without this a failure that comes early counts as unhandled.
    ready.catch(() => {});
    this.#tail = this.#tail.then(async () => {
      try {
        const ops = await ready;
        await this.#turn();
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

  /** What is still decoding is thrown away. */
  close(): void {
    this.#isClosed = true;
  }
}

function discard(ops: readonly DrawOp[]): void {
  for (const op of ops) {
    if (op.kind === 'picture') op.bitmap.close();
  }
}

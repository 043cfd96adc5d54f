import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { OpenUpdate, SentPlan, SentRect, Taker, UpdatePlan, UpdateRect } from './taker.ts';

/**
 * A taker in one update pass. An error in any step of its update fails this taker, once; all later steps then do
 * nothing. No method throws, so that one taker can't keep the pass from serving the others.
 */
export class Recipient {
  readonly #taker: Taker;
  readonly #sent: SentPlan[] = [];
  #update: OpenUpdate | undefined;
  #error: Error | undefined;

  constructor(taker: Taker) {
    this.#taker = taker;
  }

  /** The error that it failed with. Undefined if it has not failed. */
  get error(): Error | undefined {
    return this.#error;
  }

  get taker(): Taker {
    return this.#taker;
  }

  /** Postpones these tiles of its update. Its next update begins with the tile of that number if it is cut. */
  postpone(rest: DirtyTiles, nextTile: number): void {
    this.#attempt(() => {
      this.#taker.giveBack(rest);
      this.#taker.nextTile = nextTile;
    });
  }

  /** Has the taker plan its update, or a part of it; undefined if it fails or has failed. */
  take(take: (taker: Taker) => UpdatePlan): UpdatePlan | undefined {
    return this.#attempt(() => take(this.#taker));
  }

  begin(rectCount: number | undefined): void {
    this.#update = this.#attempt(() => this.#taker.begin(rectCount));
  }

  /** Begins a part. `sent` is filled in by the caller before `end`. Returns the function that passes on each rect. */
  part(
    plan: UpdatePlan,
    rects: readonly UpdateRect[],
    sent: readonly SentRect[],
  ): (bytes: Uint8Array) => void {
    const part = this.#attempt(() => this.#update!.part(rects));
    this.#sent.push({ plan, rects: sent });
    return (bytes) => {
      if (this.#error) return;
      try {
        part!.rect(bytes);
      } catch (error) {
        this.fail(error);
      }
    };
  }

  end(cpuMs: number): void {
    this.#attempt(() => this.#update!.end(cpuMs, this.#sent));
  }

  /**
   * Fails the taker, in a microtask: a viewer that closes wakes the frame loop, which must not begin another pass while
   * this one still calls other takers.
   */
  fail(cause: unknown): void {
    if (this.#error) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#error = error;
    queueMicrotask(() => {
      try {
        this.#taker.failed(error);
      } catch (second) {
        this.#error = new AggregateError([error, second], error.message);
      }
    });
  }

  #attempt<T>(step: () => T): T | undefined {
    if (this.#error) return undefined;
    try {
      return step();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }
}

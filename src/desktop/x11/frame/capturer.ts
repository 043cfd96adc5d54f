import { DirtyTiles, tileCount } from '../../../pixels/dirty-tiles.ts';
import type { Kernels } from '../../../pixels/kernels/kernels.ts';
import { bounds, type Rect, type Size, sameSize } from '../../../pixels/rect.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import { DesktopError } from '../../errors.ts';
import type { LeanConnection } from '../wire/lean-connection.ts';
import { DamageWatch } from './damage-watch.ts';
import { geometrySize, getGeometry, visitRegion } from './frame-requests.ts';
import type { CaptureResult, Damaged, FrameSource, OnTop } from './frame-source.ts';
import { SmallSource } from './small-source.ts';

export interface CapturerOptions {
  /** Whether changes are also committed to `shown`. */
  readonly commitAtOnce: boolean;
  /** Size of the last capture if it was not committed: its changes are captured again. */
  readonly uncommitted?: Size | undefined;
}

/**
 * Follows the damage of a display and copies its pixels into the shared frame.
 *
 * A capture first takes the damage away and then reads the pixels, so that it loses nothing. What a program draws in
 * between is read too, wholly or in part, and its own damage comes with the next capture. In the other order, drawing
 * between the reading and the taking would be lost for ever.
 */
export class Capturer {
  readonly #x: LeanConnection;
  readonly #watch: DamageWatch;
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  readonly #small: SmallSource;
  readonly #source: FrameSource;
  readonly #getGeometry: Buffer;
  /** Size of the picture in `shown`; undefined if `shown` can't be relied on. */
  #shown: Size | undefined;
  /** Damage that a capture of a small change took without its pixels. */
  #missed: Rect | undefined;

  /** Calls `onDamage` when something is drawn: at most once between two captures. */
  static async open(
    x: LeanConnection,
    frame: SharedFrame,
    kernels: Kernels,
    source: FrameSource,
    onDamage: () => void,
  ): Promise<Capturer> {
    return new Capturer(x, await DamageWatch.open(x, onDamage), frame, kernels, source);
  }

  constructor(
    x: LeanConnection,
    watch: DamageWatch,
    frame: SharedFrame,
    kernels: Kernels,
    source: FrameSource,
  ) {
    this.#x = x;
    this.#watch = watch;
    this.#frame = frame;
    this.#kernels = kernels;
    this.#small = new SmallSource(x, watch, frame, kernels, (tileRow, size) => source.settle(tileRow, size));
    this.#source = source;
    this.#getGeometry = getGeometry(x.root);
  }

  async capture({ commitAtOnce, uncommitted }: CapturerOptions, onTop: OnTop): Promise<CaptureResult> {
    try {
      const small = uncommitted ? undefined : await this.#captureSmall(commitAtOnce);
      if (small) return small;
      const takeDamage = (startOver: boolean): Promise<Damaged> => this.#takeDamage(startOver, uncommitted);
      const result = await this.#source.capture(takeDamage, commitAtOnce, onTop);
      this.#missed = undefined;
      if (commitAtOnce) this.#shown = result.size;
      return result;
    } catch (error) {
      // Damage may have been taken whose pixels were not read, and changes committed that were not reported.
      this.#shown = undefined;
      throw error;
    }
  }

  /** Returns undefined if the damage is not small, or some was missed. */
  async #captureSmall(commitAtOnce: boolean): Promise<CaptureResult | undefined> {
    const size = this.#shown;
    const box = size && !this.#missed && this.#small.boxOf(size);
    if (!box) return undefined;
    try {
      const result = await this.#small.capture(box, size, commitAtOnce);
      if (!('missed' in result)) return result;
      this.#missed = bounds(box, result.missed ?? box);
    } catch (error) {
      // The screen became smaller under the capture, or had become so before.
      if (!(error instanceof DesktopError && error.code === 'DESKTOP_X_ERROR')) throw error;
      this.#shown = undefined;
    }
    return undefined;
  }

  /**
   * Resolves when the damage of all that was drawn before this call has been reported. The X server sends it ahead of
   * the answer to a later request. Any request with an answer will do.
   */
  async untilDamageReported(): Promise<void> {
    const answered = this.#x.ask(this.#getGeometry);
    this.#x.flush();
    await answered;
  }

  /** Commits the last capture, which had this size. */
  commit(size: Size): void {
    this.#kernels.commit(size);
    this.#shown = size;
  }

  /** Takes the damage away from the X server, in one round trip. */
  async #takeDamage(startOver: boolean, uncommitted: Size | undefined): Promise<Damaged> {
    this.#watch.takeRegion();
    // Copied, because the other reply may come with another read.
    const fetched = this.#x.ask(this.#watch.fetchRegion).then((reply) => Buffer.from(reply));
    // The size is asked for last: it must include a resize before the subtraction, and a resize after the
    // subtraction brings damage of its own.
    const geometry = this.#x.ask(this.#getGeometry);
    this.#x.flush();
    const [region, { width, height }] = await Promise.all([fetched, geometry.then(geometrySize)]);
    const { maxSize } = this.#frame;
    const size = { width: Math.min(width, maxSize.width), height: Math.min(height, maxSize.height) };
    const everything = startOver || !this.#shown || !sameSize(size, this.#shown);
    const tiles = everything ? DirtyTiles.whole(size) : this.#toRead(size, region, uncommitted);
    return { size, tiles, everything };
  }

  /**
   * Returns the tiles to read: the damage, what was missed, and the changes of an uncommitted capture. Scattered
   * drawing has thousands of rects, which the tiles merge.
   */
  #toRead(size: Size, region: Buffer, uncommitted: Size | undefined): DirtyTiles {
    if (uncommitted && !sameSize(uncommitted, size)) return DirtyTiles.whole(size);
    const tiles = new DirtyTiles(size);
    visitRegion(region, (rect) => tiles.add(rect));
    if (this.#missed) tiles.add(this.#missed);
    if (uncommitted) {
      tiles.mergeBoxes(new Uint32Array(this.#frame.memory.buffer, this.#frame.boxesAt, tileCount(size)));
    }
    return tiles;
  }
}

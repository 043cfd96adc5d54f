import type { Damage, Fixes, XRect } from 'x11';
import { DirtyTiles, tileCount } from '../../../pixels/dirty-tiles.ts';
import type { Kernels } from '../../../pixels/kernels/kernels.ts';
import { type Size, sameSize } from '../../../pixels/rect.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import { extension, type XConnection } from '../wire/connection.ts';
import type { CaptureResult, Damaged, FrameSource, OnTop } from './frame-source.ts';

/** DamageReportNonEmpty: one event when something is damaged, and the next only after the damage was subtracted. */
const NON_EMPTY = 3;

const NO_REGION = 0;

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
  readonly #x: XConnection;
  readonly #fixes: Fixes;
  readonly #damage: Damage;
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  readonly #source: FrameSource;
  readonly #damageId: number;
  readonly #regionId: number;
  /** Size of the picture in `shown`; undefined if `shown` can't be relied on. */
  #shown: Size | undefined;

  /** Calls `onDamage` when something is drawn: at most once between two captures. */
  static async open(
    x: XConnection,
    frame: SharedFrame,
    kernels: Kernels,
    source: FrameSource,
    onDamage: () => void,
  ): Promise<Capturer> {
    const [fixes, damage] = await Promise.all([
      extension<Fixes>('XFIXES', (done) => x.client.require('fixes', done)),
      extension<Damage>('DAMAGE', (done) => x.client.require('damage', done)),
    ]);
    const capturer = new Capturer(x, fixes, damage, frame, kernels, source);
    x.onEvent((event) => {
      if (event.type === damage.firstEvent) onDamage();
    });
    // A new damage object begins with the whole screen damaged, and reports it.
    damage.Create(capturer.#damageId, x.root, NON_EMPTY);
    await x.sync();
    return capturer;
  }

  constructor(
    x: XConnection,
    fixes: Fixes,
    damage: Damage,
    frame: SharedFrame,
    kernels: Kernels,
    source: FrameSource,
  ) {
    this.#x = x;
    this.#fixes = fixes;
    this.#damage = damage;
    this.#frame = frame;
    this.#kernels = kernels;
    this.#source = source;
    this.#damageId = x.client.AllocID();
    this.#regionId = x.client.AllocID();
    fixes.CreateRegion(this.#regionId, []);
  }

  async capture({ commitAtOnce, uncommitted }: CapturerOptions, onTop: OnTop): Promise<CaptureResult> {
    try {
      const takeDamage = (startOver: boolean): Promise<Damaged> => this.#takeDamage(startOver, uncommitted);
      const result = await this.#source.capture(takeDamage, commitAtOnce, onTop);
      if (commitAtOnce) this.#shown = result.size;
      return result;
    } catch (error) {
      // Damage may have been taken whose pixels were not read, and changes committed that were not reported.
      this.#shown = undefined;
      throw error;
    }
  }

  /** Commits the last capture, which had this size. */
  commit(size: Size): void {
    this.#kernels.commit(size);
    this.#shown = size;
  }

  /** Takes the damage away from the X server, in one round trip. */
  async #takeDamage(startOver: boolean, uncommitted: Size | undefined): Promise<Damaged> {
    this.#damage.Subtract(this.#damageId, NO_REGION, this.#regionId);
    const fetched = this.#x.request<{ rectangles: XRect[] }>((_, done) =>
      this.#fixes.FetchRegion(this.#regionId, done),
    );
    // The size is asked for last: it must include a resize before the subtraction, and a resize after the
    // subtraction brings damage of its own.
    const geometry = this.#x.request<Size>((client, done) => client.GetGeometry(this.#x.root, done));
    this.#x.client.flush();
    const [{ rectangles }, { width, height }] = await Promise.all([fetched, geometry]);
    const { maxSize } = this.#frame;
    const size = { width: Math.min(width, maxSize.width), height: Math.min(height, maxSize.height) };
    const everything = startOver || !this.#shown || !sameSize(size, this.#shown);
    const tiles = everything ? DirtyTiles.whole(size) : this.#toRead(size, rectangles, uncommitted);
    return { size, tiles, everything };
  }

  /**
   * Returns the tiles to read: the damage, and the changes of an uncommitted capture. Scattered drawing has thousands
   * of rects, which the tiles merge.
   */
  #toRead(size: Size, rects: readonly XRect[], uncommitted: Size | undefined): DirtyTiles {
    if (uncommitted && !sameSize(uncommitted, size)) return DirtyTiles.whole(size);
    const tiles = new DirtyTiles(size);
    for (const rect of rects) tiles.add(rect);
    if (uncommitted) {
      tiles.mergeBoxes(new Uint32Array(this.#frame.memory.buffer, this.#frame.boxesAt, tileCount(size)));
    }
    return tiles;
  }

  close(): void {
    this.#source.close();
  }
}

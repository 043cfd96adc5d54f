import type { Damage, Fixes, XRect } from 'x11';
import { DirtyTiles, tileCount } from '../../../pixels/dirty-tiles.ts';
import type { Kernels } from '../../../pixels/kernels/kernels.ts';
import type { Offset } from '../../../pixels/motion.ts';
import { type Size, sameSize } from '../../../pixels/rect.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import { extension, type XConnection } from '../wire/connection.ts';
import type { Damaged, Found, FrameSource, OnTop } from './frame-source.ts';

/** DamageReportNonEmpty: one event when something is damaged, the next only after it has been subtracted. */
const NON_EMPTY = 3;

const NO_REGION = 0;

/** What a capture found; the boxes of what changed, and of what moved, are in the shared frame. */
export interface CaptureResult {
  readonly size: Size;
  readonly resized: boolean;
  readonly moved: Offset | undefined;
  readonly readUs: number;
  readonly compareUs: number;
}

/**
 * Follows what is drawn on a display and copies it into the shared frame.
 *
 * The order of a capture is what makes it lose nothing: the damage is taken away first, then the pixels are
 * read. What is drawn in between is read as well, or half of it is, and its own damage comes with the next
 * capture. Read first, and what is drawn before the damage is taken would be lost for ever.
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
  /** The size of what is in `shown`; undefined while nothing in there can be relied on. */
  #committed: Size | undefined;
  /** Found by the last capture and not committed yet. */
  #uncommitted: { readonly size: Size } | undefined;

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
    // A new damage object begins with the whole screen damaged and says so.
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

  async capture(commitAtOnce: boolean, onTop: OnTop): Promise<CaptureResult> {
    const found = await this.#find(commitAtOnce, onTop);
    const { size, everything, readUs, compareUs, moved } = found;
    const resized = everything && this.#committed !== undefined;
    this.#uncommitted = { size };
    if (commitAtOnce) this.#settle();
    return { size, resized, moved, readUs, compareUs };
  }

  async #find(commitAtOnce: boolean, onTop: OnTop): Promise<Found> {
    try {
      return await this.#source.find((again) => this.#takeDamage(again), commitAtOnce, onTop);
    } catch (error) {
      // It may have taken damage with it that nobody has read, and committed a part that nobody was told of.
      this.#committed = undefined;
      throw error;
    }
  }

  commit(): void {
    if (!this.#uncommitted) return;
    this.#kernels.commit(this.#uncommitted.size);
    this.#settle();
  }

  #settle(): void {
    this.#committed = this.#uncommitted?.size;
    this.#uncommitted = undefined;
  }

  /** Takes the damage away and tells where it was. One round trip. */
  async #takeDamage(again: boolean): Promise<Damaged> {
    this.#damage.Subtract(this.#damageId, NO_REGION, this.#regionId);
    const fetched = this.#x.request<{ rectangles: XRect[] }>((_, done) =>
      this.#fixes.FetchRegion(this.#regionId, done),
    );
    // The size must be asked for last: a resize after the subtraction brings damage of its own, one before it
    // must not be missed.
    const geometry = this.#x.request<Size>((client, done) => client.GetGeometry(this.#x.root, done));
    this.#x.client.flush();
    const [{ rectangles }, { width, height }] = await Promise.all([fetched, geometry]);
    const { maxSize } = this.#frame;
    const size = { width: Math.min(width, maxSize.width), height: Math.min(height, maxSize.height) };
    const everything = !this.#committed || !sameSize(size, this.#committed);
    const tiles = everything || again ? DirtyTiles.whole(size) : this.#toRead(size, rectangles);
    return { size, tiles, everything };
  }

  /**
   * What has to be read: the damage, and what the last capture found if nobody committed it. The tiles merge
   * whatever number of rects X tells (thousands under scattered drawing).
   */
  #toRead(size: Size, rects: readonly XRect[]): DirtyTiles {
    const tiles = new DirtyTiles(size);
    for (const rect of rects) tiles.add(rect);
    if (this.#uncommitted) {
      const { buffer } = this.#frame.memory;
      if (!sameSize(this.#uncommitted.size, size)) return DirtyTiles.whole(size);
      tiles.mergeBoxes(new Uint32Array(buffer, this.#frame.boxesAt, tileCount(size)));
    }
    return tiles;
  }

  close(): void {
    this.#source.close();
  }
}

import type { PlannedCopies } from '../../encode/plan/plan-copies.ts';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Rect, Size } from '../../pixels/rect.ts';

/** Tiles that a viewer was sent with more loss than it accepts for a picture that holds still. */
export class Blur {
  #tiles: DirtyTiles;

  constructor(size: Size) {
    this.#tiles = new DirtyTiles(size);
  }

  get isEmpty(): boolean {
    return this.#tiles.isEmpty;
  }

  get areaPx(): number {
    return this.#tiles.areaPx;
  }

  /** Notes that a rect was sent with loss. */
  add(rect: Rect): void {
    this.#tiles.add(rect);
  }

  /** Notes that a rect was sent without loss. */
  remove(rect: Rect): void {
    this.#tiles.remove(rect);
  }

  merge(tiles: DirtyTiles): void {
    this.#tiles.merge(tiles);
  }

  /** Notes that content was copied: it is as blurred at its new place as it was before. */
  moved({ moves }: PlannedCopies): void {
    if (!this.isEmpty) this.#tiles = this.#tiles.moved(moves);
  }

  /** Notes that no tile of a picture of this size is blurred. */
  clear(size: Size): void {
    this.#tiles = new DirtyTiles(size);
  }

  /** Whether the predicate accepts any blurred tile. */
  some(accepts: (tileX: number, tileY: number) => boolean): boolean {
    return this.#tiles.some(accepts);
  }

  /**
   * Takes tiles that the predicate accepts, from the top: at most `maxPx` pixels of at most `maxTiles` tiles, or one
   * tile.
   */
  take(
    accepts: (tileX: number, tileY: number) => boolean,
    maxPx = Number.POSITIVE_INFINITY,
    maxTiles = Number.POSITIVE_INFINITY,
  ): DirtyTiles {
    let leftPx = maxPx;
    let count = 0;
    const { yes, no } = this.#tiles.partition((tileX, tileY, tilePx) => {
      const fits = count === 0 || (tilePx <= leftPx && count < maxTiles);
      if (!fits || !accepts(tileX, tileY)) return false;
      leftPx -= tilePx;
      count++;
      return true;
    });
    this.#tiles = no;
    return yes;
  }
}

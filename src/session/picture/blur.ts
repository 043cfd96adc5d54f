import type { PlannedCopies } from '../../encode/plan/copy-rects.ts';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Rect, Size } from '../../pixels/rect.ts';

/** What a viewer has been sent with more loss than it wants for a picture that holds still. */
export class Blur {
  #tiles: DirtyTiles;

  constructor(size: Size) {
    this.#tiles = new DirtyTiles(size);
  }

  get isEmpty(): boolean {
    return this.#tiles.isEmpty;
  }

  /** It was sent with loss. */
  add(rect: Rect): void {
    this.#tiles.add(rect);
  }

  /** It was sent without any. */
  remove(rect: Rect): void {
    this.#tiles.remove(rect);
  }

  merge(tiles: DirtyTiles): void {
    this.#tiles.merge(tiles);
  }

  /** Content was copied: it is at its new place what it was before. */
  moved({ copied, dx, dy }: PlannedCopies): void {
    if (!this.isEmpty) this.#tiles = this.#tiles.moved(copied, dx, dy);
  }

  /** Nothing of a picture of this size is blurred. */
  clear(size: Size): void {
    this.#tiles = new DirtyTiles(size);
  }

  /** Whether there is something in a tile that the predicate accepts. */
  some(accepts: (tileX: number, tileY: number) => boolean): boolean {
    return this.#tiles.some(accepts);
  }

  /** Takes tiles that the predicate accepts, from the top: at most `maxPx` pixels of at most `maxTiles` tiles, or one tile. */
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

import { DirtyTiles } from '../pixels/dirty-tiles.ts';
import type { Motion } from '../pixels/motion.ts';
import type { Rect, Size } from '../pixels/rect.ts';

/** What a viewer has been sent with more loss than it wants for a picture that holds still. */
export class Blur {
  #tiles: DirtyTiles;

  constructor(size: Size) {
    this.#tiles = new DirtyTiles(size);
  }

  get isEmpty(): boolean {
    return this.#tiles.isEmpty;
  }

  add(rect: Rect): void {
    this.#tiles.add(rect);
  }

  merge(tiles: DirtyTiles): void {
    this.#tiles.merge(tiles);
  }

  /** Content was copied: where it was blurred, it is so at its new place, too. */
  moved({ copies, dx, dy }: Motion): void {
    if (this.isEmpty) return;
    const before = this.#tiles.clone();
    copies.forEach((box) => {
      if (before.touches({ ...box, x: box.x - dx, y: box.y - dy })) this.#tiles.add(box);
    });
  }

  /** Nothing of a picture of this size is blurred. */
  clear(size: Size): void {
    this.#tiles = new DirtyTiles(size);
  }

  /** Takes a piece of what the predicate accepts: from the top, at most `maxPx` pixels, or one tile. */
  take(accepts: (tileX: number, tileY: number) => boolean, maxPx: number): DirtyTiles {
    let leftPx = maxPx;
    const { yes, no } = this.#tiles.partition((tileX, tileY, tilePx) => {
      const fits = leftPx === maxPx || tilePx <= leftPx;
      if (!fits || !accepts(tileX, tileY)) return false;
      leftPx -= tilePx;
      return true;
    });
    this.#tiles = no;
    return yes;
  }
}

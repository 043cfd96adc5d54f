import { DirtyTiles } from '../pixels/dirty-tiles.ts';
import type { Motion } from '../pixels/motion.ts';
import type { Rect, Size } from '../pixels/rect.ts';

/** What is to be sent to somebody: first what moved, then what changed besides. */
export interface Owed {
  readonly motion: Motion | undefined;
  readonly tiles: DirtyTiles;
  /** What they have with loss, and are to have as it looks best. */
  readonly sharpening?: DirtyTiles;
}

/**
 * What somebody has not been sent of the shown picture. A motion may be owed as such only while it starts from
 * what they have: whoever missed anything of the frame before is owed all that changed.
 */
export class Lacks {
  #tiles: DirtyTiles;
  #motion: Motion | undefined;

  constructor(size: Size) {
    this.#tiles = new DirtyTiles(size);
  }

  get size(): Size {
    return this.#tiles.size;
  }

  get isEmpty(): boolean {
    return !this.#motion && this.#tiles.isEmpty;
  }

  /** The picture, of the same size as before, has changed; `motion` where they can be told of one. */
  changed(tiles: DirtyTiles, motion?: Motion): void {
    if (motion && this.isEmpty) {
      this.#motion = motion;
      this.#tiles = motion.rest.clone();
      return;
    }
    this.#forgetMotion();
    this.#tiles.merge(tiles);
  }

  add(rect: Rect): void {
    this.#tiles.add(rect);
  }

  /** Everything of a picture of this size is lacking. */
  all(size: Size): void {
    this.#motion = undefined;
    this.#tiles = DirtyTiles.whole(size);
  }

  /** Nothing is lacking. */
  none(): void {
    this.#motion = undefined;
    this.#tiles = new DirtyTiles(this.#tiles.size);
  }

  take(): Owed {
    const owed = { motion: this.#motion, tiles: this.#tiles };
    this.none();
    return owed;
  }

  /** Some of the tiles that were taken last are not sent after all. */
  giveBack(tiles: DirtyTiles): void {
    this.#tiles.merge(tiles);
  }

  /** Takes what is lacking in the first rows of tiles alone. */
  takeTop(tileRows: number): Owed {
    this.#forgetMotion();
    return { motion: undefined, tiles: this.#tiles.takeTop(tileRows) };
  }

  #forgetMotion(): void {
    if (this.#motion) this.#tiles.merge(this.#motion.changed);
    this.#motion = undefined;
  }
}

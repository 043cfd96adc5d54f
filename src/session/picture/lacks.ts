import type { PlannedCopies } from '../../encode/plan/copy-rects.ts';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Rect, Size } from '../../pixels/rect.ts';
import type { Owed } from '../frame/taker.ts';

/**
 * Steps of a motion that wait for one update: copies cost hardly any bytes, but a viewer has to carry them out. At 60
 * frames a second a viewer that gets eight updates has seven steps in each.
 */
const MOST_STEPS = 8;

/** Copies that leave more than this share of what changed to be sent spare too little. */
const WORTH_SHARE = 0.9;

/**
 * What somebody has not been sent of the shown picture. Motions are owed as such: whatever their picture lacks goes
 * along with its pixels as they are copied, so that who is behind can be told of a motion, too.
 */
export class Lacks {
  /** What is lacking when the copies have been carried out. */
  #tiles: DirtyTiles;
  #copies: PlannedCopies[] = [];
  /** What is lacking if they are not. */
  #withoutCopies: DirtyTiles;

  constructor(size: Size) {
    this.#tiles = new DirtyTiles(size);
    this.#withoutCopies = this.#tiles;
  }

  get size(): Size {
    return this.#tiles.size;
  }

  get isEmpty(): boolean {
    return this.#copies.length === 0 && this.#tiles.isEmpty;
  }

  /** The picture, of the same size as before, has changed; `copies` where they can be told what of it moved. */
  changed(tiles: DirtyTiles, copies?: PlannedCopies): void {
    if (this.#copies.length === MOST_STEPS) this.forgetCopies();
    if (copies) {
      if (this.#copies.length === 0) this.#withoutCopies = this.#tiles.clone();
      this.#withoutCopies.merge(tiles);
      this.#tiles = this.#tiles.moved(copies.copied, copies.dx, copies.dy);
      this.#tiles.merge(copies.rest);
      this.#copies.push(copies);
    } else {
      this.#merge(tiles);
    }
  }

  add(rect: Rect): void {
    this.#tiles.add(rect);
    if (this.#copies.length > 0) this.#withoutCopies.add(rect);
  }

  /** Everything of a picture of this size is lacking. */
  all(size: Size): void {
    this.#copies = [];
    this.#tiles = DirtyTiles.whole(size);
  }

  /** Nothing is lacking. */
  none(): void {
    this.#copies = [];
    this.#tiles = new DirtyTiles(this.#tiles.size);
  }

  /** What moved is to be sent as pixels. */
  forgetCopies(): void {
    if (this.#copies.length > 0) this.#tiles = this.#withoutCopies;
    this.#copies = [];
  }

  take(): Owed {
    if (this.#copies.length > 0 && !this.#copiesPay) this.forgetCopies();
    const owed = { copies: this.#copies, tiles: this.#tiles };
    this.none();
    return owed;
  }

  /** Some of the tiles that were taken last are not sent after all. */
  giveBack(tiles: DirtyTiles): void {
    this.#merge(tiles);
  }

  /** Takes what is lacking in the first rows of tiles alone. */
  takeTop(tileRows: number): Owed {
    this.forgetCopies();
    return { copies: [], tiles: this.#tiles.takeTop(tileRows) };
  }

  get #copiesPay(): boolean {
    return this.#tiles.areaPx <= this.#withoutCopies.areaPx * WORTH_SHARE;
  }

  #merge(tiles: DirtyTiles): void {
    this.#tiles.merge(tiles);
    if (this.#copies.length > 0) this.#withoutCopies.merge(tiles);
  }
}

import type { PlannedCopies } from '../../encode/plan/plan-copies.ts';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import { areaPx, type Rect, type Size } from '../../pixels/rect.ts';
import type { Owed } from '../frame/taker.ts';

/**
 * Most motions in one update. Each costs few bytes, but the viewer must carry out its copies. With fewer, a
 * viewer of a scrolling page that gets 8 of 60 frames a second, and so 7 motions in each update, is sent pixels. With
 * more, an update could have more copies than 1,024.
 */
const MOST_STEPS = 8;

/**
 * Share of the changed pixels that may be left to send after the copies. If more is left, all is sent as pixels. A
 * larger share makes viewers draw copies that save few bytes.
 */
const WORTH_SHARE = 0.9;

/**
 * Tiles of the shown picture that one viewer has not been sent. Motions are kept as copies. When a copy moves pixels
 * that the viewer lacks, the lack moves with them, so that a viewer that is frames behind can be sent copies as well.
 */
export class Lacks {
  /** Lacking tiles after the copies have been carried out. */
  #tiles: DirtyTiles;
  #copies: PlannedCopies[] = [];
  /** Lacking tiles if no copy is carried out. Equal to `#tiles` while there are no copies. */
  #withoutCopies: DirtyTiles;

  constructor(size: Size) {
    this.#tiles = new DirtyTiles(size);
    this.#withoutCopies = this.#tiles;
  }

  get size(): Size {
    return this.#tiles.size;
  }

  /** Tiles that are lacking after the copies. The caller does not change them. */
  get tiles(): DirtyTiles {
    return this.#tiles;
  }

  get isEmpty(): boolean {
    return this.#copies.length === 0 && this.#tiles.isEmpty;
  }

  /** Whether every pixel of the picture is lacking. */
  get hasAll(): boolean {
    const { size, tiles } = this.#tiles;
    return this.#copies.length === 0 && tiles === tileCount(size) && this.#tiles.areaPx === areaPx(size);
  }

  /** Notes a change of the picture, which has the same size as before. `copies` says which of the content moved. */
  changed(tiles: DirtyTiles, copies?: PlannedCopies): void {
    if (this.#copies.length === MOST_STEPS) this.forgetCopies();
    if (copies) {
      if (this.#copies.length === 0) this.#withoutCopies = this.#tiles.clone();
      this.#withoutCopies.merge(tiles);
      this.#tiles = this.#tiles.moved(copies.moves);
      this.#tiles.merge(copies.rest);
      this.#copies.push(copies);
    } else {
      this.#merge(tiles);
    }
  }

  /** Marks a part of the picture as lacking. */
  add(rect: Rect): void {
    this.#tiles.add(rect);
    if (this.#copies.length > 0) this.#withoutCopies.add(rect);
  }

  /** Marks all of a picture of this size as lacking. */
  all(size: Size): void {
    this.#copies = [];
    this.#tiles = DirtyTiles.whole(size);
  }

  /** Marks all as sent. */
  none(): void {
    this.#copies = [];
    this.#tiles = new DirtyTiles(this.#tiles.size);
  }

  /** Has content that moved sent as pixels. */
  forgetCopies(): void {
    if (this.#copies.length > 0) this.#tiles = this.#withoutCopies;
    this.#copies = [];
  }

  /** Takes all that is lacking. */
  take(): Owed {
    if (this.#copies.length > 0 && !this.#copiesPay) this.forgetCopies();
    const owed = { copies: this.#copies, tiles: this.#tiles };
    this.none();
    return owed;
  }

  /** Marks tiles that were taken, and not sent, as lacking again. */
  giveBack(tiles: DirtyTiles): void {
    this.#merge(tiles);
  }

  /** Takes the lacking tiles of the first `tileRows` rows. Drops all copies: they may reach into other rows. */
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

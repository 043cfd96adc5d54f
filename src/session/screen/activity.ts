import { type DirtyTiles, tileCount, tilesAcross } from '../../pixels/dirty-tiles.ts';
import type { Motion } from '../../pixels/motion.ts';
import { isPhotoLike } from '../../pixels/photo-like.ts';
import { areaPx, type Size, sameSize } from '../../pixels/rect.ts';

/**
 * Longest pause in milliseconds between two changes of a tile that keeps changing. A larger value takes slides for
 * video and shows them with loss; a smaller one takes a film of few frames per second for a still picture.
 */
export const LONGEST_PAUSE_MS = 500;

/**
 * Milliseconds without a change after which a tile holds still. A larger value sharpens later; a smaller one sharpens
 * tiles that are about to change again.
 */
export const STILL_AFTER_MS = 300;

/**
 * Which tiles of the screen keep changing, and which hold still. A tile that keeps changing is sent at lower quality,
 * one that holds still is sharpened. Each tile counts by itself, so that two small films that change in turns do not
 * count as a large film of twice the rate.
 */
export class Activity {
  /** By tile: the colours of the shown picture, as in SharedFrame. */
  readonly #colours: Uint16Array;
  #size: Size = { width: 0, height: 0 };
  // By tile.
  /** Time when it last changed. */
  #changedAtMs = new Float64Array(0);
  /** Time when it last showed new content, other than by a motion. */
  #renewedAtMs = new Float64Array(0);
  /** Pixels of new content in the last change; 0 if the pause before it was too long. */
  #movingPx = new Uint16Array(0);
  /** 1 if it looked like a photograph after the last change. */
  #isPhoto = new Uint8Array(0);

  constructor(colours: Uint16Array) {
    this.#colours = colours;
  }

  /**
   * The tiles changed in a frame that was captured at `nowMs`, after damage at `damagedAtMs`. The time between the two
   * is no pause: the frame had to wait for a viewer, or for the highest frame rate.
   *
   * Content that only moved is not new: it is sent as a copy, which costs nothing and is sharp.
   */
  changed(tiles: DirtyTiles, motion: Motion | undefined, damagedAtMs: number, nowMs: number): void {
    if (!sameSize(tiles.size, this.#size)) this.#begin(tiles.size, Number.NEGATIVE_INFINITY);
    tiles.forEach((_, tileX, tileY) => {
      this.#changedAtMs[this.#tile(tileX, tileY)] = nowMs;
    });
    (motion?.rest ?? tiles).forEach(({ width, height }, tileX, tileY) => {
      const tile = this.#tile(tileX, tileY);
      const keepsChanging = damagedAtMs - this.#renewedAtMs[tile]! <= LONGEST_PAUSE_MS;
      this.#movingPx[tile] = keepsChanging ? width * height : 0;
      this.#isPhoto[tile] = isPhotoLike(this.#colours[tile]!) ? 1 : 0;
      this.#renewedAtMs[tile] = nowMs;
    });
  }

  /** The picture has another size: every tile has changed, and none keeps changing. */
  resized(size: Size, nowMs: number): void {
    this.#begin(size, nowMs);
  }

  /** Whether a tile keeps showing new content. */
  isMoving(tileX: number, tileY: number, nowMs: number): boolean {
    const tile = this.#tile(tileX, tileY);
    return this.#movingPx[tile]! > 0 && nowMs - this.#renewedAtMs[tile]! <= LONGEST_PAUSE_MS;
  }

  /** Whether a tile has not changed for STILL_AFTER_MS. */
  isStill(tileX: number, tileY: number, nowMs: number): boolean {
    return nowMs - this.#changedAtMs[this.#tile(tileX, tileY)]! >= STILL_AFTER_MS;
  }

  /**
   * Share of the screen, 0 to 1, that keeps showing new content that looks like a film. Pages of text that are turned
   * are none: as video they would be JPEGs of a smaller picture, and hard to read.
   */
  filmShare(nowMs: number): number {
    let moving = 0;
    for (let tile = 0; tile < this.#movingPx.length; tile++) {
      const isRecent = nowMs - this.#renewedAtMs[tile]! <= LONGEST_PAUSE_MS;
      if (isRecent && this.#isPhoto[tile] === 1) moving += this.#movingPx[tile]!;
    }
    return moving === 0 ? 0 : moving / areaPx(this.#size);
  }

  #tile(tileX: number, tileY: number): number {
    return tileY * tilesAcross(this.#size.width) + tileX;
  }

  #begin(size: Size, changedAtMs: number): void {
    const tiles = tileCount(size);
    this.#size = size;
    this.#changedAtMs = new Float64Array(tiles).fill(changedAtMs);
    this.#renewedAtMs = new Float64Array(tiles).fill(Number.NEGATIVE_INFINITY);
    this.#movingPx = new Uint16Array(tiles);
    this.#isPhoto = new Uint8Array(tiles);
  }
}

import { type DirtyTiles, tileCount, tilesAcross } from '../../pixels/dirty-tiles.ts';
import type { Motion } from '../../pixels/motion.ts';
import { areaPx, type Size, sameSize } from '../../pixels/rect.ts';

/**
 * A place that was still for this long before it changed did not keep changing: slides that follow each other more slowly
 * than this are to be read, and no video.
 */
export const LONGEST_PAUSE_MS = 500;

/** A place that has not changed for this long is taken to hold still. */
export const STILL_AFTER_MS = 300;

/**
 * How lively the picture is, place by place: what keeps changing is shown with less, what holds still is
 * sharpened. It looks at each tile by itself: two small films that change in turns are together what they are,
 * and not one large film at twice the rate.
 */
export class Activity {
  #size: Size = { width: 0, height: 0 };
  /** By tile: when it last changed, when it last showed something new, and how much of it was new if it kept being so, else 0. */
  #changedAtMs = new Float64Array(0);
  #renewedAtMs = new Float64Array(0);
  #movingPx = new Uint16Array(0);

  /**
   * The tiles changed in a frame that was captured `nowMs`, upon damage that was noticed at `damagedAtMs`. What lies
   * between the two was no calm: the frame had to wait, for a viewer or for the highest rate.
   *
   * What only moved is nothing new: a copy of it costs nothing, however long that goes on, and is sharp.
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
      this.#renewedAtMs[tile] = nowMs;
    });
  }

  /** The picture has another size: new all over, and no part of anything that goes on. */
  resized(size: Size, nowMs: number): void {
    this.#begin(size, nowMs);
  }

  /** Whether a tile keeps showing something new. */
  isMoving(tileX: number, tileY: number, nowMs: number): boolean {
    const tile = this.#tile(tileX, tileY);
    return this.#movingPx[tile]! > 0 && nowMs - this.#renewedAtMs[tile]! <= LONGEST_PAUSE_MS;
  }

  /** Whether a tile has held still for a while. */
  isStill(tileX: number, tileY: number, nowMs: number): boolean {
    return nowMs - this.#changedAtMs[this.#tile(tileX, tileY)]! >= STILL_AFTER_MS;
  }

  /** How much of the screen keeps showing something new, 0 to 1. */
  movingShare(nowMs: number): number {
    let moving = 0;
    for (let tile = 0; tile < this.#movingPx.length; tile++) {
      if (nowMs - this.#renewedAtMs[tile]! <= LONGEST_PAUSE_MS) moving += this.#movingPx[tile]!;
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
  }
}

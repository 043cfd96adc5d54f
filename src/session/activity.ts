import { type DirtyTiles, tileCount, tilesAcross } from '../pixels/dirty-tiles.ts';
import { type Size, sameSize } from '../pixels/rect.ts';

/** Changes in a row, none longer after the one before than the gap, that make a tile a moving one. */
const MOVING_CHANGES = 3;
const LONGEST_GAP_MS = 250;

/** A tile that has not changed for this long is taken to hold still. */
export const STILL_AFTER_MS = 300;

/** How lively each tile of the picture is: what keeps changing is shown with less, what holds still is sharpened. */
export class Activity {
  #size: Size = { width: 0, height: 0 };
  #changedAtMs = new Float64Array(0);
  #streak = new Uint8Array(0);

  /** The picture changed there. */
  changed(tiles: DirtyTiles, nowMs: number): void {
    if (!sameSize(tiles.size, this.#size)) this.#begin(tiles.size);
    const across = tilesAcross(this.#size.width);
    tiles.forEach((_, tileX, tileY) => {
      const tile = tileY * across + tileX;
      const goesOn = nowMs - this.#changedAtMs[tile]! <= LONGEST_GAP_MS;
      this.#streak[tile] = goesOn ? Math.min(this.#streak[tile]! + 1, MOVING_CHANGES) : 1;
      this.#changedAtMs[tile] = nowMs;
    });
  }

  /** Whether a tile keeps changing. */
  isMoving(tileX: number, tileY: number, nowMs: number): boolean {
    const tile = tileY * tilesAcross(this.#size.width) + tileX;
    return this.#streak[tile]! >= MOVING_CHANGES && nowMs - this.#changedAtMs[tile]! <= LONGEST_GAP_MS;
  }

  /** Whether a tile has held still for a while. */
  isStill(tileX: number, tileY: number, nowMs: number): boolean {
    const tile = tileY * tilesAcross(this.#size.width) + tileX;
    return nowMs - this.#changedAtMs[tile]! >= STILL_AFTER_MS;
  }

  #begin(size: Size): void {
    this.#size = size;
    this.#changedAtMs = new Float64Array(tileCount(size)).fill(Number.NEGATIVE_INFINITY);
    this.#streak = new Uint8Array(tileCount(size));
  }
}

import { boxArea, type DirtyTiles, tileCount } from '../pixels/dirty-tiles.ts';
import { areaPx, type Size, sameSize } from '../pixels/rect.ts';

/**
 * A place that was still for this long before it changed did not keep changing: slides that follow each other more slowly
 * than this are to be read, and no video.
 */
export const STILL_AFTER_MS = 1000;

/**
 * How much of the screen keeps changing. It looks at each tile by itself: two small films that change in turns are
 * together what they are, and not one large film at twice the rate.
 */
export class ChangeMeter {
  #size: Size = { width: 0, height: 0 };
  #boxes = new Uint32Array(0);
  /** By tile: when it changed last, and how many pixels of it if it kept changing then, else 0. */
  #changedAtMs = new Float64Array(0);
  #movingPx = new Uint16Array(0);

  /**
   * The tiles changed in a frame that was captured `nowMs`, upon damage that was noticed at `damagedAtMs`. What lies
   * between the two was no calm: the frame had to wait, for a viewer or for the highest rate.
   */
  changed(tiles: DirtyTiles, damagedAtMs: number, nowMs: number): void {
    if (!sameSize(tiles.size, this.#size)) this.#resize(tiles.size);
    tiles.writeTo(this.#boxes);
    for (let i = 0; i < this.#boxes.length; i++) {
      const box = this.#boxes[i]!;
      if (box === 0) continue;
      const keepsChanging = damagedAtMs - this.#changedAtMs[i]! <= STILL_AFTER_MS;
      this.#movingPx[i] = keepsChanging ? boxArea(box) : 0;
      this.#changedAtMs[i] = nowMs;
    }
  }

  /** 0 to 1. */
  movingShare(nowMs: number): number {
    let moving = 0;
    for (let i = 0; i < this.#movingPx.length; i++) {
      if (nowMs - this.#changedAtMs[i]! <= STILL_AFTER_MS) moving += this.#movingPx[i]!;
    }
    return moving === 0 ? 0 : moving / areaPx(this.#size);
  }

  #resize(size: Size): void {
    const tiles = tileCount(size);
    this.#size = size;
    this.#boxes = new Uint32Array(tiles);
    this.#changedAtMs = new Float64Array(tiles).fill(Number.NEGATIVE_INFINITY);
    this.#movingPx = new Uint16Array(tiles);
  }
}

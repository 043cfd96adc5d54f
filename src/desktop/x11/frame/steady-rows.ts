import { TILE_SIZE } from '../../../pixels/dirty-tiles.ts';
import type { Rect, Size } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL, type SharedFrame } from '../../../pixels/shared-frame.ts';
import { MOST_ROWS } from './row-queue.ts';

const UNSETTLED = MOST_ROWS;

/**
 * Captures in a row that must have changed a row of tiles before the next one is taken for granted. A smaller value
 * takes a page that is scrolled for a film; with a larger one a film costs more at its beginning.
 */
export const SURE_AFTER = 4;

/**
 * Every so many captures, a row is compared all the same: what stands still again is noticed then if its samples missed
 * it. A larger value notices later, a smaller one saves less.
 */
export const CHECK_EVERY = 8;

/** Share of the damaged pixels that must have changed. A film has pixels that stay the same by chance. */
const CHANGED_SHARE = 7 / 8;

/** Every so many pixels of a row of pixels, one is a sample: 16 in a tile. */
const SAMPLE_STEP = 4;

/**
 * Samples of a tile that must have changed. With fewer, a still tile with a caret counts as changed; with more, some
 * frames of a dark film are compared.
 */
const LEAST_CHANGED = 4;

const COLOUR_MASK = 0xffffff;

/**
 * Rows of tiles in which every pixel keeps changing, as in a film. Such a row is not compared with the shown picture: a
 * scan replaces it there and counts its colours, and all of its damage counts as changed. Samples of each tile tell
 * whether the row still changes. `incoming` is then out of date in this row, and must be settled before the row is
 * compared: the kernels rely on `incoming` and `shown` being equal next to the damage.
 *
 * Shared words of 32 bits, two for each row: the captures in a row in which it changed, and whether it is unsettled. A
 * row is scanned by one thread at a time.
 */
export class SteadyRows {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly #frame: SharedFrame;

  static createWords(): Int32Array<SharedArrayBuffer> {
    return new Int32Array(new SharedArrayBuffer(2 * MOST_ROWS * Int32Array.BYTES_PER_ELEMENT));
  }

  constructor(words: Int32Array<SharedArrayBuffer>, frame: SharedFrame) {
    this.words = words;
    this.#frame = frame;
  }

  /** Whether the row can be expected to change in this capture. */
  isSteady(tileRow: number): boolean {
    const captures = this.words[tileRow]!;
    return captures >= SURE_AFTER && (captures + tileRow) % CHECK_EVERY !== 0;
  }

  /** The pixels to read into `incoming` for `differs`: one row of pixels of the damage, another one in each capture. */
  samples(tileRow: number, { x, y, width, height }: Rect): Rect {
    // Steps of a prime reach all rows of pixels.
    return { x, y: y + ((this.words[tileRow]! * 29) % height), width, height: 1 };
  }

  /** Whether each tile differs from the shown picture in enough of the samples. */
  differs({ x, y, width }: Rect, size: Size): boolean {
    const { memory, incomingAt, shownAt } = this.#frame;
    const first = (y * size.width + x) * Uint32Array.BYTES_PER_ELEMENT;
    const now = new Uint32Array(memory.buffer, incomingAt + first, width);
    const before = new Uint32Array(memory.buffer, shownAt + first, width);
    for (let from = 0; from < width; ) {
      const end = Math.min(width, from + TILE_SIZE - ((x + from) % TILE_SIZE));
      let changed = 0;
      for (let at = from; at < end; at += SAMPLE_STEP)
        if (((now[at]! ^ before[at]!) & COLOUR_MASK) !== 0) changed++;
      if (changed < Math.min(LEAST_CHANGED, Math.ceil((end - from) / SAMPLE_STEP))) return false;
      from = end;
    }
    return true;
  }

  /** The row was replaced in `shown`. */
  replaced(tileRow: number): void {
    this.words[tileRow]!++;
    this.words[UNSETTLED + tileRow] = 1;
  }

  /** Makes `incoming` equal to `shown` in this row of tiles. */
  settle(tileRow: number, size: Size): void {
    if (this.words[UNSETTLED + tileRow] === 0) return;
    this.words[UNSETTLED + tileRow] = 0;
    const { memory, incomingAt, shownAt } = this.#frame;
    const rowBytes = size.width * BYTES_PER_PIXEL;
    const from = tileRow * TILE_SIZE * rowBytes;
    const end = Math.min(size.height, (tileRow + 1) * TILE_SIZE) * rowBytes;
    new Uint8Array(memory.buffer).copyWithin(incomingAt + from, shownAt + from, shownAt + end);
  }

  /** The row was compared: of its damaged pixels, so many have changed. */
  compared(tileRow: number, changedPx: number, damagedPx: number): void {
    this.words[tileRow] = changedPx >= damagedPx * CHANGED_SHARE ? this.words[tileRow]! + 1 : 0;
  }

  /** The row was compared in another way. */
  forget(tileRow: number): void {
    this.words[tileRow] = 0;
  }
}

import { DirtyTiles, tileCount, tilesAcross } from '../../pixels/dirty-tiles.ts';
import type { Kernels } from '../../pixels/kernels/kernels.ts';
import type { Size } from '../../pixels/rect.ts';
import type { SharedFrame } from '../../pixels/shared-frame.ts';
import type { FramebufferFile } from './framebuffer-file.ts';

/**
 * A scan goes through the rows of tiles that are damaged: it reads a row from the framebuffer file, and compares
 * it while it is still in the cache. The frame thread and its helpers take rows in turn from a shared counter,
 * so that a whole screen is scanned by as many cores as are free and a small change by the frame thread alone.
 *
 * Shared words, by index:
 *
 * ```
 * GENERATION   counts scans that want help; helpers sleep on it
 * NEXT_ROW     the row that is taken next; CLOSED between scans
 * ROWS_DONE    rows finished; the frame thread sleeps on it
 * WIDTH, HEIGHT, FLAGS   what is scanned: written before NEXT_ROW opens a scan, so whoever has taken a row
 *              reads those of its scan
 * READ_US, COMPARE_US    time spent, summed over all threads
 * FAILED       set where a row could not be read
 * FINISHED + n whether row n is done
 * ```
 */
const GENERATION = 0;
const NEXT_ROW = 1;
const ROWS_DONE = 2;
const WIDTH = 3;
const HEIGHT = 4;
const FLAGS = 5;
const READ_US = 6;
const COMPARE_US = 7;
const FAILED = 8;
const FINISHED = 9;

/** Rows of tiles of the largest picture there can be: X's coordinates end at 32767. */
const MOST_ROWS = 512;
const WORDS = FINISHED + MOST_ROWS;

/** More rows than any picture has, with room to count on. */
const CLOSED = 1 << 30;

const FLAG_EVERYTHING = 1;
const FLAG_COMMIT = 2;

/** Fewer damaged tiles than this (half a million pixels) are scanned before a helper would have woken up. */
const HELP_FROM_TILES = 128;

export type ScanWords = Int32Array<SharedArrayBuffer>;

export const createScanWords = (): ScanWords => {
  const words = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
  words[NEXT_ROW] = CLOSED;
  return words;
};

export interface ScanOptions {
  readonly everything: boolean;
  readonly commitAtOnce: boolean;
}

/**
 * The upper part of a scan is told of when this share of its rows is done: early, so that a viewer soon has something
 * to decode, and enough for the encoders till the rest is done, too.
 */
const TOP_SHARE = 0.15;

/** Times summed over the threads that took part. */
export interface ScanTimes {
  readonly readUs: number;
  readonly compareUs: number;
}

/** One thread's part in scans. */
export class Scanner {
  readonly #words: ScanWords;
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  readonly #file: FramebufferFile;

  constructor(words: ScanWords, frame: SharedFrame, kernels: Kernels, file: FramebufferFile) {
    this.#words = words;
    this.#frame = frame;
    this.#kernels = kernels;
    this.#file = file;
  }

  /**
   * Scans the damage that is in the frame's boxes, with what help there is. Only the frame thread may call it.
   * `onTop` is called at most once, while a large scan goes on: so many rows from the top are done.
   */
  scan(size: Size, { everything, commitAtOnce }: ScanOptions, onTop?: (tileRows: number) => void): ScanTimes {
    const words = this.#words;
    const rows = tilesAcross(size.height);
    words[ROWS_DONE] = 0;
    words[WIDTH] = size.width;
    words[HEIGHT] = size.height;
    words[FLAGS] = (everything ? FLAG_EVERYTHING : 0) | (commitAtOnce ? FLAG_COMMIT : 0);
    words[READ_US] = 0;
    words[COMPARE_US] = 0;
    words[FAILED] = 0;
    words.fill(0, FINISHED, FINISHED + rows);
    Atomics.store(words, NEXT_ROW, 0);
    const isLarge = this.#damagedTiles(size) >= HELP_FROM_TILES;
    if (isLarge) {
      Atomics.add(words, GENERATION, 1);
      Atomics.notify(words, GENERATION);
    }
    let wantsTop = isLarge && !everything && commitAtOnce;
    this.takeRows(() => {
      if (!wantsTop) return;
      const tileRows = this.#rowsFromTop(rows);
      if (tileRows < rows * TOP_SHARE) return;
      wantsTop = false;
      onTop?.(tileRows);
    });
    for (let done = Atomics.load(words, ROWS_DONE); done < rows; done = Atomics.load(words, ROWS_DONE)) {
      Atomics.wait(words, ROWS_DONE, done);
    }
    Atomics.store(words, NEXT_ROW, CLOSED);
    if (words[FAILED]) throw new Error('The framebuffer file could not be read.');
    return { readUs: words[READ_US]!, compareUs: words[COMPARE_US]! };
  }

  /** Sleeps until a scan wants help, and gives it, for ever. For helper threads. */
  help(): never {
    for (let seen = 0; ; seen = Atomics.load(this.#words, GENERATION)) {
      this.takeRows();
      Atomics.wait(this.#words, GENERATION, seen);
    }
  }

  /** Takes rows until none is left. */
  takeRows(onRow?: () => void): void {
    const words = this.#words;
    let tiles: DirtyTiles | undefined;
    for (;;) {
      const row = Atomics.add(words, NEXT_ROW, 1);
      if (row >= CLOSED || row >= tilesAcross(words[HEIGHT]!)) return;
      const size = { width: words[WIDTH]!, height: words[HEIGHT]! };
      try {
        // Rows that others have compared meanwhile look different in here, but those are never taken again.
        tiles ??= new DirtyTiles(size, this.#boxes(size));
        this.#scanRow(row, size, tiles);
      } catch {
        words[FAILED] = 1;
      }
      Atomics.store(words, FINISHED + row, 1);
      Atomics.add(words, ROWS_DONE, 1);
      Atomics.notify(words, ROWS_DONE);
      onRow?.();
    }
  }

  #scanRow(tileRow: number, size: Size, tiles: DirtyTiles): void {
    const rects = tiles.rowRects(tileRow, size.width);
    if (rects.length === 0) return;
    const start = performance.now();
    this.#file.read(rects, size);
    const read = performance.now();
    const flags = this.#words[FLAGS]!;
    this.#kernels.compare(size, {
      everything: (flags & FLAG_EVERYTHING) !== 0,
      commitAtOnce: (flags & FLAG_COMMIT) !== 0,
      tileRow,
    });
    Atomics.add(this.#words, READ_US, Math.round((read - start) * 1000));
    Atomics.add(this.#words, COMPARE_US, Math.round((performance.now() - read) * 1000));
  }

  #rowsFromTop(rows: number): number {
    let row = 0;
    while (row < rows && Atomics.load(this.#words, FINISHED + row) === 1) row++;
    return row;
  }

  #damagedTiles(size: Size): number {
    return this.#boxes(size).reduce((count, box) => count + (box === 0 ? 0 : 1), 0);
  }

  #boxes(size: Size): Uint32Array {
    return new Uint32Array(this.#frame.memory.buffer, this.#frame.boxesAt, tileCount(size));
  }
}

import { DirtyTiles, TILE_SIZE, tileCount, tilesAcross } from '../../../pixels/dirty-tiles.ts';
import { MotionFinder } from '../../../pixels/find-motion.ts';
import type { Kernels } from '../../../pixels/kernels/kernels.ts';
import type { Offset } from '../../../pixels/motion.ts';
import type { Size } from '../../../pixels/rect.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import type { FramebufferFile } from './framebuffer-file.ts';

/**
 * A scan goes through the rows of tiles that are damaged: it reads a row from the framebuffer file, and compares
 * it while it is still in the cache. The frame thread and its helpers take rows in turn from a shared counter,
 * so that a whole screen is scanned by as many cores as are free and a small change by the frame thread alone.
 *
 * Content that has moved is looked for first, in samples. What it is compared with must still be there then, so
 * in such a scan a row is committed as soon as every row that takes content from it has been compared, by whoever
 * was the last: most of it is in the cache still.
 *
 * Shared words, by index:
 *
 * ```
 * GENERATION   counts passes that want help; helpers sleep on it
 * NEXT_ROW     the row that is taken next; CLOSED between passes
 * ROWS_DONE    rows finished by those who took them; the frame thread sleeps on it
 * WIDTH, HEIGHT, PASS, DX, DY, PASSES   what is done: written before NEXT_ROW opens a pass, so whoever has taken a row
 *              reads those of its pass
 * READ_US, COMPARE_US    time spent, summed over all threads
 * FAILED       set where a row could not be read
 * FINISHED + n whether row n is read and compared
 * COMMITTED + n    whether somebody commits row n or has, in a scan of content that has moved
 * ```
 */
const GENERATION = 0;
const NEXT_ROW = 1;
const ROWS_DONE = 2;
const WIDTH = 3;
const HEIGHT = 4;
const PASS = 5;
const DX = 6;
const DY = 7;
const READ_US = 8;
const COMPARE_US = 9;
const FAILED = 10;
const PASSES = 11;
const FINISHED = 12;

/** Rows of tiles of the largest picture there can be: X's coordinates end at 32767. */
const MOST_ROWS = 512;
const COMMITTED = FINISHED + MOST_ROWS;
const WORDS = COMMITTED + MOST_ROWS;

/** More rows than any picture has, with room to count on. */
const CLOSED = 1 << 30;

/** What is done with a row besides reading and comparing it. */
const EVERYTHING = 1;
const MOVED = 2;
const COMMIT = 4;

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

/** What a scan found besides the boxes in the shared frame. Times are summed over the threads that took part. */
export interface Scanned {
  readonly readUs: number;
  readonly compareUs: number;
  /** How far content moved: then the frame has `copies` and `rests`, too. */
  readonly moved: Offset | undefined;
}

/** One thread's part in scans. */
export class Scanner {
  readonly #words: ScanWords;
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  readonly #file: FramebufferFile;
  readonly #motion: MotionFinder;

  constructor(words: ScanWords, frame: SharedFrame, kernels: Kernels, file: FramebufferFile) {
    this.#words = words;
    this.#frame = frame;
    this.#kernels = kernels;
    this.#file = file;
    this.#motion = new MotionFinder(frame, kernels);
  }

  /**
   * Scans `damage`, with what help there is. Only the frame thread may call it. `onTop` is called at most once, while
   * a large scan goes on: so many rows from the top are done.
   */
  scan(
    damage: DirtyTiles,
    { everything, commitAtOnce }: ScanOptions,
    onTop?: (tileRows: number) => void,
  ): Scanned {
    const words = this.#words;
    damage.writeTo(this.#boxes(damage.size));
    words[READ_US] = 0;
    words[COMPARE_US] = 0;
    words[FAILED] = 0;
    const moved = everything ? undefined : this.#findMotion(damage);
    if (moved) this.#clearMotion(damage.size);
    const pass = (everything ? EVERYTHING : 0) | (moved ? MOVED : 0) | (commitAtOnce ? COMMIT : 0);
    const mayTellTop = commitAtOnce && !everything && !moved;
    this.#pass(damage, pass, moved, mayTellTop ? onTop : undefined);
    if (words[FAILED]) throw new Error('The framebuffer file could not be read.');
    return { readUs: words[READ_US]!, compareUs: words[COMPARE_US]!, moved };
  }

  #findMotion(damage: DirtyTiles): Offset | undefined {
    const start = performance.now();
    let readMs = 0;
    const moved = this.#motion.find(damage, (samples) => {
      const readStart = performance.now();
      this.#file.read(samples, damage.size);
      readMs += performance.now() - readStart;
    });
    this.#words[READ_US]! += microseconds(0, readMs);
    this.#words[COMPARE_US]! += microseconds(start + readMs, performance.now());
    return moved;
  }

  /** Rows without damage are not compared, and must not keep what an earlier motion left in them. */
  #clearMotion(size: Size): void {
    const { memory, copiesAt, restsAt } = this.#frame;
    for (const at of [copiesAt, restsAt]) new Uint32Array(memory.buffer, at, tileCount(size)).fill(0);
  }

  /** Goes through all rows once, and returns when the last of them is done. */
  #pass(damage: DirtyTiles, pass: number, moved?: Offset, onTop?: (tileRows: number) => void): void {
    const words = this.#words;
    const { width, height } = damage.size;
    const rows = tilesAcross(height);
    words[ROWS_DONE] = 0;
    words[WIDTH] = width;
    words[HEIGHT] = height;
    words[PASS] = pass;
    words[PASSES]! += 1;
    words[DX] = moved?.dx ?? 0;
    words[DY] = moved?.dy ?? 0;
    words.fill(0, FINISHED, FINISHED + rows);
    words.fill(0, COMMITTED, COMMITTED + rows);
    Atomics.store(words, NEXT_ROW, 0);
    const isLarge = damage.tiles >= HELP_FROM_TILES;
    if (isLarge) {
      Atomics.add(words, GENERATION, 1);
      Atomics.notify(words, GENERATION);
    }
    let wantsTop = isLarge && onTop !== undefined;
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
    let tilesOfPass: number | undefined;
    for (;;) {
      const row = Atomics.add(words, NEXT_ROW, 1);
      if (row >= CLOSED || row >= tilesAcross(words[HEIGHT]!)) return;
      const size = { width: words[WIDTH]!, height: words[HEIGHT]! };
      try {
        // Rows that others have compared meanwhile look different in here, but those are never taken again in this
        // pass. A thread that was held up may find itself in the next one.
        if (!tiles || tilesOfPass !== words[PASSES]) tiles = new DirtyTiles(size, this.#boxes(size));
        tilesOfPass = words[PASSES];
        this.#scanRow(row, size, tiles);
      } catch {
        words[FAILED] = 1;
      }
      Atomics.store(words, FINISHED + row, 1);
      if (commitsLate(words[PASS]!)) this.#commitAround(row, size);
      // Not before: once all rows are done the words are those of the next pass.
      Atomics.add(words, ROWS_DONE, 1);
      Atomics.notify(words, ROWS_DONE);
      onRow?.();
    }
  }

  #scanRow(tileRow: number, size: Size, tiles: DirtyTiles): void {
    const rects = tiles.rowRects(tileRow, size.width);
    if (rects.length === 0) return;
    const words = this.#words;
    const pass = words[PASS]!;
    const start = performance.now();
    this.#file.read(rects, size);
    const read = performance.now();
    this.#kernels.compare(size, {
      everything: (pass & EVERYTHING) !== 0,
      commitAtOnce: (pass & COMMIT) !== 0 && !commitsLate(pass),
      moved: pass & MOVED ? { dx: words[DX]!, dy: words[DY]! } : undefined,
      tileRow,
    });
    Atomics.add(words, READ_US, microseconds(start, read));
    Atomics.add(words, COMPARE_US, microseconds(read, performance.now()));
  }

  /** Commits the rows that had to wait for this one, and now for no other. */
  #commitAround(tileRow: number, size: Size): void {
    const words = this.#words;
    const dy = words[DY]!;
    const rows = tilesAcross(size.height);
    const reach = Math.ceil(Math.abs(dy) / TILE_SIZE);
    // Content that moved up came from below: a row is needed by itself and those above it, else by those below.
    const above = dy < 0 ? reach : 0;
    const below = dy < 0 ? 0 : reach;
    for (let row = Math.max(0, tileRow - below); row <= Math.min(rows - 1, tileRow + above); row++) {
      if (!this.#areFinished(Math.max(0, row - above), Math.min(rows - 1, row + below))) continue;
      if (Atomics.exchange(words, COMMITTED + row, 1) === 1) continue;
      const start = performance.now();
      this.#kernels.commit(size, row);
      Atomics.add(words, COMPARE_US, microseconds(start, performance.now()));
    }
  }

  #areFinished(first: number, last: number): boolean {
    for (let row = first; row <= last; row++) {
      if (Atomics.load(this.#words, FINISHED + row) === 0) return false;
    }
    return true;
  }

  #rowsFromTop(rows: number): number {
    let row = 0;
    while (row < rows && Atomics.load(this.#words, FINISHED + row) === 1) row++;
    return row;
  }

  #boxes(size: Size): Uint32Array {
    return new Uint32Array(this.#frame.memory.buffer, this.#frame.boxesAt, tileCount(size));
  }
}

const commitsLate = (pass: number): boolean => (pass & MOVED) !== 0 && (pass & COMMIT) !== 0;

const microseconds = (startMs: number, endMs: number): number => Math.round((endMs - startMs) * 1000);

import { DirtyTiles, packedAreaPx, TILE_SIZE, tileCount, tilesAcross } from '../../../pixels/dirty-tiles.ts';
import { MotionFinder } from '../../../pixels/find-motion.ts';
import type { Kernels } from '../../../pixels/kernels/kernels.ts';
import type { Offset } from '../../../pixels/motion.ts';
import { areaPx, type Rect, type Size } from '../../../pixels/rect.ts';
import { MOST_MOTIONS, type SharedFrame } from '../../../pixels/shared-frame.ts';
import type { CaptureResult } from './frame-source.ts';
import type { FramebufferFile } from './framebuffer-file.ts';
import { RowQueue } from './row-queue.ts';
import { SteadyRows } from './steady-rows.ts';

/**
 * Shared words of one pass, by index. The frame thread writes them before it opens the pass.
 *
 * ```
 * WIDTH, HEIGHT            size of the picture
 * MODE                     bits: EVERYTHING, COMMIT
 * READ_US, COMPARE_US      time spent, added up by all threads
 * FAILED                   1 if a row could not be read
 * MOTIONS                  number of motions
 * OFFSETS + 2 n            how far content moved by motion n: dx, dy
 * ```
 */
const WIDTH = 0;
const HEIGHT = 1;
const MODE = 2;
const READ_US = 3;
const COMPARE_US = 4;
const FAILED = 5;
const MOTIONS = 6;
const OFFSETS = 7;
const WORDS = OFFSETS + 2 * MOST_MOTIONS;

/** Bits of MODE: what is done with a row after it was read and compared. */
const EVERYTHING = 1;
const COMMIT = 2;

/**
 * Tiles (half a million pixels) from which a scan wakes the helpers. With fewer the scan is over before a helper has
 * woken up; with more the frame thread would do alone what two threads do in less time.
 */
export const HELP_FROM_TILES = 128;

/**
 * Share of the rows that are done when a scan reports its top. With a smaller share the encoders run out of work
 * before the rest is done; with a larger one viewers begin to decode later.
 */
const TOP_SHARE = 0.15;

/**
 * Milliseconds without a finished row after which the helpers count as dead or hung. A row takes less than 1 ms; the
 * rest is for a helper that waits for a core. The X server is grabbed meanwhile: a larger value stops the desktop's
 * programs for longer after a fault, a smaller one costs an additional whole capture on a busy machine.
 */
const STALL_LIMIT_MS = 300;

/** Memory that the threads of a scan share in addition to the frame. */
export interface ScanMemory {
  readonly queue: SharedArrayBuffer;
  readonly pass: Int32Array<SharedArrayBuffer>;
  /** Words of SteadyRows. */
  readonly steady: Int32Array<SharedArrayBuffer>;
}

export const createScanMemory = (): ScanMemory => ({
  queue: new RowQueue().buffer,
  pass: new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)),
  steady: SteadyRows.createWords(),
});

export interface ScanOptions {
  readonly everything: boolean;
  readonly commitAtOnce: boolean;
}

/**
 * A helper took rows and did not finish them in time. The boxes and both pictures may be incomplete, and the helper may
 * still write to them: end it before the next scan, and take everything as changed then.
 */
export class ScanStalledError extends Error {
  constructor() {
    super('A thread that scans the framebuffer stopped in the middle of its work.');
    this.name = 'ScanStalledError';
  }
}

/**
 * One thread's part in scans. A scan goes through the rows of tiles that are damaged: it reads a row from the
 * framebuffer file and compares it while it is still in the cache. The frame thread and its helpers take rows in turn
 * from a RowQueue. Thus all free cores scan a whole screen, and the frame thread alone scans a small change.
 *
 * A row that keeps changing, as in a film, is not compared: see SteadyRows.
 *
 * A scan first looks for content that has moved, in samples. The content it is compared with must not be overwritten
 * before. In such a scan a row is therefore committed when every row that takes content from it has been compared. The
 * thread that compared the last of those rows commits it: most of the row is still in the cache.
 */
export class Scanner {
  readonly #queue: RowQueue;
  readonly #pass: Int32Array;
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  readonly #file: Pick<FramebufferFile, 'read'>;
  readonly #motion: MotionFinder;
  readonly #steady: SteadyRows;
  readonly #stallLimitMs: number;

  /** `stallLimitMs` differs from the usual limit only in tests. */
  constructor(
    { queue, pass, steady }: ScanMemory,
    frame: SharedFrame,
    kernels: Kernels,
    file: Pick<FramebufferFile, 'read'>,
    stallLimitMs = STALL_LIMIT_MS,
  ) {
    this.#stallLimitMs = stallLimitMs;
    this.#queue = new RowQueue(queue);
    this.#pass = pass;
    this.#frame = frame;
    this.#kernels = kernels;
    this.#file = file;
    this.#motion = new MotionFinder(frame, kernels);
    this.#steady = new SteadyRows(steady, frame);
  }

  /**
   * Scans `damage` together with the helpers. Only the frame thread may call it. A large scan calls `onTop` once, when
   * that many rows from the top are done. Throws ScanStalledError if a helper stops in the middle.
   */
  scan(
    damage: DirtyTiles,
    { everything, commitAtOnce }: ScanOptions,
    onTop?: (tileRows: number) => void,
  ): CaptureResult {
    const pass = this.#pass;
    const { size } = damage;
    damage.writeTo(this.#boxes(size));
    pass.fill(0);
    const moved = everything ? [] : this.#findMotion(damage);
    if (moved.length > 0) this.#clearMotion(size);
    pass[WIDTH] = size.width;
    pass[HEIGHT] = size.height;
    pass[MODE] = (everything ? EVERYTHING : 0) | (commitAtOnce ? COMMIT : 0);
    pass[MOTIONS] = moved.length;
    pass.set(
      moved.flatMap(({ dx, dy }) => [dx, dy]),
      OFFSETS,
    );
    const reportsTop = commitAtOnce && !everything && moved.length === 0;
    this.#scanRows(damage, reportsTop ? onTop : undefined);
    if (pass[FAILED]) throw new Error('The framebuffer file could not be read.');
    return { size, moved, readUs: pass[READ_US]!, compareUs: pass[COMPARE_US]! };
  }

  /** Makes `incoming` equal to `shown` in this row of tiles. Only the frame thread may call it, between scans. */
  settle(tileRow: number, size: Size): void {
    this.#steady.settle(tileRow, size);
  }

  #findMotion(damage: DirtyTiles): readonly Offset[] {
    const start = performance.now();
    let readMs = 0;
    const moved = this.#motion.find(damage, (samples) => {
      const readStart = performance.now();
      this.#file.read(samples, damage.size);
      readMs += performance.now() - readStart;
    });
    this.#pass[READ_US]! += microseconds(0, readMs);
    this.#pass[COMPARE_US]! += microseconds(start + readMs, performance.now());
    return moved;
  }

  /** Clears what an earlier motion left in rows that have no damage now: those are not compared. */
  #clearMotion(size: Size): void {
    const { memory, copiesAt, restsAt } = this.#frame;
    for (const at of [...copiesAt, restsAt]) new Uint32Array(memory.buffer, at, tileCount(size)).fill(0);
  }

  #scanRows(damage: DirtyTiles, onTop?: (tileRows: number) => void): void {
    const queue = this.#queue;
    const rows = tilesAcross(damage.size.height);
    const isLarge = damage.tiles >= HELP_FROM_TILES;
    queue.open(rows, isLarge);
    let reportsTop = isLarge && onTop !== undefined;
    this.#takeRows(() => {
      if (!reportsTop) return;
      const tileRows = queue.finishedFromTop();
      if (tileRows < rows * TOP_SHARE) return;
      reportsTop = false;
      onTop?.(tileRows);
    });
    const isFinished = queue.waitUntilFinished(this.#stallLimitMs);
    queue.close();
    if (!isFinished) throw new ScanStalledError();
  }

  /** Helps with every scan that wants help, until the helpers are dismissed. Only helpers call it. */
  help(): void {
    for (let seen = 0; !this.#queue.isDismissed; seen = this.#queue.wakeups) {
      this.#takeRows();
      this.#queue.sleep(seen);
    }
  }

  #takeRows(onRow?: () => void): void {
    const queue = this.#queue;
    const pass = this.#pass;
    let tiles: DirtyTiles | undefined;
    let passOfTiles: number | undefined;
    for (let row = queue.take(); row !== undefined; row = queue.take()) {
      const size = { width: pass[WIDTH]!, height: pass[HEIGHT]! };
      try {
        // Rows that other threads have compared since look different in here, but no thread takes those again in this
        // pass. A helper may come here from an earlier one.
        if (!tiles || passOfTiles !== queue.pass) tiles = new DirtyTiles(size, this.#boxes(size));
        passOfTiles = queue.pass;
        this.#scanRow(row, size, tiles);
      } catch {
        pass[FAILED] = 1;
      }
      queue.finish(row);
      if (this.#commitsLate) this.#commitAround(row, size);
      queue.leave();
      onRow?.();
    }
  }

  #scanRow(tileRow: number, size: Size, tiles: DirtyTiles): void {
    const rects = tiles.rowRects(tileRow, size.width);
    if (rects.length === 0) return;
    const pass = this.#pass;
    const start = performance.now();
    if (this.#replaceRow(tileRow, rects, size, tiles)) {
      Atomics.add(pass, READ_US, microseconds(start, performance.now()));
      return;
    }
    this.#steady.settle(tileRow, size);
    this.#file.read(rects, size);
    const read = performance.now();
    this.#compareRow(tileRow, size, tiles);
    Atomics.add(pass, READ_US, microseconds(start, read));
    Atomics.add(pass, COMPARE_US, microseconds(read, performance.now()));
  }

  /** Reads a row that keeps changing straight into the shown picture. Returns whether it is such a row. */
  #replaceRow(tileRow: number, rects: readonly Rect[], size: Size, tiles: DirtyTiles): boolean {
    const steady = this.#steady;
    const [rect] = rects;
    if (
      this.#pass[MODE] !== COMMIT ||
      this.#pass[MOTIONS] !== 0 ||
      rects.length > 1 ||
      !rect ||
      !steady.isSteady(tileRow)
    )
      return false;
    if (areaPx(rect) !== tiles.rowAreaPx(tileRow)) return false;
    const samples = steady.samples(tileRow, rect);
    this.#file.read([samples], size);
    if (!steady.differs(samples, size)) return false;
    this.#file.read(rects, size, 'shown');
    // What follows a film may be a page of text, which then stands still and is not compared for long.
    this.#kernels.countColours(size, tileRow);
    steady.replaced(tileRow);
    return true;
  }

  #compareRow(tileRow: number, size: Size, tiles: DirtyTiles): void {
    const pass = this.#pass;
    const mode = pass[MODE]!;
    this.#kernels.compare(size, {
      everything: (mode & EVERYTHING) !== 0,
      commitAtOnce: (mode & COMMIT) !== 0 && !this.#commitsLate,
      moved: this.#moved,
      tileRow,
    });
    if ((mode & EVERYTHING) === 0 && pass[MOTIONS] === 0) {
      const changed = packedAreaPx(this.#boxes(size), tileRow, size);
      this.#steady.compared(tileRow, changed, tiles.rowAreaPx(tileRow));
    } else {
      this.#steady.forget(tileRow);
    }
  }

  /** Commits the rows that waited for this one and wait for no other. */
  #commitAround(tileRow: number, size: Size): void {
    const queue = this.#queue;
    const rows = tilesAcross(size.height);
    // Content that moved up came from below: the row itself and those above it take content from a row. Otherwise
    // the row itself and those below do.
    const steps = this.#moved.map(({ dy }) => dy);
    const above = Math.ceil(-Math.min(0, ...steps) / TILE_SIZE);
    const below = Math.ceil(Math.max(0, ...steps) / TILE_SIZE);
    for (let row = Math.max(0, tileRow - below); row <= Math.min(rows - 1, tileRow + above); row++) {
      if (!queue.areFinished(Math.max(0, row - above), Math.min(rows - 1, row + below))) continue;
      if (!queue.claimCommit(row)) continue;
      const start = performance.now();
      this.#kernels.commit(size, row);
      Atomics.add(this.#pass, COMPARE_US, microseconds(start, performance.now()));
    }
  }

  get #moved(): readonly Offset[] {
    const pass = this.#pass;
    const at = (motion: number): number => OFFSETS + 2 * motion;
    return Array.from({ length: pass[MOTIONS]! }, (_, i) => ({ dx: pass[at(i)]!, dy: pass[at(i) + 1]! }));
  }

  /** Whether a row is committed only when the rows that take content from it have been compared. */
  get #commitsLate(): boolean {
    return (this.#pass[MODE]! & COMMIT) !== 0 && this.#pass[MOTIONS]! > 0;
  }

  #boxes(size: Size): Uint32Array {
    return new Uint32Array(this.#frame.memory.buffer, this.#frame.boxesAt, tileCount(size));
  }
}

const microseconds = (startMs: number, endMs: number): number => Math.round((endMs - startMs) * 1000);

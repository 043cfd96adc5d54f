import { TILE_SIZE, tilesAcross } from '../dirty-tiles.ts';
import { areaPx, type Size } from '../rect.ts';
import { BYTES_PER_PIXEL, type SharedFrame } from '../shared-frame.ts';

export interface CompareOptions {
  /** Take every box as changed: `shown` has nothing worth comparing with. */
  readonly everything?: boolean;
  /** Copy what changed to `shown` at once. Nobody may be reading `shown`. */
  readonly commitAtOnce?: boolean;
  /** Only this row of tiles, counted from the top; else all of them. */
  readonly tileRow?: number;
}

/** Threads that may run kernels on one frame at the same time: each has scratch of its own in the first page. */
export const MOST_LANES = 8;

/** The first of the lanes' scratch in the frame's first page; below it lies the compiler's own. */
const SCRATCH_AT = 0x4000;
const SCRATCH_BYTES = 0x1000;

/**
 * The pixel kernels on one shared frame. Threads that write the frame may run them at the same time on
 * different rows of tiles.
 */
export interface Kernels {
  /**
   * Turns the damage in the frame's boxes (one packed box a tile, `boxesAt`) into what differs between
   * `incoming` and `shown`, exact to the pixel, and counts the colours of the tiles that changed.
   * Returns how many tiles changed.
   */
  compare(size: Size, options?: CompareOptions): number;
  /** Copies what is in the frame's boxes from `incoming` to `shown`. */
  commit(size: Size): void;
}

type CompareExport = (
  table: number,
  incoming: number,
  shown: number,
  boxes: number,
  colours: number,
  width: number,
  height: number,
  everything: number,
  commitAtOnce: number,
) => number;

type CommitExport = (incoming: number, shown: number, boxes: number, width: number, height: number) => void;

/**
 * `module` is kernels.wasm, compiled; one module serves any number of frames and threads. `lane` is a number
 * below MOST_LANES that no other thread on this frame has.
 */
export function createKernels(module: WebAssembly.Module, frame: SharedFrame, lane = 0): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: frame.memory } });
  const compare = exports.compare as CompareExport;
  const commit = exports.commit as CommitExport;
  const { incomingAt, shownAt, boxesAt, coloursAt } = frame;
  const scratchAt = SCRATCH_AT + lane * SCRATCH_BYTES;
  const check = (size: Size): void => {
    if (areaPx(size) > areaPx(frame.maxSize)) throw new RangeError('picture larger than its frame');
  };
  return {
    compare(size, { everything = false, commitAtOnce = false, tileRow } = {}) {
      check(size);
      const { width } = size;
      const top = (tileRow ?? 0) * TILE_SIZE;
      const height = tileRow === undefined ? size.height : Math.min(TILE_SIZE, size.height - top);
      const band = top * width * BYTES_PER_PIXEL;
      const tile = (tileRow ?? 0) * tilesAcross(width);
      return compare(
        scratchAt,
        incomingAt + band,
        shownAt + band,
        boxesAt + tile * Uint32Array.BYTES_PER_ELEMENT,
        coloursAt + tile * Uint16Array.BYTES_PER_ELEMENT,
        width,
        height,
        +everything,
        +commitAtOnce,
      );
    },
    commit(size) {
      check(size);
      commit(incomingAt, shownAt, boxesAt, size.width, size.height);
    },
  };
}

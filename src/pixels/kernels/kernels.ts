import { areaPx, type Size } from '../rect.ts';
import type { SharedFrame } from '../shared-frame.ts';

export interface CompareOptions {
  /** Take every box as changed: `shown` has nothing worth comparing with. */
  readonly everything?: boolean;
  /** Copy what changed to `shown` at once. Nobody may be reading `shown`. */
  readonly commitAtOnce?: boolean;
}

/**
 * The pixel kernels on one shared frame. Only the thread that writes the frame may call them: the colour
 * counter's table lies in the frame's first page.
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

/** `module` is kernels.wasm, compiled; one module serves any number of frames and threads. */
export function createKernels(module: WebAssembly.Module, frame: SharedFrame): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: frame.memory } });
  const compare = exports.compare as CompareExport;
  const commit = exports.commit as CommitExport;
  const { incomingAt, shownAt, boxesAt, coloursAt } = frame;
  const check = (size: Size): void => {
    if (areaPx(size) > areaPx(frame.maxSize)) throw new RangeError('picture larger than its frame');
  };
  return {
    compare(size, { everything = false, commitAtOnce = false } = {}) {
      check(size);
      const { width, height } = size;
      return compare(incomingAt, shownAt, boxesAt, coloursAt, width, height, +everything, +commitAtOnce);
    },
    commit(size) {
      check(size);
      commit(incomingAt, shownAt, boxesAt, size.width, size.height);
    },
  };
}

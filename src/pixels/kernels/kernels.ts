import { TILE_SIZE, tilesAcross } from '../dirty-tiles.ts';
import type { Offset } from '../motion.ts';
import { areaPx, type Size } from '../rect.ts';
import { ANCHORS, BYTES_PER_PIXEL, type SharedFrame } from '../shared-frame.ts';

interface CompareOptions {
  /** Take every box as changed: `shown` has nothing worth comparing with. */
  readonly everything?: boolean;
  /** Copy what changed to `shown` at once. Nobody may be reading `shown`. */
  readonly commitAtOnce?: boolean;
  /** Only this row of tiles, counted from the top; else all of them. */
  readonly tileRow?: number;
  /**
   * Also find out what has moved that far: the frame's `copies` and `rests`. Not with `everything`; with
   * `commitAtOnce` only for all rows, since what is copied from must still be there.
   */
  readonly moved?: Offset | undefined;
}

/** A run of pixels in one row of a picture. */
interface RowRun {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

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
  /** Copies what is in the frame's boxes from `incoming` to `shown`: all of it, or one row of tiles. */
  commit(size: Size, tileRow?: number): void;
  /**
   * Adds the anchors of a run of pixels (about one in 2 ** `bits`) to the frame's list of that picture, behind the
   * first `count`. Returns how many the list has now. Only one thread of a frame may look for anchors.
   */
  anchors(size: Size, picture: AnchorList, run: RowRun, bits: number, count: number): number;
  /**
   * How many pieces of 64 pixels of a run changed between `shown` and `incoming`, and of those, times PIECES_EXPLAINED,
   * how many look as `shown` did `motion` before them. Pieces that came from outside the picture are not counted.
   */
  movedPieces(size: Size, run: RowRun, motion: Offset): number;
}

/** Sums of what `movedPieces` counts stay apart as long as they are smaller than this. */
export const PIECES_EXPLAINED = 0x10000;

export type AnchorList = 'incoming' | 'shown';

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

type CompareMovedExport = (
  table: number,
  incoming: number,
  shown: number,
  boxes: number,
  copies: number,
  rests: number,
  colours: number,
  width: number,
  height: number,
  top: number,
  pictureHeight: number,
  dx: number,
  dy: number,
) => number;

type CommitExport = (incoming: number, shown: number, boxes: number, width: number, height: number) => void;

type FindAnchorsExport = (
  scratch: number,
  row: number,
  x0: number,
  x1: number,
  y: number,
  bits: number,
  out: number,
  room: number,
) => number;

type MovedPiecesExport = (now: number, before: number, source: number, width: number) => number;

/** Bytes of an anchor: its hash and its place, a word each. */
const ANCHOR_BYTES = 8;

/** Where the frame has its list of a picture's anchors. */
export const anchorsAt = (frame: SharedFrame, picture: AnchorList): number =>
  frame.anchorsAt + (picture === 'shown' ? 0 : ANCHORS * ANCHOR_BYTES);

/**
 * `module` is kernels.wasm, compiled; one module serves any number of frames and threads. `lane` is a number
 * below 8 that no other thread on this frame has: each lane has its own scratch in the frame's first page.
 */
export function createKernels(module: WebAssembly.Module, frame: SharedFrame, lane = 0): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: frame.memory } });
  const compare = exports.compare as CompareExport;
  const compareMoved = exports.compareMoved as CompareMovedExport;
  const commit = exports.commit as CommitExport;
  const findAnchors = exports.findAnchors as FindAnchorsExport;
  const movedPieces = exports.movedPieces as MovedPiecesExport;
  const scratchAt = SCRATCH_AT + lane * SCRATCH_BYTES;

  /** Where a row of tiles, or with undefined all of them, lies in the frame. */
  const bandOf = (size: Size, tileRow: number | undefined) => {
    if (areaPx(size) > areaPx(frame.maxSize)) throw new RangeError('picture larger than its frame');
    const top = (tileRow ?? 0) * TILE_SIZE;
    const bytes = top * size.width * BYTES_PER_PIXEL;
    const tile = (tileRow ?? 0) * tilesAcross(size.width);
    const word = tile * Uint32Array.BYTES_PER_ELEMENT;
    return {
      top,
      height: tileRow === undefined ? size.height : Math.min(TILE_SIZE, size.height - top),
      incoming: frame.incomingAt + bytes,
      shown: frame.shownAt + bytes,
      boxes: frame.boxesAt + word,
      copies: frame.copiesAt + word,
      rests: frame.restsAt + word,
      colours: frame.coloursAt + tile * Uint16Array.BYTES_PER_ELEMENT,
    };
  };

  return {
    compare(size, { everything = false, commitAtOnce = false, tileRow, moved } = {}) {
      const { top, height, incoming, shown, boxes, copies, rests, colours } = bandOf(size, tileRow);
      const { width } = size;
      if (!moved) {
        return compare(scratchAt, incoming, shown, boxes, colours, width, height, +everything, +commitAtOnce);
      }
      const changed = compareMoved(
        scratchAt,
        incoming,
        shown,
        boxes,
        copies,
        rests,
        colours,
        width,
        height,
        top,
        size.height,
        moved.dx,
        moved.dy,
      );
      if (commitAtOnce) commit(incoming, shown, boxes, width, height);
      return changed;
    },
    commit(size, tileRow) {
      const { height, incoming, shown, boxes } = bandOf(size, tileRow);
      commit(incoming, shown, boxes, size.width, height);
    },
    anchors(size, picture, { x, y, width }, bits, count) {
      const pixelsAt = picture === 'shown' ? frame.shownAt : frame.incomingAt;
      const row = pixelsAt + y * size.width * BYTES_PER_PIXEL;
      const out = anchorsAt(frame, picture) + count * ANCHOR_BYTES;
      return count + findAnchors(scratchAt, row, x, x + width, y, bits, out, ANCHORS - count);
    },
    movedPieces(size, run, { dx, dy }) {
      const left = Math.max(run.x, dx);
      const right = Math.min(run.x + run.width, size.width + dx);
      if (left >= right || run.y - dy < 0 || run.y - dy >= size.height) return 0;
      const at = (run.y * size.width + left) * BYTES_PER_PIXEL;
      const shown = frame.shownAt + at;
      const source = shown - (dy * size.width + dx) * BYTES_PER_PIXEL;
      return movedPieces(frame.incomingAt + at, shown, source, right - left);
    },
  };
}

import { TILE_SIZE, tilesAcross } from '../dirty-tiles.ts';
import type { Offset } from '../motion.ts';
import { areaPx, type Size } from '../rect.ts';
import { ANCHORS, BYTES_PER_PIXEL, PIECES, type SharedFrame } from '../shared-frame.ts';
import { entryAt, type ListedPicture } from './place-lists.ts';
import { createStripKernels, type StripKernels } from './strip-kernels.ts';

interface CompareOptions {
  /** Treat every box as changed: `shown` holds nothing worth comparing with. */
  readonly everything?: boolean;
  /** Copy what changed to `shown` at once. No thread may be reading `shown`. */
  readonly commitAtOnce?: boolean;
  /** Only this row of tiles, counted from the top; otherwise all rows. */
  readonly tileRow?: number;
  /**
   * Also find what moved by these offsets, at most MOST_MOTIONS: fills the frame's `copies` and `rests`. Not together
   * with `everything`. Together with `commitAtOnce` only for all rows, because the source of each copy must still be
   * unchanged.
   */
  readonly moved?: readonly Offset[];
}

/** A run of pixels in one row of a picture. */
interface RowRun {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Address of the first lane's scratch, in the frame's first page. The compiler's own data lies below it. */
const SCRATCH_AT = 0x4000;
const SCRATCH_BYTES = 0x1000;

/**
 * The pixel kernels on one shared frame. Several threads that write the frame may run them at the same time on
 * different rows of tiles.
 */
export interface Kernels {
  /**
   * Shrinks the damage in the frame's boxes (one packed box per tile, `boxesAt`) to what differs between `incoming`
   * and `shown`, exact to the pixel. Counts the colours of the tiles that changed. Returns the number of tiles that
   * changed.
   */
  compare(size: Size, options?: CompareOptions): number;
  /** Counts the colours of the tiles of one row that have a box, in `shown`: for pixels that were put there at once. */
  countColours(size: Size, tileRow: number): void;
  /** Copies the frame's boxes from `incoming` to `shown`: all of them, or those of one row of tiles. */
  commit(size: Size, tileRow?: number): void;
  /**
   * Appends the anchors of a run of pixels (about one in 2 ** `bits`) to the frame's list of that picture, behind
   * the first `count`. Returns the new length of the list. Only one thread of a frame may search for anchors.
   */
  anchors(size: Size, picture: ListedPicture, run: RowRun, bits: number, count: number): number;
  /**
   * Appends the pieces of 64 pixels of a run that changed between `shown` and `incoming`, and have more than one
   * colour, to the frame's list of pieces, behind the first `count`. Returns the new length of the list, at most
   * PIECES.
   */
  pieces(size: Size, run: RowRun, count: number): number;
  /**
   * Looks at every `step`th of the first `count` listed pieces, and counts those that equal `shown` at the place that
   * one of the one or two motions implies.
   */
  movedPieces(size: Size, count: number, step: number, motions: readonly Offset[]): number;
  readonly strips: StripKernels;
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

type ListPiecesExport = (
  now: number,
  before: number,
  x: number,
  y: number,
  width: number,
  out: number,
  room: number,
) => number;

type CountMovedExport = (
  incoming: number,
  shown: number,
  width: number,
  height: number,
  pieces: number,
  count: number,
  step: number,
  dx: number,
  dy: number,
  furtherDx: number,
  furtherDy: number,
) => number;

type ExplainRestExport = (
  incoming: number,
  shown: number,
  boxes: number,
  copies: number,
  further: number,
  rests: number,
  width: number,
  height: number,
  top: number,
  pictureHeight: number,
  dx: number,
  dy: number,
) => void;

/**
 * Creates the kernels of one thread. `module` is kernels.wasm, compiled; one module serves any number of frames and
 * threads. `lane` is a number below 8 that no other thread on this frame uses: each lane has its own scratch in the
 * frame's first page.
 */
export function createKernels(module: WebAssembly.Module, frame: SharedFrame, lane = 0): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: frame.memory } });
  const compare = exports.compare as CompareExport;
  const compareMoved = exports.compareMoved as CompareMovedExport;
  const commit = exports.commit as CommitExport;
  const findAnchors = exports.findAnchors as FindAnchorsExport;
  const listPieces = exports.listPieces as ListPiecesExport;
  const countMoved = exports.countMoved as CountMovedExport;
  const explainRest = exports.explainRest as ExplainRestExport;
  const scratchAt = SCRATCH_AT + lane * SCRATCH_BYTES;

  /** Returns the place of a row of tiles in the frame, or of all rows for undefined. */
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
      copies: frame.copiesAt.map((at) => at + word),
      rests: frame.restsAt + word,
      colours: frame.coloursAt + tile * Uint16Array.BYTES_PER_ELEMENT,
    };
  };

  return {
    strips: createStripKernels(exports, frame, scratchAt),
    compare(size, { everything = false, commitAtOnce = false, tileRow, moved = [] } = {}) {
      const { top, height, incoming, shown, boxes, copies, rests, colours } = bandOf(size, tileRow);
      const { width } = size;
      const [first, second] = moved;
      if (!first) {
        return compare(scratchAt, incoming, shown, boxes, colours, width, height, +everything, +commitAtOnce);
      }
      const changed = compareMoved(
        scratchAt,
        incoming,
        shown,
        boxes,
        copies[0]!,
        rests,
        colours,
        width,
        height,
        top,
        size.height,
        first.dx,
        first.dy,
      );
      if (second) {
        const place = [boxes, copies[0]!, copies[1]!, rests, width, height, top, size.height] as const;
        explainRest(incoming, shown, ...place, second.dx, second.dy);
      }
      if (commitAtOnce) commit(incoming, shown, boxes, width, height);
      return changed;
    },
    countColours(size, tileRow) {
      const { height, shown, boxes, colours } = bandOf(size, tileRow);
      // With `everything`, the kernel compares nothing and counts the colours of its first picture.
      compare(scratchAt, shown, shown, boxes, colours, size.width, height, 1, 0);
    },
    commit(size, tileRow) {
      const { height, incoming, shown, boxes } = bandOf(size, tileRow);
      commit(incoming, shown, boxes, size.width, height);
    },
    anchors(size, picture, { x, y, width }, bits, count) {
      const pixelsAt = picture === 'shown' ? frame.shownAt : frame.incomingAt;
      const row = pixelsAt + y * size.width * BYTES_PER_PIXEL;
      const out = entryAt(frame, picture, count);
      return count + findAnchors(scratchAt, row, x, x + width, y, bits, out, ANCHORS - count);
    },
    pieces(size, { x, y, width }, count) {
      const at = (y * size.width + x) * BYTES_PER_PIXEL;
      const out = frame.piecesAt + count * Uint32Array.BYTES_PER_ELEMENT;
      const now = frame.incomingAt + at;
      return count + listPieces(now, frame.shownAt + at, x, y, width, out, PIECES - count);
    },
    movedPieces({ width, height }, count, step, [first, second = first]) {
      if (!first || !second) return 0;
      const { incomingAt, shownAt, piecesAt } = frame;
      const offsets = [first.dx, first.dy, second.dx, second.dy] as const;
      return countMoved(incomingAt, shownAt, width, height, piecesAt, count, step, ...offsets);
    },
  };
}
